// Saves the draft of the design a moment after each change, and shows it in the preview.
const form = document.querySelector("[data-design]");
const frame = document.querySelector("[data-design-frame]");
const state = document.querySelector("[data-design-state]");
const DELAY = 400;
let timer;
let newest = 0;

async function save() {
  const number = ++newest;
  let text = form.dataset.failed;
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    const { problems } = await response.json();
    text = problems.join(" ") || form.dataset.saved;
    if (!problems.length && number === newest) frame.contentWindow.location.reload();
  } catch {
    // Offline, or logged out: the button saves with a page of its own.
  }
  if (number === newest) state.textContent = text;
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(save, DELAY);
});
form.addEventListener("submit", () => clearTimeout(timer));
