/* The panel of a decision ends where the screen ends: what signs is in sight, however tall the head above it is. */
import { by } from "./dom.js";

const LEAST = 224; /* px: a field and the button */
export function fit() {
  by(".stick.decision, .stick > .decision").forEach((panel) => {
    const above = Math.max(panel.getBoundingClientRect().top, 0);
    panel.style.setProperty("--room", `${Math.max(innerHeight - above - 16, LEAST)}px`);
  });
}
document.addEventListener("scroll", fit, { passive: true });
window.addEventListener("resize", fit);
