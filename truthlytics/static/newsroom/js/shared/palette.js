// The command palette (Ctrl K, or Ctrl Shift K): searches while the user types.
import { listbox } from "../../../js/listbox.js";
import { optionSearch } from "./option-search.js";

const dialog = document.querySelector("#palette");
const input = dialog.querySelector("input");
const list = dialog.querySelector("#palette-list");
const box = listbox(list, {
  field: input,
  status: dialog.querySelector(".palette__status"),
  keys: ["Enter"],
  choose: (row, event) => goTo(row, event.ctrlKey || event.metaKey),
});
const { search, searchSoon, stop } = optionSearch(box, {
  url: dialog.dataset.url,
  toOptions: ({ groups }) => ({ items: groups.map(toGroup), count: groups.flatMap(({ items }) => items).length }),
  none: (query) =>
    interpolate(gettext("Nothing found for “%(query)s”. Try fewer or different words."), { query }, true),
});

const create = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
function toRow(item) {
  const name = create("span", { textContent: item.name });
  const kind = create("span", { className: "palette__kind", textContent: item.kind });
  const row = create("div", { className: "palette__row" }, name, kind);
  row.setAttribute("role", "option");
  row.dataset.url = item.url;
  return row;
}
function toGroup({ name, items }, i) {
  const heading = create("div", { className: "palette__group", id: `palette-group-${i}`, textContent: name });
  const group = create("div", {}, heading, ...items.map(toRow));
  group.setAttribute("role", "group");
  group.setAttribute("aria-labelledby", heading.id);
  heading.setAttribute("role", "presentation");
  return group;
}

function open() {
  if (dialog.open) return;
  input.value = "";
  box.close();
  dialog.showModal();
  search("");
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
  searchSoon(input.value);
});
input.addEventListener("keydown", (event) => {
  if (box.press(event) || event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  goTo(box.selected, event.ctrlKey || event.metaKey);
});
// A click on the backdrop closes the dialog.
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
dialog.addEventListener("close", stop);
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
