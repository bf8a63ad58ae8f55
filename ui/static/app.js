/* The little a page does by itself.  Everything works without it as plain forms; this only saves steps.
   No inline script anywhere: the Content-Security-Policy forbids it. */
"use strict";

const typing = (node) => node && node.closest && node.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const by = (selector, root = document) => Array.from(root.querySelectorAll(selector));

/* --- keyboard and scanner: a scanner is a keyboard that types fast and ends with Enter --------------------------- */
const HAND = 35; /* milliseconds between two keys: no hand is faster for long */
let burst = "";
let burstAt = 0;
let waiting = 0;
let chosen = ""; /* the row that j and k chose: a list that is drawn anew keeps it */

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
  const dialog = document.getElementById("scanner");
  (await import(dialog.dataset.script)).open(dialog);
});

/* Enter in a scan field goes on to the quantity beside it and keeps one empty row ready; alone in its form it is the question,
   and among other fields it makes way, so that the next scan isn't written behind the first. */
function enterScan(field) {
  const row = field.closest("[data-scan-row]");
  if (!row) {
    const next = by("[data-scan]", field.form).find((one) => !one.value);
    if (field.form.method === "get") field.form.requestSubmit();
    else if (next) next.focus();
    else field.select();
    return;
  }
  if (row === row.parentElement.lastElementChild && field.value) spare(row);
  row.querySelectorAll("input")[1]?.focus();
}

function spare(row) {
  const copy = row.cloneNode(true);
  copy.id = `${row.id.replace(/\d+$/, "")}${row.parentElement.children.length}`; /* rows are told apart by it when a refusal comes back */
  by("input", copy).forEach((input) => { input.value = ""; input.defaultValue = ""; input.removeAttribute("aria-invalid"); });
  by("select", copy).forEach((choice) => { choice.value = ""; });
  by(".error", copy).forEach((node) => node.remove());
  row.after(copy);
}

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

/* --- inspection entry: the verdict at once, the server's word later ----------------------------------------------- */
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/* What was typed as the server reads it: full-width digits are digits, invisible marks of a paste are nothing. */
const upright = (text) => text.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
  .replace(/[\u3002\uff61]/g, ".").replace(/\p{Cf}/gu, "").trim();

function judge(form) {
  if (!form) return;
  by("[data-characteristic]", form).forEach((row) => {
    const samples = by(".sample", row);
    let bad = 0;
    let filled = 0;
    for (const sample of samples) {
      const text = upright(sample.value);
      const { min, max, pass } = sample.dataset;
      let state = "";
      if (text && pass !== undefined) state = text === pass ? "in" : "out";
      else if (text && !NUMBER.test(text)) state = "unread"; /* no number yet is no result: it may still become one */
      else if (text) state = (min === "" || Number(text) >= Number(min)) && (max === "" || Number(text) <= Number(max)) ? "in" : "out";
      sample.classList.toggle("in", state === "in");
      sample.classList.toggle("out", state === "out" || state === "unread");
      sample.setAttribute("aria-invalid", String(state === "out" || state === "unread"));
      if (state === "unread") continue;
      if (state) filled += 1;
      if (state === "out") bad += 1;
    }
    const verdict = row.querySelector("[data-verdict]");
    if (!verdict) return;
    const key = bad > Number(row.dataset.accept || 0) ? "fail" : filled === samples.length ? "pass" : filled ? "partial" : "pending";
    by("[data-when]", verdict).forEach((word) => { word.hidden = word.dataset.when !== key; });
  });
}

/* --- the panel of a decision ends where the screen ends: what signs is in sight, however tall the head above it is ----- */
const LEAST = 224; /* px: a field and the button */
function fit() {
  by(".stick.decision, .stick > .decision").forEach((panel) => {
    const above = Math.max(panel.getBoundingClientRect().top, 0);
    panel.style.setProperty("--room", `${Math.max(innerHeight - above - 16, LEAST)}px`);
  });
}
document.addEventListener("scroll", fit, { passive: true });
window.addEventListener("resize", fit);

/* --- small things ------------------------------------------------------------------------------------------------ */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) { opener.closest("details")?.removeAttribute("open"); document.getElementById(opener.dataset.open)?.showModal(); }
  by("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });
