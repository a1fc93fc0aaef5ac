// Choosing an article by its headline: each field with an article's URL becomes a search with a list of results.
import { listbox, option } from "../../../js/listbox.js";
import { optionSearch } from "../shared/option-search.js";

const { url, placeholder, none } = document.querySelector("#article-picker").dataset;
let number = 0;

function enhance(field) {
  const id = `article-options-${number++}`;
  const search = Object.assign(document.createElement("input"), {
    type: "text",
    id: field.id,
    autocomplete: "off",
    placeholder,
    spellcheck: false,
  });
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
  }))
    search.setAttribute(name, value);
  const list = Object.assign(document.createElement("ul"), {
    id,
    className: "article-picker__options",
    role: "listbox",
    hidden: true,
  });
  list.setAttribute("aria-label", placeholder);
  // Not in the list: a listbox holds nothing but options.
  const status = Object.assign(document.createElement("p"), { className: "article-picker__none", role: "status" });
  search.value = field.dataset.slug === field.value ? (field.dataset.headline ?? "") : field.value;
  field.removeAttribute("id");
  // Not of type "hidden", which the recovery of unsaved input leaves out.
  field.hidden = true;
  field.after(search, list, status);
  field.closest(".article-picker").dataset.enhanced = "";

  const box = listbox(list, { field: search, status, choose, keys: ["Enter", "Escape"] });
  const found = optionSearch(box, {
    url,
    toOptions: ({ items }) => ({ items: items.map(toOption), count: items.length }),
    none: () => none,
    failed: gettext("You can enter the URL."),
    selectFirst: (query) => query !== "",
  });
  function toOption({ slug, headline, details }) {
    const small = Object.assign(document.createElement("small"), { textContent: details });
    return option({ slug, headline }, headline, small);
  }
  function close() {
    found.stop();
    box.close();
  }
  function choose({ dataset }) {
    field.value = dataset.slug;
    search.value = dataset.headline;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  }

  // Recovered after a lost connection: show it as the URL that it is.
  field.addEventListener("change", () => {
    if (document.activeElement !== search) search.value = field.value;
  });
  search.addEventListener("input", () => {
    // Until a result is chosen, what is typed counts as a URL; an empty field clears the row.
    field.value = search.value.trim();
    found.searchSoon(search.value);
  });
  search.addEventListener("focus", () => {
    if (!search.value) found.search("");
  });
  search.addEventListener("blur", close);
  search.addEventListener("keydown", (event) => {
    if (event.altKey) return; // moves the row
    if (event.key === "Escape") found.stop();
    if (box.press(event) || !["Enter", "ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    if (event.key !== "Enter") found.search(search.value);
  });
}

document.querySelectorAll("[data-article-picker]").forEach(enhance);
document.addEventListener("row-added", (event) => {
  event.target.querySelectorAll("[data-article-picker]").forEach(enhance);
});
