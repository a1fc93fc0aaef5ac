// Only the text, and the panel that folds. The first is for now, the second is remembered in this browser.
const html = document.documentElement
const focus = document.querySelector("[data-focus-mode]")
const fold = document.querySelector("[data-panel-fold]")
// These have Escape first.
const OPEN = "dialog[open], [data-find]:not([hidden]), #insert-menu:not([hidden])"
const KEPT = "newsroom-panel"

function only(on) {
  html.toggleAttribute("data-focus", on)
  focus.setAttribute("aria-pressed", on)
  const written = document.querySelector(".written")
  if (on && !document.activeElement.closest?.(".sheet")) written?.focus()
}
function panel(open) {
  html.toggleAttribute("data-folded", !open)
  fold.setAttribute("aria-expanded", open)
  try { localStorage.setItem(KEPT, open ? "open" : "folded") } catch { /* then it is not remembered */ }
}

for (const button of [focus, fold]) button.hidden = false
focus.addEventListener("click", () => only(!html.hasAttribute("data-focus")))
fold.addEventListener("click", () => panel(html.hasAttribute("data-folded")))
document.addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && e.shiftKey && !e.altKey && e.key.toLowerCase() === "f") { e.preventDefault(); only(!html.hasAttribute("data-focus")) }
  else if (e.key === "Escape" && html.hasAttribute("data-focus") && !document.querySelector(OPEN)) only(false)
}, true)
// What is wrong with a form must be seen.
let kept
try { kept = localStorage.getItem(KEPT) } catch { /* nothing is kept */ }
if (kept === "folded" && !document.querySelector(".errorlist")) panel(false)
