/* The little a page does by itself.  Everything works without it as plain forms; this only saves steps.
   No inline script anywhere: the Content-Security-Policy forbids it. */
import "./keyboard.js";
import "./panel.js";
import "./menus.js";
import "./files.js"; /* before the sending: it stops a form whose files are still on their way */
import "./sending.js";
import "./sums.js";
import "./live.js";
