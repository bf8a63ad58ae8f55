/* Live lists: one stream for all tabs of a browser, however many are open.
   A browser holds six connections to one server: with a stream in each tab the seventh request waits until a tab closes.  So the
   tab that has the lock listens and tells the others; when it goes, the lock goes to the next one.  A tab that comes late asks.
   Each `data-live` says by `data-seen` what it shows, so that nobody asks the server for what is there already; a tab that nobody
   looks at asks when somebody does. */
import { by } from "./dom.js";

const NAME = "batchwright-live";
const AGAIN = 5000; /* milliseconds: a server that answered with an error (a proxy before it, the login) is asked again */
const tabs = new BroadcastChannel(NAME);
let last = "";
let listens = false;

const hear = (seen) => {
  last = seen;
  if (!document.hidden) by("[data-live]").forEach((list) => list.dataset.seen !== seen && htmx.trigger(list, "told"));
};

const listen = (address) => {
  listens = true;
  const stream = new EventSource(address);
  stream.addEventListener("tasks", (event) => {
    tabs.postMessage({ seen: event.data });
    hear(event.data);
  });
  stream.addEventListener("error", () => stream.readyState === EventSource.CLOSED && setTimeout(listen, AGAIN, address));
};

tabs.addEventListener("message", ({ data }) => {
  if (data.asks && listens && last) tabs.postMessage({ seen: last });
  else if (data.seen) hear(data.seen);
});

document.addEventListener("visibilitychange", () => last && hear(last));

const [list] = by("[data-live]");
if (list) {
  const follow = () => listen(list.dataset.live);
  tabs.postMessage({ asks: true });
  /* no lock where the address is neither https nor this machine: then each tab has a stream of its own */
  if (navigator.locks) navigator.locks.request(NAME, () => { follow(); return new Promise(() => {}); });
  else follow();
}
