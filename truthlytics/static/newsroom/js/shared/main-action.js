// Ctrl Enter presses the main button of a page's form, as in the editor, but not of another form than the focused one.
document.addEventListener("keydown", (e) => {
  if (
    !(e.ctrlKey || e.metaKey) ||
    e.shiftKey ||
    e.altKey ||
    e.key !== "Enter" ||
    document.querySelector("dialog[open]")
  )
    return;
  const form = document.activeElement?.form;
  const button = [...document.querySelectorAll("form.action-form .btn--main[type=submit]")].find(
    (each) => each.offsetParent !== null && (!form || each.form === form),
  );
  if (!button) return;
  e.preventDefault();
  button.form.requestSubmit(button);
});
