// Moving items by dragging them at a handle, and with Alt and the arrow keys. What is dragged, and the item that it would
// be dropped on, have an attribute for the style sheet.
const THRESHOLD = 6; // px; a shorter movement is a click

/** Calls `move(item, direction, focused)` with "up" or "down" for Alt and an arrow key within an item. */
export function moveByKeys(root, items, move) {
  root.addEventListener("keydown", (event) => {
    const item = event.target.closest?.(items);
    const direction = event.altKey && { ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (!item || !direction) return;
    event.preventDefault();
    move(item, direction, event.target);
  });
}

/** Calls `drop(item, target)` when an item was dragged onto another element that `targetOf(element, item)` returns. */
export function moveByDragging(root, items, { targetOf, drop, label, touch = false }) {
  root.addEventListener("pointerdown", (down) => {
    const item = down.target.closest("[data-drag-handle]")?.closest(items);
    if (!item || down.button || (down.pointerType === "touch" && !touch)) return;
    if (touch) down.preventDefault();
    const ended = new AbortController();
    const { signal } = ended;
    let preview, target;
    const mark = (element) => {
      target?.removeAttribute("data-drop-target");
      target = element;
      target?.setAttribute("data-drop-target", "");
    };
    const move = ({ clientX, clientY }) => {
      const isDragging = item.hasAttribute("data-dragging");
      if (!isDragging && Math.hypot(clientX - down.clientX, clientY - down.clientY) < THRESHOLD) return;
      item.setAttribute("data-dragging", "");
      if (label && !preview) {
        preview = Object.assign(document.createElement("div"), { className: "drag-preview", textContent: label(item) });
        document.body.append(preview);
      }
      if (preview) preview.style.translate = `${clientX + 10}px ${clientY + 10}px`;
      const found = targetOf(document.elementFromPoint(clientX, clientY), item);
      mark(found === item ? null : found);
    };
    const end = ({ type }) => {
      const dropped = type === "pointerup" && target;
      ended.abort();
      preview?.remove();
      mark(null);
      item.removeAttribute("data-dragging");
      if (dropped) drop(item, dropped);
    };
    addEventListener("pointermove", move, { signal });
    addEventListener("pointerup", end, { signal });
    addEventListener("pointercancel", end, { signal });
  });
}

/** Orders rows by handle, keys and buttons with `data-direction`. Calls `moved(row, list)` with the list of the row. */
export function reorder(root, moved) {
  const listOf = (row) => row.closest("[data-rows]");
  const finish = (row, focused) => {
    focused?.focus();
    moved(row, listOf(row));
  };
  const move = (row, direction, focused) => {
    const neighbour = direction === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!neighbour?.matches("[data-row]:not([hidden])")) return;
    if (direction === "up") neighbour.before(row);
    else neighbour.after(row);
    finish(row, focused);
  };
  moveByKeys(root, "[data-row]", move);
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-direction]");
    if (!button) return;
    event.preventDefault();
    move(button.closest("[data-row]"), button.dataset.direction, button);
  });
  moveByDragging(root, "[data-row]", {
    touch: true, // the handle does not scroll
    targetOf: (element, row) => {
      const target = element?.closest("[data-row]");
      return target && listOf(target) === listOf(row) ? target : null;
    },
    drop(row, target) {
      const isBefore = row.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING;
      if (isBefore) target.before(row);
      else target.after(row);
      finish(row, row.querySelector("select"));
    },
  });
  for (const control of root.querySelectorAll("[data-drag-handle], [data-move-buttons]")) control.hidden = false;
}
