/* Sums of a form, shown as it is typed: what the server will work out, to the last digit.
   Without it the sums are worked out all the same, and shown when the form comes back. */
import { by } from "./dom.js";
import { upright } from "./judging.js";

const PLACES = 12; /* decimals of a typed number at most */

/* The number times 10^12, exactly; null for what is no number. */
function scaled(text) {
  const match = /^([+-]?)(\d{1,20})(?:\.(\d{1,12}))?$/.exec(upright(text));
  if (!match) return null;
  const value = BigInt(match[2] + (match[3] ?? "").padEnd(PLACES, "0"));
  return match[1] === "-" ? -value : value;
}

function written(value, places) {
  const digits = String(value < 0n ? -value : value).padStart(PLACES + 1, "0");
  const whole = digits.slice(0, -PLACES);
  const rest = digits.slice(-PLACES).slice(0, places);
  return `${value < 0n ? "-" : ""}${whole}${rest ? `.${rest}` : ""}`;
}

/* The texts behind a part of a sum: a field, a sum before it, or a column in every row that says something. */
function texts(form, part) {
  const [table, column] = part.split("[].");
  if (column === undefined) {
    const field = form.elements.namedItem(part);
    const sum = by("output[data-name]", form).find((one) => one.dataset.name === part);
    return [field?.value ?? sum?.value ?? ""];
  }
  const row = by(".rows tbody tr", form);
  return row.filter((one) => by("input:not([type=hidden]), select, textarea", one).some((field) => field.value.trim()))
    .map((one) => by("[name], output[data-name]", one).find((field) => {
      const name = field.dataset.name ?? field.name;
      return name.startsWith(`${table}[`) && name.endsWith(`].${column}`);
    }))
    .filter(Boolean)
    .map((field) => field.value);
}

function sums(form) {
  by("output[data-plus]", form).forEach((output) => {
    let total = 0n;
    let places = 0;
    for (const [sign, parts] of [[1n, output.dataset.plus], [-1n, output.dataset.minus]]) {
      for (const text of parts.split(" ").filter(Boolean).flatMap((part) => texts(form, part))) {
        const value = scaled(text);
        if (value === null || total === null) { total = null; continue; }
        total += sign * value;
        places = Math.max(places, (upright(text).split(".")[1] ?? "").length);
      }
    }
    output.value = total === null ? "–" : written(total, places);
  });
}

/* A row is taken away where it stands; the others keep their names, and with them what is typed in them. */
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=rows][value^='-']");
  const row = button?.closest("tr");
  if (!row) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const beside = row.nextElementSibling ?? row.previousElementSibling;
  const { form } = button;
  row.remove();
  (beside?.querySelector("input, select") ?? form.querySelector("button[value^='+']"))?.focus();
  form.dispatchEvent(new Event("input", { bubbles: true }));
}, true);

const summed = (node) => by("form", node ?? document).filter((form) => form.querySelector("output[data-plus]")).forEach(sums);
document.addEventListener("input", (event) => { const form = event.target.form ?? event.target.closest?.("form");
  if (form?.querySelector("output[data-plus]")) sums(form); });
document.addEventListener("htmx:after:swap", () => summed());
document.addEventListener("DOMContentLoaded", () => summed());
