// Parts of pages that renew themselves: asking again, announcing, going on at the heading.

const HIDDEN_PAUSE = 30_000;
const SLOWEST_RETRY = 30_000;

let lastPoll = 0;
let failures = 0;

// Live parts ask again every few seconds. A hidden window asks rarely; an unreachable server is
// asked less and less often, and the page says that what it shows is old.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches("[data-poll]")) return;
  const isTimer = event.detail.requestConfig.triggeringEvent?.type !== "page-shown";
  const pause = document.hidden ? HIDDEN_PAUSE : failures ? Math.min(2000 * 2 ** failures, SLOWEST_RETRY) : 0;
  if (isTimer && Date.now() - lastPoll < pause) {
    event.preventDefault();
    return;
  }
  lastPoll = Date.now();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.target.matches("[data-poll]")) return;
  const isAnswered = event.detail.xhr.status > 0 && event.detail.xhr.status < 500;
  failures = isAnswered ? 0 : failures + 1;
  document.body.classList.toggle("is-offline", failures > 1);
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.body.dispatchEvent(new CustomEvent("page-shown"));
});

// Only a change of stage or state is announced, not every count.
let announced = document.querySelector("[data-announce]")?.dataset.announce;

function announceStage() {
  const text = document.querySelector("[data-announce]")?.dataset.announce;
  if (!text || text === announced) return;
  announced = text;
  document.getElementById("announcer").textContent = text;
}

// After a part was asked for, the reader goes on at its heading; live parts never take the focus.
document.addEventListener("htmx:afterSettle", (event) => {
  announceStage();
  if (event.detail.elt?.closest?.("[data-poll]")) return;
  const wanted = event.detail.elt?.querySelector?.("[data-focus]");
  wanted?.focus({ preventScroll: false });
});

// Lengths of time that still grow.
function sayLength(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const rest = String(whole % 60).padStart(2, "0");
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  return minutes ? `${minutes} min ${rest} s` : `${whole} s`;
}

setInterval(() => {
  for (const element of document.querySelectorAll("[data-since]")) {
    const seconds = (Date.now() - Date.parse(element.dataset.since)) / 1000;
    element.textContent = sayLength(Math.max(0, seconds));
  }
}, 1000);
