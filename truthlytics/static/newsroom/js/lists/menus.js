// Ordering of menu links by mouse and keyboard. Without this script the position is typed as a number.
const form = document.getElementById("menus");
const status = form.querySelector("[data-status]");
const rowsOf = (list) => [...list.querySelectorAll("[data-row]")];
const nameOf = (row) => row.querySelector("select").selectedOptions[0]?.textContent.trim() || "Row";

function updatePositions(list) {
  rowsOf(list).forEach((row, i) => {
    row.querySelector(".menu__position input").value = i + 1;
  });
}

function onMoved(row, focused) {
  const list = row.closest("[data-rows]");
  updatePositions(list);
  focused.focus();
  status.textContent = `${nameOf(row)}: position ${rowsOf(list).indexOf(row) + 1} of ${rowsOf(list).length}.`;
}

function move(row, direction, focused) {
  const neighbour = direction === "up" ? row.previousElementSibling : row.nextElementSibling;
  if (!neighbour) return;
  if (direction === "up") neighbour.before(row);
  else neighbour.after(row);
  onMoved(row, focused);
}

for (const list of form.querySelectorAll("[data-rows]")) {
  for (const control of list.querySelectorAll("[data-drag-handle], [data-move-buttons]")) control.hidden = false;
}
form.addEventListener("click", (e) => {
  const button = e.target.closest("[data-direction]");
  if (button) move(button.closest("[data-row]"), button.dataset.direction, button);
});
form.addEventListener("keydown", (e) => {
  const row = e.target.closest?.("[data-row]");
  const direction = e.altKey && { ArrowUp: "up", ArrowDown: "down" }[e.key];
  if (!row || !direction) return;
  e.preventDefault();
  move(row, direction, e.target);
});

// Dragging with mouse, pen or touch.
form.addEventListener("pointerdown", (e) => {
  const row = e.target.closest("[data-drag-handle]")?.closest("[data-row]");
  if (!row || e.button) return;
  e.preventDefault();
  const list = row.closest("[data-rows]");
  let target;
  const onMove = (event) => {
    row.classList.add("menu__row--dragging");
    target?.classList.remove("menu__row--drop-target");
    target = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-row]");
    if (target === row || target?.closest("[data-rows]") !== list) target = null;
    target?.classList.add("menu__row--drop-target");
  };
  const onEnd = (event) => {
    removeEventListener("pointermove", onMove);
    removeEventListener("pointerup", onEnd);
    removeEventListener("pointercancel", onEnd);
    row.classList.remove("menu__row--dragging");
    target?.classList.remove("menu__row--drop-target");
    if (event.type !== "pointerup" || !target) return;
    const rows = rowsOf(list);
    if (rows.indexOf(target) < rows.indexOf(row)) target.before(row);
    else target.after(row);
    onMoved(row, row.querySelector("select"));
  };
  addEventListener("pointermove", onMove);
  addEventListener("pointerup", onEnd);
  addEventListener("pointercancel", onEnd);
});

// Warn before leaving with unsaved changes.
let changed = form.querySelector(".errorlist") !== null;
for (const type of ["input", "click", "keydown", "pointerup"]) {
  form.addEventListener(type, (e) => {
    if (
      type === "input" ||
      (type === "keydown" && e.altKey) ||
      e.target.closest?.("[data-direction], [data-drag-handle]")
    )
      changed = true;
  });
}
form.addEventListener("submit", () => {
  changed = false;
});
addEventListener("beforeunload", (e) => {
  if (changed) e.preventDefault();
});
document.documentElement.dataset.ready = "true";
