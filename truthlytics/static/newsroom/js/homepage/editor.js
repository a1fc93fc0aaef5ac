// The front page editor without page reloads: every action is posted, and the parts of the answer replace those of the
// page. Without this script the same form does the same.
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
      status.textContent = "No response from the server. Your layout is not lost; try again in a moment.";
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
    status.textContent = "Undone.";
  });
}
undoButton.addEventListener("click", undo);

document.addEventListener("keydown", (e) => {
  const slot = e.target.closest?.("[data-slot]");
  const direction = e.altKey && { ArrowUp: "up", ArrowDown: "down" }[e.key];
  if (slot && direction) {
    e.preventDefault();
    slot.querySelector(`[data-direction="${direction}"]`)?.click();
  }
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

// Dragging with mouse or pen.
form.addEventListener("pointerdown", (e) => {
  const handle = e.target.closest("[data-drag-handle]");
  const source = handle?.closest("[data-article]");
  if (!source?.dataset.article || e.button || e.pointerType === "touch") return;
  const start = [e.clientX, e.clientY];
  const headline = source.dataset.headline ?? source.querySelector(".slot__headline").textContent;
  let preview, target;
  const move = (event) => {
    if (!preview && Math.hypot(event.clientX - start[0], event.clientY - start[1]) < 6) return;
    if (!preview) {
      preview = Object.assign(document.createElement("div"), { className: "drag-preview", textContent: headline });
      document.body.append(preview);
    }
    preview.style.translate = `${event.clientX + 10}px ${event.clientY + 10}px`;
    target?.classList.remove("slot--drop-target");
    target = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-slot]");
    target?.classList.add("slot--drop-target");
  };
  const end = (event) => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", end);
    removeEventListener("pointercancel", end);
    preview?.remove();
    target?.classList.remove("slot--drop-target");
    if (event.type === "pointerup" && target && target !== source)
      run(`put ${target.dataset.slot} ${source.dataset.article} ${source.dataset.slot ?? ""}`.trim(), { focus: false });
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", end);
  addEventListener("pointercancel", end);
});
document.documentElement.toggleAttribute("data-ready", true);
