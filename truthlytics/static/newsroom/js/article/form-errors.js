// After a failed save: opens the panel of the first field with an error and moves the focus to the field.
const error = document.querySelector(".editor-layout .errorlist");
const field = error?.id ? document.querySelector(`[aria-describedby~="${error.id}"]`) : null;
const near = field ?? error?.previousElementSibling;
const control = near?.matches?.("input, select, textarea, button")
  ? near
  : near?.querySelector("input:not([type=hidden]), select, textarea");
if (control) {
  for (let details = control.closest("details"); details; details = details.parentElement.closest("details"))
    details.open = true;
  control.scrollIntoView({ block: "center" });
  control.focus({ preventScroll: true });
}
