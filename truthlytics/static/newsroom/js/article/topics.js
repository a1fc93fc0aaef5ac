// The topics of an article: find one in the list, tick it with Enter, or add a new one with the button.
const $ = (selector, root = document) => root.querySelector(selector);
const panel = $("[data-topics]");
const filter = $("[data-topic-filter]", panel);
const addButton = $("[data-topic-add]", panel);
const status = $("[data-topic-status]", panel);
const list = $("#id_topics");
const boxes = () => [...list.querySelectorAll("input[type=checkbox]")];
const nameOf = (box) => box.closest("label").textContent.trim();
const normalise = (text) => text.trim().replace(/\s+/g, " ");
const fold = (text) => normalise(text).toLowerCase();

function showSelected() {
  $("[data-topic-count]", panel).textContent =
    boxes()
      .filter((box) => box.checked)
      .map(nameOf)
      .join(", ") || pgettext("topics", "none");
}
const exactMatch = (name) => boxes().find((box) => fold(nameOf(box)) === fold(name));

function narrow() {
  const query = fold(filter.value);
  for (const box of boxes())
    box.closest("label").parentElement.hidden = !box.checked && !fold(nameOf(box)).includes(query);
  addButton.hidden = !filter.dataset.url || !query || Boolean(exactMatch(query));
  addButton.textContent = interpolate(gettext("Add the topic “%(name)s”"), { name: normalise(filter.value) }, true);
  status.textContent = "";
}

function tick(box) {
  box.checked = true;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  status.textContent = interpolate(gettext("%(name)s selected."), { name: nameOf(box) }, true);
  filter.value = "";
  const message = status.textContent;
  narrow();
  status.textContent = message;
  box.closest("label").scrollIntoView({ block: "nearest" });
}

/** Adds a ticked box for a topic, in alphabetical order; returns the box of a topic that is listed already. */
function addBox({ pk, name }) {
  const known = boxes().find((box) => box.value === String(pk));
  if (known) return known;
  const row = document.createElement("div");
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), {
    type: "checkbox",
    name: "topics",
    value: pk,
    id: `id_topics_new_${pk}`,
  });
  label.htmlFor = box.id;
  label.append(box, ` ${name}`);
  row.append(label);
  const next = boxes().find((other) => nameOf(other).localeCompare(name) > 0);
  list.insertBefore(row, next?.closest("label").parentElement ?? null);
  return box;
}

async function add() {
  const name = normalise(filter.value);
  addButton.disabled = true;
  try {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", $("[name=csrfmiddlewaretoken]").value);
    body.set("name", name);
    const response = await fetch(filter.dataset.url, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
    const data = await response.json();
    if (response.ok) tick(addBox(data));
    else status.textContent = data.says;
  } catch {
    status.textContent = gettext("The topic was not added. Save your text, then try again.");
  }
  addButton.disabled = false;
  filter.focus();
}

filter.hidden = false;
// Not a field of the article: typing here is no unsaved change.
for (const type of ["input", "change"]) filter.addEventListener(type, (e) => e.stopPropagation());
filter.addEventListener("input", narrow);
filter.addEventListener("keydown", (e) => {
  if (e.key !== "Enter" || e.ctrlKey || e.metaKey) return;
  e.preventDefault();
  const query = normalise(filter.value);
  if (!query || e.isComposing) return;
  const matches = boxes().filter((box) => fold(nameOf(box)).includes(fold(query)));
  const box = exactMatch(query) ?? (matches.length === 1 ? matches[0] : null);
  if (box) return tick(box);
  // A word that is not finished must not become a topic: the second Enter presses the button.
  if (matches.length)
    status.textContent = interpolate(
      ngettext(
        "%s topic matches. Choose it, or type more.",
        "%s topics match. Choose one, or type more.",
        matches.length,
      ),
      [matches.length],
    );
  else if (addButton.hidden) status.textContent = gettext("No topic matches.");
  else {
    status.textContent = gettext("No topic matches. Press Enter again to add it.");
    addButton.focus();
  }
});
addButton.addEventListener("click", add);
list.addEventListener("change", showSelected);
showSelected();
