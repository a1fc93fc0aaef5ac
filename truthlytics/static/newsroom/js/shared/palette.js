// The command palette (Ctrl K, or Ctrl Shift K): searches while the user types; a newer request cancels the older one.
const INPUT_DELAY = 90;
const dialog = document.querySelector("#palette");
const input = dialog.querySelector("input");
const list = dialog.querySelector("#palette-list");
const status = dialog.querySelector(".palette__status");
let selected = -1;
let request = new AbortController();
let timer;

const create = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const options = () => [...list.querySelectorAll("[role=option]")];

function select(index) {
  const all = options();
  selected = all.length ? (index + all.length) % all.length : -1;
  for (const [i, option] of all.entries()) option.setAttribute("aria-selected", i === selected);
  if (selected < 0) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", all[selected].id);
  all[selected].scrollIntoView({ block: "nearest" });
}

function showResults(groups) {
  let count = 0;
  list.replaceChildren(
    ...groups.map(({ name, items }, i) => {
      const heading = create("div", { className: "palette__group", id: `palette-group-${i}`, textContent: name });
      const rows = items.map((item) => {
        const row = create(
          "div",
          { className: "palette__row", id: `palette-${count++}` },
          create("span", { textContent: item.name }),
          create("span", { className: "palette__kind", textContent: item.kind }),
        );
        row.setAttribute("role", "option");
        row.dataset.url = item.url;
        return row;
      });
      const group = create("div", {}, heading, ...rows);
      group.setAttribute("role", "group");
      group.setAttribute("aria-labelledby", heading.id);
      heading.setAttribute("role", "presentation");
      return group;
    }),
  );
  status.textContent = count
    ? `${count} ${count === 1 ? "result" : "results"}`
    : `Nothing found for “${input.value.trim()}”. Try fewer or different words.`;
  status.classList.toggle("palette__status--visible", !count);
  select(0);
}

function showError(message) {
  list.replaceChildren();
  select(-1);
  status.textContent = message;
  status.classList.add("palette__status--visible");
}

async function search() {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  try {
    const response = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(input.value)}`, {
      signal,
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
    if (response.type === "opaqueredirect") return showError("You are logged out. Reload the page to log in.");
    if (!response.ok) return showError("Something went wrong. Try again.");
    const { groups } = await response.json();
    if (!signal.aborted) showResults(groups);
  } catch (error) {
    if (error.name !== "AbortError") showError("No connection.");
  }
}

function open() {
  if (dialog.open) return;
  input.value = "";
  list.replaceChildren();
  status.textContent = "";
  dialog.showModal();
  search();
}

function goTo(row, inNewTab) {
  if (!row) return;
  if (inNewTab) return window.open(row.dataset.url, "_blank", "noopener");
  dialog.close();
  // Also leads to a field of the settings while they are open.
  location.href = row.dataset.url;
}

input.addEventListener("input", (event) => {
  event.stopPropagation();
  clearTimeout(timer);
  timer = setTimeout(search, INPUT_DELAY);
});
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const moves = { ArrowDown: selected + 1, ArrowUp: selected - 1 };
  if (event.key in moves) select(moves[event.key]);
  else if (event.key === "Enter") goTo(options()[selected], event.ctrlKey || event.metaKey);
  else return;
  event.preventDefault();
});
list.addEventListener("click", (event) => goTo(event.target.closest("[role=option]"), event.ctrlKey || event.metaKey));
// Keep the focus in the input field.
list.addEventListener("mousedown", (event) => event.preventDefault());
// A click on the backdrop closes the dialog.
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
dialog.addEventListener("close", () => {
  clearTimeout(timer);
  request.abort();
});
for (const link of document.querySelectorAll("[data-palette-open]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
}
// On narrow screens the main navigation scrolls: bring the current section into view.
document.querySelector(".main-nav [aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" });
const isShortcut = (event) => (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
// Open dialogs are left alone.
const openByKey = (event) => {
  if (document.querySelector("dialog[open]")) return;
  event.preventDefault();
  event.stopPropagation();
  open();
};
// In the text of an article Ctrl K is the link; Ctrl Shift K opens the palette there too, before the editor sees it.
document.addEventListener(
  "keydown",
  (event) => {
    if (isShortcut(event) && event.shiftKey) openByKey(event);
  },
  true,
);
document.addEventListener("keydown", (event) => {
  if (isShortcut(event) && !event.shiftKey && !event.defaultPrevented) openByKey(event);
});
// The list of keys. Editors and the moderation queue show their own.
document.addEventListener("keydown", (event) => {
  if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable=true]")) return;
  if (document.querySelector("dialog[open]")) return;
  event.preventDefault();
  (document.querySelector("#queue-keys") ?? document.querySelector("#keys")).showModal();
});
