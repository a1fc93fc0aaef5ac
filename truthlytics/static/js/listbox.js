// Options under a field that keeps the focus, chosen by keys or mouse (ARIA combobox pattern).

/** Returns an option with the given data attributes. */
export function option(data, ...children) {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  Object.assign(item.dataset, data);
  item.append(...children);
  return item;
}

/**
 * Makes `list` the options of `field`, which `open` may change. `choose(option, event)` is called with the chosen one.
 *
 * `keys` are those that choose the selected option and Escape, if that closes the list. `status` shows messages.
 */
export function listbox(list, { choose, field, status, keys = ["Enter", "Tab", "Escape"] }) {
  let index = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const expand = (isOpen) => {
    list.hidden = !isOpen;
    if (isOpen) field.setAttribute("aria-controls", list.id);
    else field?.removeAttribute("aria-controls");
    if (field?.role === "combobox") field.setAttribute("aria-expanded", isOpen);
  };

  const box = {
    get field() {
      return field;
    },
    get isOpen() {
      return !list.hidden;
    },
    get selected() {
      return options()[index];
    },

    /** Selects an option; after the last one follows the first. -1 selects none. */
    select(to) {
      const all = options();
      index = all.length && to >= 0 ? to % all.length : -1;
      for (const [i, item] of all.entries()) item.setAttribute("aria-selected", i === index);
      if (index < 0) return field?.removeAttribute("aria-activedescendant");
      field.setAttribute("aria-activedescendant", all[index].id);
      all[index].scrollIntoView({ block: "nearest" });
    },

    /** Shows options, or groups of them, and a message. Without options the list is hidden. */
    open(items, { to = field, message = "", selected = 0 } = {}) {
      if (field !== to) box.close();
      field = to;
      list.replaceChildren(...items);
      const all = options();
      for (const [i, item] of all.entries()) item.id ||= `${list.id}-${i}`;
      list.removeAttribute("aria-busy");
      if (status) status.textContent = message;
      expand(all.length > 0);
      box.select(selected);
    },

    close() {
      list.replaceChildren();
      list.removeAttribute("aria-busy");
      if (status) status.textContent = "";
      box.select(-1);
      expand(false);
    },

    /** Marks the options as those of an older text, while others are searched. */
    wait() {
      list.setAttribute("aria-busy", "true");
    },

    /** Handles a key of the field. Returns whether it was one for the list. */
    press(event) {
      const count = options().length;
      if (event.isComposing || event.ctrlKey || event.metaKey) return false;
      if (event.key === "ArrowDown" && count) box.select(index + 1);
      else if (event.key === "ArrowUp" && count) box.select(index > 0 ? index - 1 : count - 1);
      else if (!keys.includes(event.key)) return false;
      else if (event.key === "Escape" && (box.isOpen || status?.textContent)) box.close();
      else if (event.key !== "Escape" && box.selected) choose(box.selected, event);
      else return false;
      event.preventDefault();
      return true;
    },
  };
  // The field keeps the focus.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) choose(chosen, event);
  });
  return box;
}
