// The front page editor without page reloads: every action is posted, and the parts of the answer replace those of the
// page. Without this script the same form does the same.
import { moveByDragging, moveByKeys } from "../lists/reorder.js";

const form = document.getElementById("homepage-form");
const status = form.querySelector("[data-status]");
const undoButton = form.querySelector("[data-undo]");
const search = form.elements.q;
const LEAVING_ACTIONS = new Set(["save", "preview", "publish"]);
const previousLayouts = [];
let leaving = false;
let queue = Promise.resolve();

/** Submits the form with `action` and updates the page. Actions run one after the other. */
function run(action, { focus = true, remember = true } = {}) {
  queue = queue
    .then(() => send(action, focus, remember))
    .catch(() => {
      status.textContent = gettext("No response from the server. Your layout is not lost; try again in a moment.");
    });
  return queue;
}

async function send(action, focus, remember) {
  const data = new FormData(form);
  const focusedSlot = document.activeElement.closest("[data-slot]")?.dataset.slot;
  const previousLayout = data.get("layout");
  data.set("do", action);
  const response = await fetch(form.action, { method: "POST", body: data });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!page.getElementById("homepage-form")) return submit(action); // logged out, or an error: let the browser show it
  const [target] = page.querySelectorAll("[autofocus]");
  target?.removeAttribute("autofocus"); // avoids a console warning; `target` is adopted below
  for (const part of form.querySelectorAll("[data-part]"))
    part.replaceWith(document.adoptNode(page.querySelector(`[data-part="${part.dataset.part}"]`)));
  if (remember && form.elements.layout.value !== previousLayout) previousLayouts.push(previousLayout);
  undoButton.disabled = !previousLayouts.length;
  const newStatus = page.querySelector("[data-status]");
  status.className = newStatus.className;
  status.textContent = newStatus.textContent;
  if (focus) (target ?? search).focus();
  else if (focusedSlot) form.querySelector(`[data-slot="${focusedSlot}"] button`)?.focus();
}

function submit(action) {
  leaving = true;
  const button = Object.assign(document.createElement("button"), { name: "do", value: action, hidden: true });
  form.append(button);
  form.requestSubmit(button);
}

form.addEventListener("submit", (e) => {
  const action = e.submitter?.value ?? "find";
  if (leaving || LEAVING_ACTIONS.has(action)) {
    leaving = true;
    return;
  }
  e.preventDefault();
  if (action) run(action, { focus: action !== "find" });
});
form.addEventListener("change", (e) => {
  if (e.target.dataset.action) run(e.target.dataset.action);
});

let timer;
search.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => run("find", { focus: false }), 250);
});

function undo() {
  if (!previousLayouts.length) return;
  form.elements.layout.value = previousLayouts.pop();
  run("look", { focus: false, remember: false }).then(() => {
    status.textContent = gettext("Undone.");
  });
}
undoButton.addEventListener("click", undo);

document.addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && e.key === "z" && !e.target.closest("input")) {
    e.preventDefault();
    undo();
  }
  if (e.key === "Escape" && form.elements.held) run("release");
});
addEventListener("beforeunload", (e) => {
  if (!leaving && form.querySelector("[data-unsaved]")) e.preventDefault();
});
addEventListener("pageshow", () => {
  leaving = false;
});

moveByKeys(form, "[data-slot]", (slot, direction) => slot.querySelector(`[data-direction="${direction}"]`)?.click());
moveByDragging(form, '[data-article]:not([data-article=""])', {
  label: (source) => source.dataset.headline ?? source.querySelector(".slot__headline").textContent,
  targetOf: (element) => element?.closest("[data-slot]"),
  drop: ({ dataset }, target) =>
    run(`put ${target.dataset.slot} ${dataset.article} ${dataset.slot ?? ""}`.trim(), { focus: false }),
});
document.documentElement.toggleAttribute("data-ready", true);
