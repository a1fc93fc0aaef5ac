// Autocomplete of @mentions: the users with access to the article, chosen by arrow keys and Enter or by mouse.
const FIELDS = "[data-mentions], .remarks-page textarea[name=text]";
const MENTION = /(^|[\s(“"'])@([\p{L}\p{N}.'’ -]{0,40})$/u;
const MAX_OPTIONS = 6;
const list = Object.assign(document.createElement("ul"), {
  id: "mention-names",
  className: "remark-mentions",
  role: "listbox",
  hidden: true,
});
list.setAttribute("aria-label", "Names");
let names = null;
let field = null;
let selected = 0;

async function loadNames() {
  if (names) return;
  names = [];
  const response = await fetch(document.querySelector("[data-names-url]").dataset.namesUrl, {
    headers: { Accept: "application/json" },
  }).catch(() => null);
  if (response?.ok && !response.redirected) names = (await response.json()).names;
  else names = null;
}

function close() {
  list.hidden = true;
  field?.removeAttribute("aria-activedescendant");
  field = null;
}

function select(index) {
  selected = (index + list.children.length) % list.children.length;
  [...list.children].forEach((item, i) => {
    item.ariaSelected = String(i === selected);
  });
  field.setAttribute("aria-activedescendant", list.children[selected].id);
}

async function showOptions(target) {
  const match = () => target.value.slice(0, target.selectionStart).match(MENTION);
  if (!match()) return close();
  await loadNames();
  const [, , typed] = match() ?? [];
  if (typed === undefined || document.activeElement !== target) return close();
  const query = typed.toLowerCase();
  const options = (names ?? [])
    .filter(
      (name) =>
        name.toLowerCase() !== query.trim() &&
        (name.toLowerCase().startsWith(query) ||
          (query &&
            name
              .toLowerCase()
              .split(" ")
              .some((part) => part.startsWith(query)))),
    )
    .slice(0, MAX_OPTIONS);
  if (!options.length) return close();
  field = target;
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  list.replaceChildren(
    ...options.map((name, i) => {
      const item = Object.assign(document.createElement("li"), {
        id: `mention-${i}`,
        role: "option",
        textContent: name,
      });
      // mousedown, so that the field keeps the focus.
      item.addEventListener("mousedown", (e) => {
        e.preventDefault();
        choose(name);
      });
      return item;
    }),
  );
  field.after(list);
  list.hidden = false;
  select(0);
}

function choose(name) {
  const completed = field.value.slice(0, field.selectionStart).replace(MENTION, (_, before) => `${before}@${name} `);
  field.setRangeText(completed, 0, field.selectionStart, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  close();
}

document.addEventListener(
  "input",
  (e) => {
    if (e.target.matches?.(FIELDS)) showOptions(e.target);
  },
  true,
);
document.addEventListener(
  "keydown",
  (e) => {
    if (list.hidden || e.target !== field) return;
    const chooseSelected = () => choose(list.children[selected].textContent);
    const actions = {
      ArrowDown: () => select(selected + 1),
      ArrowUp: () => select(selected - 1),
      Enter: chooseSelected,
      Tab: chooseSelected,
      Escape: close,
    };
    if (!actions[e.key] || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    e.stopPropagation();
    actions[e.key]();
  },
  true,
);
document.addEventListener("focusout", (e) => {
  if (e.target === field) close();
});
