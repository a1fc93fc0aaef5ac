// Saves the block at the cursor under a name, and inserts copies of saved blocks.
import { $, create, openDialog } from "./dialog.js";
import { focusEditor } from "./helpers.js";

const CONNECTION_ERROR = gettext("The saved blocks cannot be reached. Try again.");
// A shorter list needs no search.
const MIN_SEARCHED = 8;
// Of the block that can be saved.
const MAX_WORDS = 12;
const dialog = $("#saved-blocks");
const list = dialog && $("[data-blocks-list]", dialog);
const search = dialog && $("[data-blocks-search]", dialog);
let editor;
let close = () => {};

/** Sends a request below the list of saved blocks. Returns the answer, or one that says why there is none. */
async function request(path, fields) {
  try {
    const body = fields && new FormData();
    for (const [name, value] of Object.entries(fields ?? {})) body.set(name, value);
    body?.set("csrfmiddlewaretoken", $("[name=csrfmiddlewaretoken]").value);
    const options = { method: body ? "POST" : "GET", body, headers: { Accept: "application/json" } };
    const response = await fetch(dialog.dataset.url + path, options);
    return await response.json();
  } catch {
    return { says: CONNECTION_ERROR };
  }
}
const showError = (text = "") => {
  $("[data-blocks-error]", dialog).textContent = text;
};

/** Returns the selected top-level blocks as HTML, and their text. */
function selectedBlocks() {
  const { $from, $to } = editor.state.selection;
  const page = new DOMParser().parseFromString(editor.getHTML(), "text/html");
  const blocks = [...page.body.children].slice($from.index(0), $to.indexAfter(0));
  return {
    body: blocks.map(({ outerHTML }) => outerHTML).join(""),
    text: blocks.map(({ textContent }) => textContent).join(" "),
  };
}

/** Inserts a copy after the block at the cursor, or instead of an empty paragraph. */
function insert(item) {
  close();
  const { $from, to } = editor.state.selection;
  const isEmpty = $from.depth === 1 && $from.parent.type.name === "paragraph" && !$from.parent.content.size;
  const after = $from.depth ? $from.after(1) : to;
  focusEditor(editor)
    .insertContentAt(isEmpty ? { from: $from.before(1), to: after } : after, item.body)
    .run();
}

function createRow(item) {
  const row = create("li", {});
  const insertButton = create(
    "button",
    { type: "button", className: "saved-blocks__insert", onclick: () => insert(item) },
    create("b", { textContent: item.name }),
    create("span", { textContent: item.excerpt }),
  );
  row.append(insertButton);
  if (item.may_delete) row.append(createDeleteButton(item));
  return row;
}

/** Returns a button that deletes `item` when it is pressed a second time. */
function createDeleteButton(item) {
  const button = create("button", {
    type: "button",
    className: "btn btn--small btn--quiet",
    textContent: gettext("Delete"),
  });
  button.setAttribute("aria-label", interpolate(gettext("Delete “%(name)s”"), item, true));
  button.addEventListener("click", async () => {
    if (!button.dataset.asked) {
      button.dataset.asked = "true";
      button.textContent = gettext("Really delete?");
      button.setAttribute("aria-label", interpolate(gettext("Really delete “%(name)s”?"), item, true));
      return;
    }
    const { says } = await request(`${item.pk}/forget/`, {});
    showError(says);
    await load();
    (search.hidden ? $("[data-blocks-close]", dialog) : search).focus();
  });
  return button;
}

async function load() {
  const { items = [], more, says = "" } = await request(`pick/?${new URLSearchParams({ q: search.value })}`);
  list.replaceChildren(...items.map(createRow));
  if (!search.value) search.hidden = items.length < MIN_SEARCHED;
  const none = search.value ? gettext("No saved block matches.") : gettext("There are no saved blocks yet.");
  const status = items.length ? (more ? gettext("There are more. Search for the others.") : "") : none;
  $("[data-blocks-status]", dialog).textContent = says || status;
}

function offerToSave() {
  const form = $("[data-blocks-save]", dialog);
  if (!form) return;
  const { body, text } = selectedBlocks();
  const words = text.trim().split(/\s+/);
  const excerpt = `${words.slice(0, MAX_WORDS).join(" ")}${words.length > MAX_WORDS ? " …" : ""}`;
  form.elements.name.value = "";
  $("[data-blocks-excerpt]", form).textContent = excerpt
    ? interpolate(gettext("The block at the cursor: “%(excerpt)s”"), { excerpt }, true)
    : "";
  form.onsubmit = async (e) => {
    e.preventDefault();
    const { saved, says } = await request("keep/", { name: form.elements.name.value, body });
    showError(says);
    if (!saved) return form.elements.name.focus();
    form.elements.name.value = "";
    await load();
    $("[data-blocks-status]", dialog).textContent = gettext("Saved. You can insert it in any text.");
  };
}

if (dialog) {
  let timer;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, 200);
  });
  $("[data-blocks-close]", dialog).addEventListener("click", () => close());
  document.addEventListener("newsroom:saved-blocks", (e) => {
    editor = e.detail.editor;
    search.value = "";
    showError();
    offerToSave();
    close = openDialog(dialog, () => focusEditor(editor).run());
    load();
  });
}
