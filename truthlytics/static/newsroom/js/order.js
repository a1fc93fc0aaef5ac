// The order of a list by mouse and by keys, without page loads. Without this file its buttons do the same.
const form = document.querySelector("[data-order]");
const list = form.querySelector("ol");
const said = form.querySelector("[data-said]");
let held = null;

function number() {
  [...list.children].forEach((row, place) => { row.querySelector("input").value = place + 1; });
}

function tell(row) {
  number();
  const place = [...list.children].indexOf(row) + 1;
  said.textContent = `${row.querySelector("input").ariaLabel}: ${place} of ${list.children.length}. Not saved yet.`;
}

function step(row, way) {
  const other = way === "up" ? row.previousElementSibling : row.nextElementSibling;
  if (other) way === "up" ? other.before(row) : other.after(row);
  tell(row);
}

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.name !== "move") return;
  event.preventDefault();
  step(button.closest("li"), button.value.split(" ")[1]);
  button.focus();
});

list.addEventListener("keydown", (event) => {
  const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!event.altKey || !way) return;
  event.preventDefault();
  const at = event.target;
  step(at.closest("li"), way);
  at.focus();
});

for (const row of list.children) row.draggable = true;
list.addEventListener("dragstart", (event) => {
  held = event.target.closest("li");
  held.classList.add("order__held");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", held.innerText);
});
list.addEventListener("dragover", (event) => {
  const row = event.target.closest("li");
  if (!held || !row) return;
  event.preventDefault();
  if (row === held) return;
  const box = row.getBoundingClientRect();
  event.clientY < box.top + box.height / 2 ? row.before(held) : row.after(held);
});
list.addEventListener("drop", (event) => event.preventDefault());
list.addEventListener("dragend", () => {
  held.classList.remove("order__held");
  tell(held);
  held = null;
});
