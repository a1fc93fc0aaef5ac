// Offers the names in the conversation after an @, chosen with the arrow keys and Enter, or by mouse or finger.
const MENTION = /(^|[\s(“"'])@([\p{L}\p{N}.'’ -]{0,40})$/u;
const MAX_OPTIONS = 6;
const FIELD = "textarea[name=text]";
const section = document.querySelector("#comments");
const list = document.createElement("ul");
list.id = "mention-names";
list.className = "mentions";
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", section.querySelector("form[data-names]").dataset.names);
list.hidden = true;
let field = null;
let selected = 0;

function names() {
  const found = [...section.querySelectorAll(".comment__head > b > bdi")].map((name) => name.textContent.trim());
  return [...new Set(found)].filter(Boolean);
}

function close() {
  list.hidden = true;
  field?.removeAttribute("aria-activedescendant");
  field?.removeAttribute("aria-controls");
  field = null;
}

function select(index) {
  selected = (index + list.children.length) % list.children.length;
  for (const [at, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(at === selected));
  field.setAttribute("aria-activedescendant", list.children[selected].id);
  list.children[selected].scrollIntoView({ block: "nearest" });
}

const beforeCursor = (target) => target.value.slice(0, target.selectionStart);

function offers(typed) {
  const query = typed.toLowerCase();
  const matches = (name) =>
    name.toLowerCase().startsWith(query) ||
    (query &&
      name
        .toLowerCase()
        .split(" ")
        .some((part) => part.startsWith(query)));
  return names()
    .filter((name) => name.toLowerCase() !== query.trim() && matches(name))
    .slice(0, MAX_OPTIONS);
}

function showOffers(target) {
  const match = beforeCursor(target).match(MENTION);
  const found = match ? offers(match[2]) : [];
  if (!found.length) return close();
  field = target;
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  list.replaceChildren(
    ...found.map((name, at) => {
      const item = document.createElement("li");
      item.id = `mention-${at}`;
      item.setAttribute("role", "option");
      item.dir = "auto";
      item.textContent = name;
      // The field keeps the focus.
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
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
  const completed = beforeCursor(field).replace(MENTION, (_, before) => `${before}@${name} `);
  field.setRangeText(completed, 0, field.selectionStart, "end");
  close();
}

section.addEventListener("input", (event) => event.target.matches(FIELD) && showOffers(event.target));
section.addEventListener(
  "keydown",
  (event) => {
    if (list.hidden || event.target !== field || event.ctrlKey || event.metaKey) return;
    const chooseSelected = () => choose(list.children[selected].textContent);
    const actions = {
      ArrowDown: () => select(selected + 1),
      ArrowUp: () => select(selected - 1),
      Enter: chooseSelected,
      Tab: chooseSelected,
      Escape: close,
    };
    if (!Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  },
  true,
);
section.addEventListener("focusout", (event) => event.target === field && close());
