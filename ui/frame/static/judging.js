/* Inspection entry: the verdict at once, the server's word later. */
import { by } from "./dom.js";

export const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/* What was typed as the server reads it: full-width digits are digits, invisible marks of a paste are nothing. */
export const upright = (text) => text.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
  .replace(/[\u3002\uff61]/g, ".").replace(/\p{Cf}/gu, "").trim();

export function judge(form) {
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
