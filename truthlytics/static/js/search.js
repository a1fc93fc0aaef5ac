// Results while somebody types: the same page that the form leads to, of which the answer is taken. Without it the form
// does all. Nothing takes the focus from the box, and what was found is said once it stands there.
const WAIT = 250;
const LEAST = 3;

const form = document.querySelector("#search");
const place = document.querySelector("#found");
const said = document.querySelector("#found-said");
const box = form.elements.q;
let waiting;
let asked;

function address() {
  const given = [...new FormData(form)].filter(([, value]) => value.trim());
  return `${form.action}?${new URLSearchParams(given)}`;
}

async function look() {
  const wanted = address();
  asked = new AbortController();
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(wanted, { signal: asked.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = answer.ok && page.querySelector("#found");
    if (!found) return;
    // A fold that the reader opened stays open.
    const open = place.querySelector("details")?.open;
    place.replaceChildren(...found.childNodes);
    if (open) place.querySelector("details")?.setAttribute("open", "");
    document.title = page.title;
    history.replaceState(null, "", wanted);
    said.textContent = place.querySelector("h2")?.textContent ?? "";
  } catch {
    // Given up for a newer question, or no network: Enter asks as ever.
  }
  if (wanted === address()) place.removeAttribute("aria-busy");
}

function stop() {
  clearTimeout(waiting);
  asked?.abort();
}

box.addEventListener("input", (event) => {
  stop();
  if (!event.isComposing && box.value.trim().length >= LEAST) waiting = setTimeout(look, WAIT);
});
form.addEventListener("submit", stop);
