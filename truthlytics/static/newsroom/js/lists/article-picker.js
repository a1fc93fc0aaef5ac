// Choosing an article by its headline: each field with an article's URL becomes a search with a list of results.
const { url, placeholder, none } = document.querySelector("#article-picker").dataset;
let number = 0;

function enhance(field) {
  const box = field.closest(".article-picker");
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
    "aria-controls": id,
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
  box.dataset.enhanced = "";

  let timer,
    asked = 0,
    selected = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];

  function close() {
    clearTimeout(timer);
    asked++;
    list.hidden = true;
    status.textContent = "";
    selected = -1;
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
  }

  function select(index) {
    const all = options();
    if (!all.length) return;
    selected = (index + all.length) % all.length;
    for (const [i, option] of all.entries()) option.setAttribute("aria-selected", String(i === selected));
    all[selected].scrollIntoView({ block: "nearest" });
    search.setAttribute("aria-activedescendant", all[selected].id);
  }

  function choose(option) {
    field.value = option.dataset.slug;
    search.value = option.dataset.headline;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  }

  function show(items) {
    list.replaceChildren(
      ...items.map((item, i) => {
        const option = Object.assign(document.createElement("li"), {
          id: `${id}-${i}`,
          role: "option",
          textContent: item.headline,
        });
        Object.assign(option.dataset, { slug: item.slug, headline: item.headline });
        option.append(Object.assign(document.createElement("small"), { textContent: item.details }));
        // mousedown, so that the field keeps the focus.
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          choose(option);
        });
        return option;
      }),
    );
    selected = -1;
    search.removeAttribute("aria-activedescendant");
    status.textContent = items.length ? "" : none;
    list.hidden = !items.length;
    search.setAttribute("aria-expanded", String(items.length > 0));
    if (items.length && search.value.trim()) select(0);
  }

  async function find() {
    const mine = ++asked;
    const response = await fetch(`${url}?q=${encodeURIComponent(search.value.trim())}`, {
      headers: { Accept: "application/json" },
    }).catch(() => null);
    if (mine !== asked || !response?.ok || response.redirected) return;
    show((await response.json()).items);
  }

  // Recovered after a lost connection: show it as the URL that it is.
  field.addEventListener("change", () => {
    if (document.activeElement !== search) search.value = field.value;
  });
  search.addEventListener("input", () => {
    // Until a result is chosen, what is typed counts as a URL; an empty field clears the row.
    field.value = search.value.trim();
    clearTimeout(timer);
    timer = setTimeout(find, 200);
  });
  search.addEventListener("focus", () => {
    if (!search.value) find();
  });
  search.addEventListener("blur", close);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && (!list.hidden || status.textContent)) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!list.hidden && selected >= 0) choose(options()[selected]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) find();
      else select(selected + (event.key === "ArrowDown" ? 1 : -1));
    }
  });
}

document.querySelectorAll("[data-article-picker]").forEach(enhance);
document.addEventListener("row-added", (event) => {
  event.target.querySelectorAll("[data-article-picker]").forEach(enhance);
});
