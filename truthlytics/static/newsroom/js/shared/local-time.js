// Show the typed date and time in the schedule button, as the server resolves it in the newsroom's time zone.
// A preset fills in the fields.
const button = document.querySelector("[data-local-time]");
const form = button?.form;
const status = form?.querySelector("[data-time-status]");
const dstChoice = form?.querySelector(".action-form__dst-choice");
const INPUT_DELAY = 200;
let timer,
  latestRequest = 0;

function value(name) {
  return form.elements[name]?.value ?? "";
}

function setConfirmedTime(at) {
  let field = form.elements.confirmed;
  if (!field) {
    field = Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed" });
    form.append(field);
  }
  field.value = at;
}

function resetButton() {
  // As without script: pressing the button asks for confirmation first.
  button.name = "look";
  button.value = "1";
  button.textContent = `${button.dataset.label} …`;
  form.elements.confirmed?.remove();
}

async function updateButton() {
  const request = ++latestRequest;
  resetButton();
  status.textContent = "";
  if (!value("day") || !value("hour")) return;
  const query = new URLSearchParams({ day: value("day"), hour: value("hour"), which: value("which") });
  let result;
  try {
    const response = await fetch(`${button.dataset.localTime}?${query}`, { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    result = await response.json();
  } catch {
    return;
  }
  if (request !== latestRequest) return;
  dstChoice.hidden = !result.which;
  status.textContent = result.sentence;
  if (result.at) {
    setConfirmedTime(result.at);
    button.removeAttribute("name");
    button.textContent = `${button.dataset.label} ${result.named}`;
  }
}

if (button) {
  form.addEventListener("input", (event) => {
    if (!["day", "hour", "which"].includes(event.target.name)) return;
    // Another time is unambiguous until the server says otherwise.
    if (event.target.name !== "which") for (const radio of form.querySelectorAll("[name=which]")) radio.checked = false;
    clearTimeout(timer);
    timer = setTimeout(updateButton, INPUT_DELAY);
  });
  form.addEventListener("click", (event) => {
    const preset = event.target.closest("[name=preset]");
    if (!preset) return;
    event.preventDefault();
    const [day, hour] = preset.value.split("T");
    form.elements.when.value = "later";
    form.elements.day.value = day;
    form.elements.hour.value = hour;
    form.elements.hour.dispatchEvent(new Event("input", { bubbles: true }));
    button.focus();
  });
  if (value("day") && value("hour") && !form.elements.confirmed) updateButton();
}
