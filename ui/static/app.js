/* The little a page does by itself.  Everything works without it as plain forms; this only saves steps.
   No inline script anywhere: the Content-Security-Policy forbids it. */
"use strict";

const typing = (node) => node && node.closest && node.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const by = (selector, root = document) => Array.from(root.querySelectorAll(selector));

/* --- keyboard and scanner: a scanner is a keyboard that types fast and ends with Enter --------------------------- */
let burst = "";
let burstAt = 0;
let waiting = 0;

function move(step) {
  const rows = by("[data-row]");
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.classList.contains("selected"));
  const next = Math.min(rows.length - 1, Math.max(0, now + step));
  rows.forEach((row, index) => row.classList.toggle("selected", index === next));
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
  if (field && !field.value) { field.value = text; field.focus(); enterScan(field); return; }
  const search = document.getElementById("search");
  if (search) { search.value = text; search.form.requestSubmit(); }
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.metaKey) return;
  if (event.ctrlKey && event.key === "]" && typing(event.target)) { /* the GS1 separator, as scanners send it */
    event.preventDefault();
    event.target.setRangeText("\u001d", event.target.selectionStart, event.target.selectionEnd, "end");
    return;
  }
  if (event.ctrlKey) return;
  if (typing(event.target)) {
    if (event.key === "Enter" && event.target.matches("[data-scan]")) { event.preventDefault(); enterScan(event.target); }
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

/* Enter in a scan field goes on to the quantity beside it and keeps one empty row ready. */
function enterScan(field) {
  const row = field.closest("[data-scan-row]");
  if (!row) return;
  const rows = row.parentElement;
  if (row === rows.lastElementChild && field.value) {
    const copy = row.cloneNode(true);
    copy.id = `line-${rows.children.length}`; /* rows are told apart by it when a refusal comes back */
    by("input", copy).forEach((input) => { input.value = ""; input.removeAttribute("aria-invalid"); });
    by("select", copy).forEach((choice) => { choice.value = ""; });
    by(".error", copy).forEach((node) => node.remove());
    rows.append(copy);
  }
  row.querySelectorAll("input")[1]?.focus();
}

/* --- nothing typed is lost: forms with data-draft are kept per person until the server took them ------------------ */
const drafts = {
  name: (form) => `draft:${document.body.dataset.login || ""}:${form.dataset.draft}`,
  fields: (form) => Array.from(form.elements).filter((field) => field.name && !["password", "hidden", "file", "submit"].includes(field.type)),
  save(form) {
    const values = drafts.fields(form).map((field) => [field.name, ["checkbox", "radio"].includes(field.type) ? field.checked : field.value, field.type, field.value]);
    localStorage.setItem(drafts.name(form), JSON.stringify(values));
  },
  restore(form) {
    const kept = localStorage.getItem(drafts.name(form));
    if (!kept || form.dataset.refused !== undefined) return;
    const seen = {};
    const asked = new URLSearchParams(location.search); /* a link to a drill opens a drill, whatever was chosen last time */
    for (const [name, value, type, answer] of JSON.parse(kept)) {
      const same = drafts.fields(form).filter((field) => field.name === name);
      if (type === "checkbox" || type === "radio") {
        if (asked.has(name)) continue;
        const field = same.find((candidate) => candidate.value === answer && !candidate.disabled);
        if (field) field.checked = value;
        continue;
      }
      const index = seen[name] = (seen[name] ?? -1) + 1;
      if (!same[index] && value && same[0]?.matches("[data-scan]")) enterScan(same.at(-1));
      const field = drafts.fields(form).filter((candidate) => candidate.name === name)[index];
      if (field && value && !field.value) field.value = value;
    }
    judge(form);
  },
};

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (form) drafts.save(form);
  if (event.target.matches(".sample")) judge(event.target.closest("form"));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.submitter?.matches("[data-forget-drafts]")) {
    Object.keys(localStorage).filter((key) => key.startsWith(`draft:${document.body.dataset.login || ""}:`)).forEach((key) => localStorage.removeItem(key));
  }
  if (form.dataset.draft) sessionStorage.setItem("sent", drafts.name(form));
  if (form.method === "post") { /* a second press while the first is being recorded does nothing */
    if (form.dataset.busy) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    form.dataset.busy = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    by("[data-unanswered]", form).forEach((node) => node.remove());
  }
}, true);

function idle(root) {
  by("form[data-busy]", root).forEach((form) => delete form.dataset.busy);
  by("[aria-busy]", root).forEach((button) => button.removeAttribute("aria-busy"));
}

/* --- inspection entry: the verdict at once, the server's word later ----------------------------------------------- */
function judge(form) {
  if (!form) return;
  by("[data-characteristic]", form).forEach((row) => {
    const samples = by(".sample", row);
    let bad = 0;
    let filled = 0;
    for (const sample of samples) {
      const text = sample.value.trim();
      const number = Number(text);
      const { min, max, pass } = sample.dataset;
      let state = "";
      if (text && pass !== undefined) state = text === pass ? "in" : "out";
      else if (text) state = Number.isFinite(number) && (min === "" || number >= Number(min)) && (max === "" || number <= Number(max)) ? "in" : "out";
      sample.classList.toggle("in", state === "in");
      sample.classList.toggle("out", state === "out");
      sample.setAttribute("aria-invalid", String(state === "out"));
      if (state) filled += 1;
      if (state === "out") bad += 1;
    }
    const verdict = row.querySelector("[data-verdict]");
    if (!verdict) return;
    const key = bad > Number(row.dataset.accept || 0) ? "fail" : filled === samples.length ? "pass" : filled ? "partial" : "pending";
    by("[data-when]", verdict).forEach((word) => { word.hidden = word.dataset.when !== key; });
  });
}

/* --- small things ------------------------------------------------------------------------------------------------ */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) { opener.closest("details")?.removeAttribute("open"); document.getElementById(opener.dataset.open)?.showModal(); }
  by("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });

function arrive(root) {
  idle(root);
  by("[data-camera]", root).forEach((button) => { button.hidden = false; }); /* nothing happens without script */
  by("form[data-draft]", root).forEach(drafts.restore);
  by("form", root).forEach(judge);
  root.querySelector(".refusal[data-focus]")?.scrollIntoView({ block: "center" });
}

/* A draft that saves itself answers only its own line: what is being typed or sent beside it goes on. */
const ofDraft = (event) => event.detail.ctx.sourceElement.id === "draft-state";

document.addEventListener("htmx:after:swap", (event) => { /* a refusal came back: the password is asked again, the rest stays */
  if (ofDraft(event)) return;
  by("input[type=password]").forEach((field) => { field.value = ""; });
  const sent = sessionStorage.getItem("sent"); /* a form that still stands there was refused, or only read: it was not taken */
  if (document.querySelector(".error-page") || by("form[data-draft]").some((form) => drafts.name(form) === sent)) sessionStorage.removeItem("sent");
  arrive(document);
});
document.addEventListener("htmx:config:request", (event) => { /* a draft never carries a password */
  if (ofDraft(event)) ["password", "digest", "idempotency_key"].forEach((name) => event.detail.ctx.request.body.delete(name));
});
/* No answer came, for the network or the server is away: said where the finger is, with everything typed still there. */
document.addEventListener("htmx:error", (event) => {
  const form = event.detail.ctx.sourceElement;
  if (!form.matches("form[data-busy]")) return; /* what asks by itself asks again */
  sessionStorage.removeItem("sent");
  const said = document.getElementById("unanswered").content.firstElementChild.cloneNode(true);
  const button = form.querySelector("[aria-busy]");
  if (button) (button.closest(".actions") || button).before(said); else form.append(said);
  said.scrollIntoView({ block: "nearest" });
});
document.addEventListener("htmx:finally:request", (event) => { /* until the next page is there, the press is still under way */
  if (!ofDraft(event) && !event.detail.ctx.hx?.redirect) idle(document);
});
window.addEventListener("pageshow", () => {
  const sent = sessionStorage.getItem("sent");
  /* a form that met the login page or an error was not taken either: what was typed waits for its return */
  const taken = document.body.dataset.login && !document.querySelector(".error-page");
  if (sent && taken && !by("form[data-refused]").some((form) => drafts.name(form) === sent)) localStorage.removeItem(sent);
  sessionStorage.removeItem("sent");
  arrive(document);
});
