// Progressive enhancement for every page. All pages work without it.
const root = document.documentElement;

const toggle = document.querySelector("[data-theme-toggle]");
if (toggle) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const currentTheme = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  const otherTheme = () => (currentTheme() === "dark" ? "light" : "dark");
  const updateLabel = () => {
    toggle.textContent = toggle.dataset[otherTheme()];
  };
  updateLabel();
  dark.addEventListener("change", updateLabel);
  toggle.addEventListener("click", () => {
    root.dataset.theme = otherTheme();
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // Storage is blocked: the choice applies to this page only.
    }
    updateLabel();
  });
}

// The text size: "" is the browser's own.
const sizeButtons = document.querySelectorAll("button[data-text-size]");
function markSize() {
  for (const button of sizeButtons)
    button.setAttribute("aria-pressed", button.dataset.textSize === (root.dataset.textSize ?? ""));
}
for (const button of sizeButtons) {
  button.addEventListener("click", () => {
    const size = button.dataset.textSize;
    if (size) root.dataset.textSize = size;
    else delete root.dataset.textSize;
    try {
      localStorage.setItem("text-size", size);
    } catch {
      // Storage is blocked: the choice applies to this page only.
    }
    markSize();
  });
}
markSize();

// The panels of the header also close when the focus leaves them.
for (const panel of document.querySelectorAll("[popover]")) {
  panel.addEventListener("focusout", ({ relatedTarget: to }) => {
    if (to && !panel.contains(to) && to.popoverTargetElement !== panel) panel.hidePopover?.();
  });
}

// Focus the error summary, else the first invalid field, else the field for a code that was just sent.
document.querySelector("main :is([data-errors], [aria-invalid=true], [autocomplete=one-time-code])")?.focus();

// Load the italics that theme.js deferred, once this page has rendered. It uses them if nobody has read on yet, since
// lines could break elsewhere; the next page does in any case.
async function loadItalics() {
  try {
    await document.fonts.load('italic 1em "Ledger Serif"');
    if (!scrollY) delete root.dataset.fonts;
    localStorage.setItem("fonts", "loaded");
  } catch {
    // Offline, or storage is blocked: the next page tries again.
  }
}
if (root.dataset.fonts === "deferred") addEventListener("load", () => setTimeout(loadItalics, 1500));

// On a narrow screen a footnote reference opens the note in place; a second tap follows the link to the list of notes.
const wideScreen = matchMedia("(min-width: 62rem)");
document.addEventListener("click", (event) => {
  const reference = event.target.closest("[role=doc-noteref]");
  const note = reference?.closest(".cite")?.nextElementSibling;
  if (!note?.matches(".sidenote") || wideScreen.matches || note.classList.contains("is-open")) return;
  event.preventDefault();
  note.removeAttribute("aria-hidden");
  note.classList.add("is-open");
});

// Poll a pending page, and reload it once it is no longer pending.
const PENDING = "[data-poll]";
const POLL_INTERVAL = 5000;
async function poll() {
  try {
    const response = await fetch(location.href);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const isBusy = response.status >= 500 || response.status === 429;
    if (!isBusy && !page.querySelector(PENDING)) return location.reload();
  } catch {
    // Offline: try again.
  }
  setTimeout(poll, POLL_INTERVAL);
}
if (document.querySelector(PENDING)) setTimeout(poll, POLL_INTERVAL);

// Buttons that print the page are hidden without script.
for (const button of document.querySelectorAll("[data-print]")) {
  (button.closest("li") ?? button).hidden = false;
  button.addEventListener("click", () => print());
}

// The scripts for passkeys report here that the browser offered none, or created none.
document.addEventListener("allauth.error", (event) => {
  const note = document.querySelector("[data-passkey-error]");
  if (!note) return;
  event.preventDefault();
  note.hidden = false;
});

// Return readers to this page after login.
const loginLink = document.querySelector('.masthead__tools [href="/accounts/login/"]');
if (loginLink && !location.pathname.startsWith("/accounts/"))
  loginLink.search = new URLSearchParams({ next: location.pathname + location.search });
