// Calendar: keyboard shortcuts (← → and T), and rescheduling by dragging an event to another day.
const form = document.querySelector("form[data-reschedule]");
const SHORTCUTS = { ArrowLeft: '[rel="prev"]', ArrowRight: '[rel="next"]', t: "[data-today]" };
let dragged = null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  document.querySelector(SHORTCUTS[event.key] ?? "no")?.click();
});

function dayAt(event) {
  return dragged && event.target.closest?.("[data-day]");
}

function clearDropTarget() {
  for (const day of document.querySelectorAll(".day--drop-target")) day.classList.remove("day--drop-target");
}

if (form) {
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-url]") ?? null;
    if (!dragged) return;
    dragged.classList.add("calendar-event--dragging");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.innerText);
  });
  document.addEventListener("dragover", (event) => {
    const day = dayAt(event);
    clearDropTarget();
    if (!day) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    day.classList.add("day--drop-target");
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("calendar-event--dragging");
    dragged = null;
    clearDropTarget();
  });
  document.addEventListener("drop", (event) => {
    const day = dayAt(event);
    if (!day) return;
    event.preventDefault();
    if (day.contains(dragged)) return;
    form.action = dragged.dataset.url;
    form.elements.day.value = day.dataset.day;
    form.elements.seen.value = dragged.dataset.seen;
    form.submit();
  });
}
