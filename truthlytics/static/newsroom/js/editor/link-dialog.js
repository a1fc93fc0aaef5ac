// The link dialog: an address, or a page of the site found by words of its headline (ARIA combobox pattern).
import { listbox, option } from "../../../js/listbox.js";
import { optionSearch } from "../shared/option-search.js";
import { $, create, openDialog } from "./dialog.js";

const dialog = $("#link-dialog");
const form = $("form", dialog);
const input = $("#link-href", dialog);
const error = $("[data-prompt-error]", dialog);
const removeButton = $("[data-link-remove]", dialog);
let answer = () => {};

/** Whether `text` is an address rather than words of a headline. */
const isAddress = (text) => /^(https?:|mailto:|\/|#)/i.test(text) || (/^\S+$/.test(text) && /[.@]/.test(text));
function toHref(text) {
  if (/^(https?:|mailto:|\/)/i.test(text)) return text;
  return text.includes("@") && !text.includes("/") ? `mailto:${text}` : `https://${text}`;
}

const choose = ({ dataset }) => answer({ href: dataset.href, text: dataset.title });
const box = listbox($("#link-options", dialog), {
  field: input,
  status: $("[data-link-status]", dialog),
  keys: [],
  choose,
});
function toOption({ href, title, kind }) {
  const names = { className: "link-dialog__kind", textContent: kind };
  return option({ href, title }, create("span", { textContent: title }), create("span", names));
}
const { search, searchSoon, stop } = optionSearch(box, {
  url: dialog.dataset.url,
  toOptions: ({ items }) => ({ items: items.map(toOption), count: items.length }),
  none: () => gettext("No page matches."),
  failed: gettext("You can enter an address."),
  selectFirst: (query) => query !== "",
});

/** Asks for a link. Resolves to `{href, text}`, with an empty `href` to remove the link; to null if it was cancelled. */
export function askForLink(value) {
  return new Promise((done) => {
    input.value = value;
    error.textContent = "";
    removeButton.hidden = !value;
    box.close();
    answer = openDialog(dialog, (result) => {
      stop();
      done(result);
    });
    input.select();
    if (!isAddress(value.trim())) search(value);
  });
}

document.addEventListener("newsroom:link", ({ detail: { value, done } }) => askForLink(value).then(done));
input.addEventListener("input", () => {
  error.textContent = "";
  box.select(-1);
  if (!isAddress(input.value.trim())) return searchSoon(input.value);
  stop();
  box.close();
});
input.addEventListener("keydown", box.press);
form.addEventListener("submit", (e) => {
  e.preventDefault();
  const text = input.value.trim();
  if (box.selected) return choose(box.selected);
  if (!text) return answer({ href: "", text: "" });
  if (isAddress(text)) return answer({ href: toHref(text), text });
  error.textContent = gettext("Choose a page from the list, or enter a full address.");
  input.focus();
});
removeButton.addEventListener("click", () => answer({ href: "", text: "" }));
$("[data-prompt-cancel]", dialog).addEventListener("click", () => answer(null));
