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
  const page = response?.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  // A link in the list keeps the focus.
  if (page && !box.contains(document.activeElement)) box.replaceChildren(...page.body.children);
  // Logged out, or no longer allowed: the page stays as it is.
  if (response && !page && response.status < 500) document.removeEventListener("visibilitychange", follow);
  else follow();
}

document.addEventListener("visibilitychange", follow);
follow();
