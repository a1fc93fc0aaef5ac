// The moderation queue without page loads: the next comment is fetched in advance and shown while a decision is saved.
// Single keys work only while the queue has the focus, and not while typing.
const queue = document.querySelector("[data-queue]");
const dialog = document.querySelector("#queue-keys");
const part = (name, root = queue) => root.querySelector(`[data-part="${name}"]`);
const current = () => part("comment").dataset.comment;
const MAX_AGE = 60_000;
const prefetched = new Map();
// Decisions are saved one after the other. `decided` has the comments with a decision that is not saved yet.
let saving = Promise.resolve();
let moving = Promise.resolve();
let unsaved = 0;
const decided = new Set();
let visits = 0;

/** Fetches a page and returns its queue. Reloads if there is none, because the session has ended. */
async function load(url, options = {}) {
  const response = await fetch(url, { headers: { Accept: "text/html" }, ...options });
  if (response.status >= 500) throw new Error(`status ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-queue]");
  // The URL of a refused decision accepts only POST.
  if (page) return { page, url: response.ok ? response.url : page.querySelector("[data-notice]").dataset.url };
  location.reload();
  return new Promise(() => {});
}

function prefetch() {
  const url = part("comment").querySelector("a[rel=next]")?.href;
  prefetched.clear();
  if (!url) return;
  const answer = load(url);
  answer.catch(() => prefetched.delete(url));
  prefetched.set(url, { answer, at: performance.now() });
}

function fetchPage(url) {
  const page = prefetched.get(url);
  return page && performance.now() - page.at < MAX_AGE ? page.answer : load(url);
}

function showList(page) {
  part("list").replaceWith(part("list", page));
  part("tabs").replaceWith(part("tabs", page));
}

function markCurrent() {
  for (const item of part("list").querySelectorAll("[data-item]")) {
    const link = item.querySelector("a");
    if (item.dataset.item === current()) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function showComment({ page, url }) {
  visits += 1;
  part("comment").replaceWith(part("comment", page));
  history.replaceState(null, "", url);
  part("comment").focus({ preventScroll: true });
  if (part("comment").getBoundingClientRect().top < 0) queue.scrollIntoView();
  prefetch();
}

async function go(url) {
  const visit = visits;
  part("comment").setAttribute("aria-busy", "true");
  try {
    const answer = await fetchPage(url);
    if (visit !== visits) return;
    if (unsaved) {
      // Rendered before the last decisions were saved.
      showComment(answer);
      for (const comment of decided) part("list").querySelector(`[data-item="${comment}"]`)?.remove();
      markCurrent();
    } else {
      showList(answer.page);
      showComment(answer);
    }
  } catch {
    part("comment").removeAttribute("aria-busy");
    notify(queue.dataset.failed);
  }
}

/** Goes to the next or previous comment after all earlier moves. */
function follow(rel) {
  moving = moving.then(() => {
    const link = part("comment").querySelector(`a[rel=${rel}]`);
    return link && go(link.href);
  });
}

/** Shows a message, with a link to `url` if given. */
function notify(text, url = "") {
  const notice = Object.assign(document.createElement("p"), { className: "queue-notice", textContent: `${text} ` });
  if (url) notice.append(Object.assign(document.createElement("a"), { href: url, textContent: queue.dataset.open }));
  part("status").prepend(notice);
}

function showStatus(page, url) {
  const notice = part("status", page).querySelector("[data-notice]");
  notice?.remove();
  part("status").replaceChildren(...part("status", page).childNodes);
  if (notice) notify(notice.textContent, url);
  startTimers();
}

/** Runs `task` after all earlier ones. */
function enqueue(task) {
  unsaved += 1;
  saving = saving.then(task).finally(() => {
    unsaved -= 1;
  });
}

/** Sends a decision or an undo, and shows the response unless the moderator has already moved on. */
async function send({ action, body, about = "", next = "" }) {
  const isUndo = !about;
  const isLast = () => unsaved === 1;
  const url = next ? new URL("..", action).href : "";
  try {
    const answer = await load(action, { method: "POST", body });
    decided.delete(about);
    if (isLast()) showList(answer.page);
    if (isUndo || (!next && current() === about)) showComment(answer);
    showStatus(answer.page, url);
    markCurrent();
  } catch {
    decided.delete(about);
    part("comment").removeAttribute("aria-busy");
    notify(queue.dataset.failed, url);
  }
}

function decide(form) {
  const next = part("comment").querySelector("a[rel=next]")?.href;
  const about = current();
  const body = new FormData(form);
  decided.add(about);
  enqueue(() => send({ action: form.action, body, about, next }));
  part("comment").setAttribute("aria-busy", "true");
  if (next) moving = moving.then(() => go(next));
}

function undo(form = null) {
  enqueue(() => {
    const latest = form ?? part("status").querySelector("[data-undo]");
    return latest && send({ action: latest.action, body: new FormData(latest) });
  });
}

/** Counts down the seconds in which a decision can be undone, then removes its button. */
function startTimers() {
  for (const form of part("status").querySelectorAll("[data-undo]")) {
    const end = performance.now() + Number(form.dataset.undo) * 1000;
    form.querySelector("[data-bar]").style.animationDelay = `${Number(form.dataset.undo) - 10}s`;
    const tick = () => {
      const left = end - performance.now();
      if (!form.isConnected) return;
      if (left <= 0) form.remove();
      else {
        form.querySelector("[data-seconds]").textContent = `${Math.ceil(left / 1000)} s`;
        setTimeout(tick, Math.min(left, 250));
      }
    };
    tick();
  }
}

const focusField = (action) => action.querySelector("input[type=text], select").focus();
// Focuses the field at once, so that it receives what is typed next.
function open(key) {
  const action = part("comment").querySelector(`[data-key="${key}"]`);
  if (!action) return;
  action.open = true;
  focusField(action);
}
const keys = {
  j: () => follow("next"),
  k: () => follow("prev"),
  a: () => part("comment").querySelector('[data-decide="a"]')?.requestSubmit(),
  r: () => open("R"),
  e: () => open("E"),
  s: () => open("S"),
  u: () => undo(),
  "?": () => dialog.showModal(),
};

queue.addEventListener("keydown", (event) => {
  const action = event.target.closest("details[data-key]");
  if (event.key === "Escape" && action?.open) {
    action.open = false;
    part("comment").focus();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest("input, select, textarea"))
    return;
  const key = event.key.toLowerCase();
  if (!Object.hasOwn(keys, key)) return;
  event.preventDefault();
  if ("jku?".includes(key) || !part("comment").hasAttribute("aria-busy")) keys[key]();
});

queue.addEventListener(
  "toggle",
  (event) => {
    if (
      event.target.matches("[data-key]") &&
      event.target.open &&
      !event.target.querySelector("form").contains(document.activeElement)
    )
      focusField(event.target);
  },
  true,
);

queue.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-decide], [data-undo]")) return;
  event.preventDefault();
  if (event.target.matches("[data-undo]")) undo(event.target);
  else if (!part("comment").hasAttribute("aria-busy")) decide(event.target);
});

queue.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  moving = moving.then(() => go(link.href));
});

document.querySelector("[data-keys]").hidden = false;
dialog.addEventListener("close", () => part("comment").focus());
if (document.activeElement === document.body) part("comment").focus({ preventScroll: true });
startTimers();
prefetch();
