// Shows how far an import is, and reloads the page when it has ended.
const box = document.querySelector("[data-import-progress]");
const INTERVAL = 2000;

async function update() {
  try {
    const response = await fetch(box.dataset.importProgress, { headers: { Accept: "application/json" } });
    // Logged out, or no longer allowed: the page itself says so.
    if (response.redirected || response.status === 403) return location.reload();
    const state = await response.json();
    if (!state.active) return location.reload();
    box.querySelector("[data-sentence]").textContent = state.sentence;
    const bar = box.querySelector("progress");
    if (state.percent === null) bar.removeAttribute("value");
    else bar.value = state.percent;
  } catch {
    // The connection is interrupted: ask again later.
  }
  setTimeout(update, INTERVAL);
}

setTimeout(update, INTERVAL);
