// Ordering of sections by mouse and keyboard without page reloads. Without this script the buttons do the same.
import { reorder } from "./reorder.js";

const form = document.querySelector("[data-order]");
const status = form.querySelector("[data-status]");

reorder(form, (moved, list) => {
  for (const [index, row] of [...list.children].entries()) row.querySelector("input").value = index + 1;
  const { ariaLabel: name, value: number } = moved.querySelector("input");
  status.textContent = interpolate(
    gettext("%(name)s: %(number)s of %(count)s. Not saved yet."),
    { name, number, count: list.children.length },
    true,
  );
});
