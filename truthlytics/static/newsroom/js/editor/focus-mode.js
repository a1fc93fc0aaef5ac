// Focus mode, and the collapsible side panel. Only the state of the panel is remembered in this browser.
const html = document.documentElement;
const focusButton = document.querySelector("[data-focus-mode]");
const panelButton = document.querySelector("[data-panel-toggle]");
// Escape closes these first.
const CLOSED_BY_ESCAPE = "dialog[open], [data-find]:not([hidden]), #insert-menu:not([hidden])";
const STORAGE_KEY = "newsroom-panel";

function setFocusMode(on) {
  html.toggleAttribute("data-focus", on);
  focusButton.setAttribute("aria-pressed", on);
  const content = document.querySelector(".editor-content");
  if (on && !document.activeElement.closest?.(".sheet")) content?.focus();
}
function setPanelOpen(open) {
  html.toggleAttribute("data-panel-hidden", !open);
  panelButton.setAttribute("aria-expanded", open);
  try {
    localStorage.setItem(STORAGE_KEY, open ? "open" : "hidden");
  } catch {
    /* storage is not available */
  }
}

for (const button of [focusButton, panelButton]) button.hidden = false;
focusButton.addEventListener("click", () => setFocusMode(!html.hasAttribute("data-focus")));
panelButton.addEventListener("click", () => setPanelOpen(html.hasAttribute("data-panel-hidden")));
document.addEventListener(
  "keydown",
  (e) => {
    if ((e.ctrlKey || e.metaKey) && e.shiftKey && !e.altKey && e.key.toLowerCase() === "f") {
      e.preventDefault();
      setFocusMode(!html.hasAttribute("data-focus"));
    } else if (e.key === "Escape" && html.hasAttribute("data-focus") && !document.querySelector(CLOSED_BY_ESCAPE))
      setFocusMode(false);
  },
  true,
);
let stored;
try {
  stored = localStorage.getItem(STORAGE_KEY);
} catch {
  /* storage is not available */
}
// Form errors in the panel must be visible.
if (stored === "hidden" && !document.querySelector(".errorlist")) setPanelOpen(false);
