// Ctrl Enter presses the main button of a page's form, as in the editor.
document.addEventListener("keydown", (e) => {
  if (!(e.ctrlKey || e.metaKey) || e.shiftKey || e.altKey || e.key !== "Enter" || document.querySelector("dialog[open]")) return
  const button = [...document.querySelectorAll("form.action-form .btn--main[type=submit]")].find((each) => each.offsetParent !== null)
  if (!button) return
  e.preventDefault()
  button.form.requestSubmit(button)
})
