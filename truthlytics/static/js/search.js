// Search as you type: fetches the results page of the form and swaps in its results. The form works without it.
// Focus stays in the search field, and the number of results is announced to screen readers.
const DELAY = 250;
const MIN_LENGTH = 3;

const form = document.querySelector("#search");
const results = document.querySelector("#search-results");
const status = document.querySelector("#search-status");
const input = form.elements.q;
let timer;
let request;

function resultsUrl() {
  const fields = [...new FormData(form)].filter(([, value]) => value.trim());
  return `${form.action}?${new URLSearchParams(fields)}`;
}

async function updateResults() {
  const url = resultsUrl();
  request = new AbortController();
  results.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { signal: request.signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const newResults = response.ok && page.querySelector("#search-results");
    if (!newResults) return;
    // Keep the filters open if the reader opened them.
    const filtersOpen = results.querySelector("details")?.open;
    results.replaceChildren(...newResults.childNodes);
    if (filtersOpen) results.querySelector("details")?.setAttribute("open", "");
    document.title = page.title;
    history.replaceState(null, "", url);
    status.textContent = results.querySelector("h2")?.textContent ?? "";
  } catch {
    // Aborted by a newer query, or offline: submitting the form still works.
  }
  if (url === resultsUrl()) results.removeAttribute("aria-busy");
}

function cancel() {
  clearTimeout(timer);
  request?.abort();
}

input.addEventListener("input", (event) => {
  cancel();
  if (!event.isComposing && input.value.trim().length >= MIN_LENGTH) timer = setTimeout(updateResults, DELAY);
});
form.addEventListener("submit", cancel);
