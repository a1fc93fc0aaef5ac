// The button names the moment while it is typed, as the server reads the newsroom's clocks.
const button = document.querySelector("[data-moment]");
const form = button?.form;
const said = form?.querySelector("[data-moment-said]");
const which = form?.querySelector(".goes__which");
const PAUSE = 200;
let waiting, asked = 0;

function value(name) {
  return form.elements[name]?.value ?? "";
}

function sure(at) {
  let field = form.elements.sure;
  if (!field) {
    field = Object.assign(document.createElement("input"), { type: "hidden", name: "sure" });
    form.append(field);
  }
  field.value = at;
}

function unnamed() {
  // As without script: the press asks, and nothing is done before the moment was read.
  button.name = "look";
  button.value = "1";
  button.textContent = `${button.dataset.then} …`;
  form.elements.sure?.remove();
}

async function name() {
  const number = ++asked;
  unnamed();
  said.textContent = "";
  if (!value("day") || !value("hour")) return;
  const query = new URLSearchParams({ day: value("day"), hour: value("hour"), which: value("which") });
  let answer;
  try {
    const response = await fetch(`${button.dataset.moment}?${query}`, { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    answer = await response.json();
  } catch {
    return;
  }
  if (number !== asked) return;
  which.hidden = !answer.which;
  said.textContent = answer.sentence;
  if (answer.at) {
    sure(answer.at);
    button.removeAttribute("name");
    button.textContent = `${button.dataset.then} ${answer.named}`;
  }
}

if (button) {
  form.addEventListener("input", (event) => {
    if (!["day", "hour", "which"].includes(event.target.name)) return;
    // Another hour has no two of it, until it is known that it has.
    if (event.target.name !== "which") for (const one of form.querySelectorAll("[name=which]")) one.checked = false;
    clearTimeout(waiting);
    waiting = setTimeout(name, PAUSE);
  });
  if (value("day") && value("hour") && !form.elements.sure) name();
}
