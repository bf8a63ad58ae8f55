/* Files of a form: each is sent as it is, by itself, as soon as it is chosen; the form then holds its digest.
   The server draws the line of a kept file and the words of a refused one; nothing chosen is lost when one is refused. */
import { by } from "./dom.js";

const MEBI = 1024 * 1024;
let turn = Promise.resolve(); /* one at a time: a line that is shared by ten files is ten slow ones */

const template = (field, name) => field.querySelector(`template[data-${name}]`).content.firstElementChild.cloneNode(true);

function waiting(field, file) {
  const line = template(field, "going");
  line.querySelector("[data-name]").textContent = file.name;
  field.querySelector("ul.files").append(line);
  return line;
}

function refuse(field, line, name, words) {
  const said = template(field, "refused");
  said.querySelector("[data-name]").textContent = name;
  if (words) said.querySelector("[data-words]").textContent = words;
  line.replaceWith(said);
}

/* The server's line in the place of the waiting one; the same content twice stays one line. */
function arrived(field, line, text) {
  const held = document.createElement("template");
  held.innerHTML = text;
  const drawn = held.content.firstElementChild;
  if (!drawn?.matches("li.file")) { refuse(field, line, line.querySelector("[data-name]").textContent, ""); return; }
  const digest = drawn.querySelector("input[type=hidden]")?.value;
  if (digest) by("input[type=hidden]", field).filter((one) => one.value === digest).forEach((one) => one.closest("li").remove());
  line.replaceWith(drawn);
}

function send(field, file, line) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const shown = line.querySelector("progress");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) shown.value = event.loaded / event.total;
    });
    request.addEventListener("load", () => {
      arrived(field, line, request.responseText);
      field.closest("form")?.dispatchEvent(new Event("input", { bubbles: true })); /* the draft keeps it too */
      done();
    });
    request.addEventListener("error", () => { refuse(field, line, file.name, ""); done(); });
    request.open("POST", `${field.dataset.to || "/attachments"}?${new URLSearchParams({ of: field.dataset.files, name: file.name })}`);
    const csrf = field.closest("form").elements.namedItem("csrf"); /* none behind a link: there is no session to misuse */
    if (csrf) request.setRequestHeader("X-CSRF-Token", csrf.value);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  });
}

document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-files]");
  if (!field || event.target.type !== "file") return;
  by("li.file.bad", field).forEach((line) => line.remove());
  const room = Number(field.dataset.most) - by("li.file", field).length;
  Array.from(event.target.files).forEach((file, place) => {
    const line = waiting(field, file);
    if (place >= room) refuse(field, line, file.name, field.dataset.tooMany);
    else if (file.size > Number(field.dataset.limit) * MEBI) refuse(field, line, file.name, field.dataset.tooLarge);
    else turn = turn.then(() => send(field, file, line));
  });
  event.target.value = ""; /* the same file can be chosen again after it was put right */
});

document.addEventListener("click", (event) => {
  const line = event.target.closest("[data-files] [data-take-away]")?.closest("li");
  if (!line) return;
  const field = line.closest("[data-files]");
  line.remove();
  field.querySelector("input[type=file]").focus();
  field.closest("form").dispatchEvent(new Event("input", { bubbles: true }));
});

/* A form whose files are still on their way would be signed without them. */
document.addEventListener("submit", (event) => {
  const going = event.target.querySelector("li.file.going");
  if (!going) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const field = going.closest("[data-files]");
  field.querySelector("[data-still]").hidden = false;
  field.scrollIntoView({ block: "center" });
}, true);
