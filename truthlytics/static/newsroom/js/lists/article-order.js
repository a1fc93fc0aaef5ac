// Ordering of the articles of a dossier or digest by mouse and keyboard. Without this script, the numbers do the same.
import { reorder } from "./reorder.js";

const POSITION = '[name$="-position"]';
const status = document.querySelector("[data-order-status]");

for (const rows of document.querySelectorAll("[data-rows]:has([data-row])")) {
  reorder(rows, (moved) => {
    const ordered = [...rows.querySelectorAll("[data-row]")];
    for (const [i, row] of ordered.entries()) row.querySelector(POSITION).value = i + 1;
    // Notices that the form has changed.
    moved.querySelector(POSITION).dispatchEvent(new Event("change", { bubbles: true }));
    status.textContent = interpolate(
      gettext("%(name)s: position %(number)s of %(count)s."),
      {
        name: moved.querySelector(".article-picker input:not([hidden])").value || gettext("Row"),
        number: ordered.indexOf(moved) + 1,
        count: ordered.filter((row) => !row.hidden).length,
      },
      true,
    );
  });
}
document.addEventListener("row-added", ({ target }) => {
  for (const control of target.querySelectorAll("[data-drag-handle], [data-move-buttons]")) control.hidden = false;
});
