/* Nothing typed is lost, nothing is sent twice: drafts of forms in the browser, and what happens between a press and its
   answer. */
import { by } from "./dom.js";
import { judge } from "./judging.js";
import { chosen } from "./keyboard.js";
import { fit } from "./panel.js";
import { enterScan } from "./rows.js";

/* --- forms with data-draft are kept per person until the server took them ------------------------------------------ */
const SENT = "sending"; /* which form is on its way, and what was typed since: survives the page that it was sent from */
const told = new WeakMap(); /* field → what the server is known to have drawn or taken for it */
const onItsWay = (name) => {
  const sent = JSON.parse(sessionStorage.getItem(SENT) || "null");
  return sent?.name && (!name || sent.name === name) ? sent : null;
};
const tick = (field) => ["checkbox", "radio"].includes(field.type);
const drawn = (field) => (field.options ? Array.from(field.options).find((option) => option.defaultSelected)?.value ?? field.options[0]?.value ?? "" : field.defaultValue);
const known = (field) => [drawn(field), ...(told.get(field) ?? [])];

const drafts = {
  name: (form) => `draft:${document.body.dataset.login || ""}:${form.dataset.draft}`,
  fields: (form) => Array.from(form.elements).filter((field) => field.name && !["password", "hidden", "file", "submit"].includes(field.type)),
  /* name, what stands there, type, the answer that a tick means, place among the fields of that name, what the server knows */
  kept(form, wanted = () => true) {
    const seen = {};
    return drafts.fields(form)
      .map((field) => [field, (seen[field.name] = (seen[field.name] ?? -1) + 1)])
      .filter(([field]) => wanted(field))
      .map(([field, place]) => [field.name, tick(field) ? field.checked : field.value, field.type, field.value, place, known(field)]);
  },
  save(form) {
    localStorage.setItem(drafts.name(form), JSON.stringify(drafts.kept(form)));
  },
  snapshot(form) { /* these values are on their way to the server: when it draws one of them, it has nothing newer */
    drafts.fields(form).forEach((field) => told.set(field, [...(told.get(field) ?? []).slice(-20), field.value]));
  },
  fill(form, entries) {
    let filled = false;
    const asked = new URLSearchParams(location.search); /* a link to a drill opens a drill, whatever was chosen last time */
    for (const [name, value, type, answer, place, before] of entries) {
      const same = () => drafts.fields(form).filter((field) => field.name === name);
      let field = same()[place];
      if (type === "checkbox" || type === "radio") {
        if (asked.has(name)) continue;
        field = same().find((candidate) => candidate.value === answer && !candidate.disabled);
        if (field) field.checked = value;
        continue;
      }
      if (!field && value && same()[0]?.matches("[data-scan]")) {
        enterScan(same().at(-1));
        field = same()[place];
      }
      /* what the server draws now, and didn't know then, is newer than the draft */
      if (!field || field.value === value || (field.value && !(before ?? []).includes(field.value))) continue;
      field.value = value;
      filled = true;
    }
    if (filled) for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    judge(form);
  },
  restore(form) {
    const kept = localStorage.getItem(drafts.name(form));
    if (kept && form.dataset.refused === undefined) drafts.fill(form, JSON.parse(kept));
  },
};

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (form) {
    drafts.save(form);
    typedMeanwhile(form, event.target);
  }
  if (event.target.matches(".sample")) judge(event.target.closest("form"));
});

/* Typed after the press, before its answer: that wasn't sent, so it must outlive the answer. */
function typedMeanwhile(form, field) {
  const sent = onItsWay(drafts.name(form));
  if (!sent) return;
  const [late] = drafts.kept(form, (one) => one === field);
  if (!late) return;
  const others = sent.late.filter((one) => !(one[0] === late[0] && one[4] === late[4]));
  sessionStorage.setItem(SENT, JSON.stringify({ ...sent, late: [...others, late] }));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.submitter?.matches("[data-forget-drafts]")) {
    Object.keys(localStorage).filter((key) => key.startsWith(`draft:${document.body.dataset.login || ""}:`)).forEach((key) => localStorage.removeItem(key));
  }
  if (form.method === "post") { /* a second press while the first is being recorded does nothing */
    if (form.dataset.busy) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    form.dataset.busy = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    by("[data-unanswered]", form).forEach((node) => node.remove());
  }
  if (form.dataset.draft) {
    drafts.snapshot(form);
    sessionStorage.setItem(SENT, JSON.stringify({ name: drafts.name(form), late: [] }));
  }
}, true);

function idle(root) {
  by("form[data-busy]", root).forEach((form) => delete form.dataset.busy);
  by("[aria-busy]", root).forEach((button) => button.removeAttribute("aria-busy"));
}

/* --- the answer --------------------------------------------------------------------------------------------------- */
function arrive(root) {
  idle(root);
  by("[data-camera]", root).forEach((button) => { button.hidden = false; }); /* nothing happens without script */
  by("form[data-draft]", root).forEach(drafts.restore);
  by("form", root).forEach(judge);
  fit();
  if (chosen) document.getElementById(chosen)?.classList.add("selected");
  root.querySelector(".refusal[data-focus]")?.scrollIntoView({ block: "center" });
}

/* A draft that saves itself answers only its own line: what is being typed or sent beside it goes on. */
const ofDraft = (event) => event.detail.ctx.sourceElement.id === "draft-state";

document.addEventListener("htmx:after:swap", (event) => { /* a refusal came back: the password is asked again, the rest stays */
  if (ofDraft(event)) return;
  by("input[type=password]").forEach((field) => { field.value = ""; });
  const sent = onItsWay(); /* a form that still stands there was refused, or only read: it was not taken */
  const stands = by("form[data-draft]").filter((form) => drafts.name(form) === sent?.name);
  if (stands.length || document.querySelector(".error-page")) sessionStorage.removeItem(SENT);
  else if (sent && event.detail.ctx.request?.method?.toUpperCase() === "POST") localStorage.removeItem(sent.name); /* the thanks stand in its place */
  arrive(document);
  stands.forEach((form) => {
    drafts.fill(form, sent.late.map((one) => [...one.slice(0, 5), drafts.fields(form).map((field) => field.value)]));
    drafts.save(form);
  });
});
document.addEventListener("htmx:config:request", (event) => { /* a draft never carries a password */
  if (!ofDraft(event)) return;
  ["password", "digest", "idempotency_key"].forEach((name) => event.detail.ctx.request.body.delete(name));
  const form = event.detail.ctx.sourceElement.closest("form[data-draft]");
  if (form) { drafts.snapshot(form); drafts.save(form); }
});
/* Led elsewhere: until the other page stands, the press that was taken is still under way, and nothing asks again, for each
   question would begin the loading anew. */
let leaving = false;
document.addEventListener("htmx:before:request", (event) => { if (leaving) event.preventDefault(); });
document.addEventListener("htmx:after:request", (event) => { leaving ||= !ofDraft(event) && Boolean(event.detail.ctx.hx.redirect); });
document.addEventListener("htmx:finally:request", (event) => { if (!leaving && !ofDraft(event)) idle(document); });
window.addEventListener("pageshow", () => { leaving = false; });
window.addEventListener("pageshow", () => {
  const sent = onItsWay();
  /* a form that met the login page or an error was not taken either: what was typed waits for its return */
  const taken = document.body.dataset.login && !document.querySelector(".error-page");
  if (sent && taken && !by("form[data-refused]").some((form) => drafts.name(form) === sent.name)) {
    if (sent.late.length) localStorage.setItem(sent.name, JSON.stringify(sent.late));
    else localStorage.removeItem(sent.name);
  }
  sessionStorage.removeItem(SENT);
  arrive(document);
});

/* --- no answer: the network or a proxy in between ------------------------------------------------------------------ */
/* Said where the finger is, with everything typed still there; what asks by itself asks again. */
function unanswered(event) {
  const form = event.detail.ctx.sourceElement;
  if (!form.matches("form[data-busy]")) return;
  sessionStorage.removeItem(SENT); /* nobody said that it was taken: the draft stays */
  const said = document.getElementById("unanswered").content.firstElementChild.cloneNode(true);
  const button = form.querySelector("[aria-busy]");
  if (button) (button.closest(".actions") || button).before(said); else form.append(said);
  said.scrollIntoView({ block: "nearest" });
}

/* The server's refusal of a draft must neither lead away from what is being typed nor be written into the form. */
function draftStays() {
  const line = document.getElementById("draft-state");
  if (line) line.textContent = document.getElementById("draft-local").content.textContent;
}

document.addEventListener("htmx:error", (event) => { if (ofDraft(event)) draftStays(); else unanswered(event); });
document.addEventListener("htmx:before:response", (event) => {
  const { status, headers } = event.detail.ctx.response;
  if (!ofDraft(event) || (status < 400 && !headers.get("HX-Redirect"))) return;
  event.preventDefault();
  draftStays();
});
document.addEventListener("htmx:before:swap", (event) => { /* a page that isn't ours must not take the place of the form */
  const { select, swap, text } = event.detail.ctx;
  if (select !== "#main" || swap === "none" || (text || "").includes('id="main"')) return;
  event.preventDefault();
  unanswered(event);
});
