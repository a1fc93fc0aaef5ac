// Ordering of sections by mouse and keyboard without page reloads. Without this script the buttons do the same.
const form = document.querySelector("[data-order]");
const list = form.querySelector("ol");
const status = form.querySelector("[data-status]");
let dragged = null;

function updatePositions() {
  [...list.children].forEach((row, index) => {
    row.querySelector("input").value = index + 1;
  });
}

function onMoved(row) {
  updatePositions();
  const position = [...list.children].indexOf(row) + 1;
  status.textContent = `${row.querySelector("input").ariaLabel}: ${position} of ${list.children.length}. Not saved yet.`;
}

function move(row, direction) {
  const neighbour = direction === "up" ? row.previousElementSibling : row.nextElementSibling;
  if (neighbour) direction === "up" ? neighbour.before(row) : neighbour.after(row);
  onMoved(row);
}

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.name !== "move") return;
  event.preventDefault();
  move(button.closest("li"), button.value.split(" ")[1]);
  button.focus();
});

list.addEventListener("keydown", (event) => {
  const direction = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!event.altKey || !direction) return;
  event.preventDefault();
  const focused = event.target;
  move(focused.closest("li"), direction);
  focused.focus();
});

for (const row of list.children) row.draggable = true;
list.addEventListener("dragstart", (event) => {
  dragged = event.target.closest("li");
  dragged.classList.add("section-order__dragging");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.innerText);
});
list.addEventListener("dragover", (event) => {
  const row = event.target.closest("li");
  if (!dragged || !row) return;
  event.preventDefault();
  if (row === dragged) return;
  const box = row.getBoundingClientRect();
  event.clientY < box.top + box.height / 2 ? row.before(dragged) : row.after(dragged);
});
list.addEventListener("drop", (event) => event.preventDefault());
list.addEventListener("dragend", () => {
  dragged.classList.remove("section-order__dragging");
  onMoved(dragged);
  dragged = null;
});
