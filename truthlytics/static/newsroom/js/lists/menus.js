// Ordering of menu links by mouse and keyboard. Without this script the position is typed as a number.
import { reorder } from "./reorder.js";

const form = document.getElementById("menus");
const status = form.querySelector("[data-status]");
const nameOf = (row) => row.querySelector("select").selectedOptions[0]?.textContent.trim() || gettext("Row");
let changed = form.querySelector(".errorlist") !== null;

reorder(form, (moved, list) => {
  const rows = [...list.querySelectorAll("[data-row]")];
  for (const [i, row] of rows.entries()) row.querySelector(".menu__position input").value = i + 1;
  status.textContent = interpolate(
    gettext("%(name)s: position %(number)s of %(count)s."),
    { name: nameOf(moved), number: rows.indexOf(moved) + 1, count: rows.length },
    true,
  );
  changed = true;
});

// Warn before leaving with unsaved changes.
form.addEventListener("input", () => {
  changed = true;
});
form.addEventListener("submit", () => {
  changed = false;
});
addEventListener("beforeunload", (e) => {
  if (changed) e.preventDefault();
});
document.documentElement.dataset.ready = "true";
