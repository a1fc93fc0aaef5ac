// Keys of the whole desk, and the dialog that tells them.
import { chosen, remember } from "./marks.js"

const dialog = document.querySelector("#keys")
const button = document.querySelector("[data-help]")
const marks = dialog.querySelector("[data-marks]")
const help = () => { if (!document.querySelector("dialog[open]")) dialog.showModal() }

button.hidden = false
button.addEventListener("click", help)
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close())
marks.value = chosen()
marks.addEventListener("change", () => remember(marks.value))

// Before the editor, which takes Ctrl Enter for a line break.
document.addEventListener("keydown", (e) => {
  const main = (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey
  if (main && e.key === "Enter" && !document.querySelector("dialog[open]") && !e.target.closest("[data-find], [data-remarks]")) {
    e.preventDefault()
    e.stopPropagation()
    const does = document.querySelector(".side__buttons .btn--main")
    does?.form?.requestSubmit(does)
  } else if (main && e.key === "/") {
    e.preventDefault()
    help()
  } else if (e.key === "?" && !e.ctrlKey && !e.metaKey && !e.target.closest("input, textarea, select, [contenteditable=true]")) {
    e.preventDefault()
    help()
  }
}, true)
