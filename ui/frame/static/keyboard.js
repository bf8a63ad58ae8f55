/* Keyboard and scanner: a scanner is a keyboard that types fast and ends with Enter. */
import { by, typing } from "./dom.js";
import { NUMBER } from "./judging.js";
import { enterScan, spare } from "./rows.js";

const HAND = 35; /* milliseconds between two keys: no hand is faster for long */
let burst = "";
let burstAt = 0;
let waiting = 0;
export let chosen = ""; /* the row that j and k chose: a list that is drawn anew keeps it */

function move(step) {
  const rows = by("[data-row]");
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.classList.contains("selected"));
  const next = Math.min(rows.length - 1, Math.max(0, now + step));
  rows.forEach((row, index) => row.classList.toggle("selected", index === next));
  chosen = rows[next].id;
  rows[next].scrollIntoView({ block: "nearest" });
  const link = rows[next].querySelector("a, button");
  if (link) link.focus({ preventScroll: true });
}

function shortcut(key) {
  if (key === "/") document.getElementById("search")?.focus();
  else if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "s") (document.querySelector("[data-sign]") || document.querySelector("form [type=submit]"))?.focus();
  else if (key === "?") document.getElementById("keyboard-help")?.showModal();
}

function scanned(text) {
  const lines = document.querySelector("main [data-scan-lines]"); /* one number a line */
  if (lines) {
    lines.value += `${lines.value && !lines.value.endsWith("\n") ? "\n" : ""}${text}\n`;
    lines.dispatchEvent(new Event("input", { bubbles: true }));
    lines.focus();
    return;
  }
  const field = document.querySelector("[data-scan]:placeholder-shown, [data-scan][value='']");
  if (field && !field.value) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
    enterScan(field);
    return;
  }
  const search = document.getElementById("search");
  if (search) { search.value = text; search.form.requestSubmit(); }
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.metaKey) return;
  if (event.ctrlKey && event.key === "]" && typing(event.target)) { /* the GS1 separator, as scanners send it */
    event.preventDefault();
    event.target.setRangeText("\u001d", event.target.selectionStart, event.target.selectionEnd, "end");
    burst += "\u001d";
    burstAt = event.timeStamp;
    return;
  }
  if (event.ctrlKey) return;
  if (typing(event.target)) {
    if (event.key === "Enter") {
      if (label(event) || enter(event.target)) event.preventDefault();
      burst = ""; /* the next scan may come at once, and is another */
    }
    if (event.key.length === 1) {
      burst = event.timeStamp - burstAt < HAND ? burst + event.key : event.key;
      burstAt = event.timeStamp;
    }
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "Shift") return; /* scanners send it before capitals */
  const fast = event.timeStamp - burstAt < 60;
  burstAt = event.timeStamp;
  if (event.key === "Enter" && fast && burst.length >= 4) {
    event.preventDefault();
    const text = burst;
    burst = "";
    scanned(text);
    return;
  }
  if (event.key.length !== 1) { burst = ""; return; }
  burst = fast ? burst + event.key : event.key;
  clearTimeout(waiting);
  if (event.key === "/") { event.preventDefault(); shortcut("/"); return; }
  if (burst.length === 1) waiting = setTimeout(() => shortcut(event.key), 70); /* a second character soon means a scanner */
});

/* A camera is a scanner too: its code is loaded when somebody first asks for it (scan.js). */
document.addEventListener("scanned", (event) => scanned(event.detail));
document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-camera]")) return;
  (await import("./scan.js")).open(document.getElementById("scanner"));
});

/* A label scanned while a quantity is asked for: serial units and cases have none, so scan follows scan.  It becomes the next
   line.  A balance types fast too, but a number of a few digits. */
function label(event) {
  const row = event.target.closest("[data-scan-row]");
  const number = NUMBER.test(burst) && (burst.length < 8 || burst.includes("."));
  if (!row || event.target.inputMode !== "decimal" || event.timeStamp - burstAt > 200 || burst.length < 4 || number) return false;
  if (!event.target.value.endsWith(burst)) return false;
  const free = () => by("[data-scan]", row.parentElement).find((one) => !one.value);
  if (!free()) spare(row.parentElement.lastElementChild);
  const field = free();
  event.target.value = event.target.value.slice(0, -burst.length);
  field.value = burst;
  burst = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  enterScan(field);
  return true;
}

/* What Enter does in a field, where it isn't "send the form": lines and samples are many and are sent once, when all are
   there (a gauge ends each value with Enter, a scanner each number), and behind a password stands the signature. */
function enter(field) {
  if (field.matches("[data-scan]")) { enterScan(field); return true; }
  const row = field.closest("[data-scan-row]");
  if (row && field.matches("input")) {
    const rest = by("input", row);
    const beside = rest[rest.indexOf(field) + 1];
    if (!beside && !row.nextElementSibling && rest[0].value) spare(row);
    (beside || row.nextElementSibling?.querySelector("input") || field).focus();
    return true;
  }
  if (field.matches("input.sample")) {
    const samples = by("input.sample:enabled", field.form);
    const next = samples[samples.indexOf(field) + 1];
    if (next) { next.focus(); next.select(); } else field.form.querySelector("button[name=save]")?.focus();
    return true;
  }
  if (field.matches("[data-sign]")) {
    const sign = by("button:not([name]):not([type=button])", field.form).at(-1);
    if (sign) { field.form.requestSubmit(sign); return true; }
  }
  return false;
}
