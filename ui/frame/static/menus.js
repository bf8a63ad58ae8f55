/* Dialogs that a button opens, menus that close behind a click, filters that send themselves. */
import { by } from "./dom.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) { opener.closest("details")?.removeAttribute("open"); document.getElementById(opener.dataset.open)?.showModal(); }
  by("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });
