/* Lists that people scan or type into: rows that go on by themselves. */
import { by } from "./dom.js";

/* Enter in a scan field goes on to the quantity beside it and keeps one empty row ready; alone in its form it is the question,
   and among other fields it makes way, so that the next scan isn't written behind the first. */
export function enterScan(field) {
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

export function spare(row) {
  const copy = row.cloneNode(true);
  copy.id = `${row.id.replace(/\d+$/, "")}${row.parentElement.children.length}`; /* rows are told apart by it when a refusal comes back */
  by("input", copy).forEach((input) => { input.value = ""; input.defaultValue = ""; input.removeAttribute("aria-invalid"); });
  by("select", copy).forEach((choice) => { choice.value = ""; });
  by(".error", copy).forEach((node) => node.remove());
  row.after(copy);
}
