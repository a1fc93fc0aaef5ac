// Fetches the numbers of an issue again while it is being sent; reloads the page when that is over, for the report.
const box = document.querySelector("[data-sending]");
const PAUSE = 3000;

async function refresh() {
  const response = await fetch(box.dataset.sending).catch(() => null);
  if (response?.redirected) {
    // It is a draft again, or the session has ended.
    location.reload();
    return;
  }
  if (response?.ok) {
    const part = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-live]");
    if (part?.dataset.live === "0") {
      location.reload();
      return;
    }
    if (part) box.replaceChildren(part);
  }
  setTimeout(refresh, PAUSE);
}

setTimeout(refresh, PAUSE);
