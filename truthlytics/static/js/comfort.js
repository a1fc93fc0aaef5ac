// Comfort only: every page is whole without it.
const root = document.documentElement;

const toggle = document.querySelector("[data-theme-toggle]");
if (toggle) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const now = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  const other = () => (now() === "dark" ? "light" : "dark");
  const name = () => {
    toggle.textContent = other() === "dark" ? "Dark" : "Light";
    toggle.setAttribute("aria-label", `${toggle.textContent} page`);
  };
  name();
  dark.addEventListener("change", name);
  toggle.addEventListener("click", () => {
    root.dataset.theme = other();
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // Storage is off: it holds for this page.
    }
    name();
  });
}

// What was refused is read first: the list of it where there is one, else the field. A code that was sent is typed at once.
document.querySelector("main :is([data-errors], [aria-invalid=true], [autocomplete=one-time-code])")?.focus();

// The section that one is in stands in sight, however many there are before it.
const sections = document.querySelector(".masthead__sections");
const here = sections?.querySelector("[aria-current]");
if (here) sections.scrollLeft = here.getBoundingClientRect().left - sections.getBoundingClientRect().left - 24;

// The faces of labels and of italics, for the next page, once this one is at rest: they would only hold up its picture.
async function fetchFaces() {
  try {
    await Promise.all(['1em "Public Sans"', 'italic 1em "Ledger Serif"'].map((face) => document.fonts.load(face)));
    localStorage.setItem("faces", "kept");
  } catch {
    // The line is down, or storage is off: the next page tries again.
  }
}
if (root.dataset.faces === "few") addEventListener("load", () => setTimeout(fetchFaces, 1500));

// On a narrow screen a reference opens its note in place; a second press goes to the list.
const roomy = matchMedia("(min-width: 62rem)");
document.addEventListener("click", (event) => {
  const reference = event.target.closest("[role=doc-noteref]");
  const note = reference?.closest(".cite")?.nextElementSibling;
  if (!note?.matches(".sidenote") || roomy.matches || note.classList.contains("is-open")) return;
  event.preventDefault();
  note.removeAttribute("aria-hidden");
  note.classList.add("is-open");
});

// A page that waits for something asks for itself, and is loaded anew only when it says something else.
const WAITING = "[data-look-again]";
async function lookAgain() {
  try {
    const html = await (await fetch(location.href)).text();
    if (!new DOMParser().parseFromString(html, "text/html").querySelector(WAITING)) return location.reload();
  } catch {
    // The line is down: the next look may find it up.
  }
  setTimeout(lookAgain, 5000);
}
if (document.querySelector(WAITING)) setTimeout(lookAgain, 5000);

// Who logs in from a page comes back to it.
const entrance = document.querySelector('.masthead__tools [href="/accounts/login/"]');
if (entrance && !location.pathname.startsWith("/accounts/")) entrance.search = new URLSearchParams({ next: location.pathname + location.search });
