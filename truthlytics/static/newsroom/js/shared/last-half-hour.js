// Fetches the last half hour on the dashboard again each minute while the page is visible. It is not announced.
const box = document.querySelector("[data-last-half-hour]");
const MINUTE = 60_000;
let fetched = Date.now();
let timer;

function follow() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(refresh, fetched + MINUTE - Date.now());
}
async function refresh() {
  fetched = Date.now();
  const response = await fetch(box.dataset.lastHalfHour, { redirect: "manual" }).catch(() => null);
  // Logged out, or no longer allowed: the page stays as it is.
  if (response && !response.ok && response.status < 500) return document.removeEventListener("visibilitychange", follow);
  const part = response?.ok && new DOMParser().parseFromString(await response.text(), "text/html").body.firstElementChild;
  // The list keeps the focus.
  if (part && !box.contains(document.activeElement)) box.replaceChildren(part);
  follow();
}

document.addEventListener("visibilitychange", follow);
follow();
