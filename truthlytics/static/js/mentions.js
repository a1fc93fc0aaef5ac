// Offers names after an @, chosen with the arrow keys and Enter, or by mouse or finger.
import { listbox, option } from "./listbox.js";

const MENTION = /(^|[\s(“"'])@([\p{L}\p{N}.'’ -]{0,40})$/u;
const MAX_OPTIONS = 6;
const beforeCursor = (field) => field.value.slice(0, field.selectionStart);

/** Offers `names()` in the fields of `root` that match `selector`. `label` names the list. */
export function offerMentions(root, { selector, names, label, className = "mentions" }) {
  const list = Object.assign(document.createElement("ul"), {
    id: "mention-names",
    className,
    hidden: true,
  });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  const box = listbox(list, { choose });

  function choose({ textContent: name }) {
    const { field } = box;
    const completed = beforeCursor(field).replace(MENTION, (_, before) => `${before}@${name} `);
    field.setRangeText(completed, 0, field.selectionStart, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    box.close();
  }

  async function offer(field) {
    const typed = () => beforeCursor(field).match(MENTION)?.[2].toLowerCase();
    if (typed() === undefined) return box.close();
    const all = await names();
    const query = typed();
    if (query === undefined || document.activeElement !== field) return box.close();
    const matches = (name) => [name, ...(query ? name.split(" ") : [])].some((part) => part.startsWith(query));
    const found = all.filter((name) => name.toLowerCase() !== query.trim() && matches(name.toLowerCase()));
    if (!found.length) return box.close();
    field.setAttribute("aria-autocomplete", "list");
    field.after(list);
    box.open(
      found.slice(0, MAX_OPTIONS).map((name) => Object.assign(option({}, name), { dir: "auto" })),
      { to: field },
    );
  }

  // Before other scripts, which send with Enter or close with Escape. Text that scripts fill in is not completed.
  root.addEventListener("input", (e) => e.isTrusted && e.target.matches?.(selector) && offer(e.target), true);
  root.addEventListener(
    "keydown",
    (e) => box.isOpen && e.target === box.field && box.press(e) && e.stopPropagation(),
    true,
  );
  root.addEventListener("focusout", (e) => e.target === box.field && box.close());
}
