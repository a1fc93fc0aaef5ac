// The link dialog: an address, or a page of the site found by words of its headline (ARIA combobox pattern).
import { $, create, openDialog } from "./dialog.js";

const INPUT_DELAY = 120;
const dialog = $("#link-dialog");
const form = $("form", dialog);
const input = $("#link-href", dialog);
const list = $("#link-options", dialog);
const status = $("[data-link-status]", dialog);
const error = $("[data-prompt-error]", dialog);
const removeButton = $("[data-link-remove]", dialog);
let items = [];
let selected = -1;
let request = new AbortController();
let timer;
let answer = () => {};

/** Whether `text` is an address rather than words of a headline. */
const isAddress = (text) => /^(https?:|mailto:|\/|#)/i.test(text) || (/^\S+$/.test(text) && /[.@]/.test(text));
function toHref(text) {
  if (/^(https?:|mailto:|\/)/i.test(text)) return text;
  return text.includes("@") && !text.includes("/") ? `mailto:${text}` : `https://${text}`;
}

function select(index) {
  selected = items.length ? (index + items.length) % items.length : -1;
  for (const [i, option] of [...list.children].entries()) option.setAttribute("aria-selected", i === selected);
  if (selected < 0) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", `link-option-${selected}`);
  list.children[selected].scrollIntoView({ block: "nearest" });
}

function show(found, message = "") {
  items = found;
  list.replaceChildren(
    ...items.map((item, i) => {
      const option = create(
        "li",
        { id: `link-option-${i}`, onclick: () => choose(i) },
        create("span", { textContent: item.title }),
        create("span", { className: "link-dialog__kind", textContent: item.kind }),
      );
      option.setAttribute("role", "option");
      return option;
    }),
  );
  list.hidden = !items.length;
  input.setAttribute("aria-expanded", items.length > 0);
  status.textContent = message;
  select(input.value.trim() ? 0 : -1);
}
const choose = (i) => answer({ href: items[i].href, text: items[i].title });

async function search() {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  const query = input.value.trim();
  if (isAddress(query)) return show([]);
  try {
    const response = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(query)}`, {
      signal,
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
    if (!response.ok) throw new Error(response.status);
    const found = (await response.json()).items;
    if (!signal.aborted)
      show(found, found.length ? `${found.length} ${found.length === 1 ? "result" : "results"}` : "No page matches.");
  } catch (e) {
    if (e.name !== "AbortError") show([], "The search is not available. You can enter an address.");
  }
}

/** Asks for a link. Resolves to `{href, text}`, with an empty `href` to remove the link; to null if it was cancelled. */
export function askForLink(value) {
  return new Promise((done) => {
    input.value = value;
    error.textContent = "";
    removeButton.hidden = !value;
    show([]);
    answer = openDialog(dialog, (result) => {
      clearTimeout(timer);
      request.abort();
      done(result);
    });
    input.select();
    search();
  });
}

input.addEventListener("input", () => {
  error.textContent = "";
  clearTimeout(timer);
  if (isAddress(input.value.trim())) show([]);
  else {
    select(-1);
    timer = setTimeout(search, INPUT_DELAY);
  }
});
input.addEventListener("keydown", (e) => {
  const moves = { ArrowDown: selected + 1, ArrowUp: selected < 0 ? -1 : selected - 1 };
  if (e.isComposing || !(e.key in moves) || !items.length) return;
  e.preventDefault();
  select(moves[e.key]);
});
form.addEventListener("submit", (e) => {
  e.preventDefault();
  const text = input.value.trim();
  if (selected >= 0) return choose(selected);
  if (!text) return answer({ href: "", text: "" });
  if (isAddress(text)) return answer({ href: toHref(text), text });
  error.textContent = "Choose a page from the list, or enter a full address.";
  input.focus();
});
// Keep the focus in the field.
list.addEventListener("mousedown", (e) => e.preventDefault());
removeButton.addEventListener("click", () => answer({ href: "", text: "" }));
$("[data-prompt-cancel]", dialog).addEventListener("click", () => answer(null));
