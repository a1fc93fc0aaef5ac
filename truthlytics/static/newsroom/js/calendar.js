// The calendar by keys (← → and T), and what waits by mouse: dropped on a day, it is sent as the form would send it.
const form = document.querySelector("form[data-move]");
const keys = { ArrowLeft: '[rel="prev"]', ArrowRight: '[rel="next"]', t: "[data-today]" };
let held = null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  document.querySelector(keys[event.key] ?? "no")?.click();
});

function dayAt(event) {
  return held && event.target.closest?.("[data-day]");
}

function unmark() {
  for (const day of document.querySelectorAll(".day--over")) day.classList.remove("day--over");
}

if (form) {
  document.addEventListener("dragstart", (event) => {
    held = event.target.closest?.("[data-url]") ?? null;
    if (!held) return;
    held.classList.add("slip--held");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.innerText);
  });
  document.addEventListener("dragover", (event) => {
    const day = dayAt(event);
    unmark();
    if (!day) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    day.classList.add("day--over");
  });
  document.addEventListener("dragend", () => {
    held?.classList.remove("slip--held");
    held = null;
    unmark();
  });
  document.addEventListener("drop", (event) => {
    const day = dayAt(event);
    if (!day) return;
    event.preventDefault();
    if (day.contains(held)) return;
    form.action = held.dataset.url;
    form.elements.day.value = day.dataset.day;
    form.elements.seen.value = held.dataset.seen;
    form.submit();
  });
}
