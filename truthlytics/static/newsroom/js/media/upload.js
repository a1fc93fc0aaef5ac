// Upload of dropped or chosen files, a few at a time, with progress and the result of each.
import { uploadFile } from "./upload-file.js";

const CONCURRENCY = 3;
const MAX_FILES_FOR_METADATA = 24;
const ICONS = { added: "✓", known: "=", refused: "×" };

const form = document.querySelector("[data-upload]");
const part = (name) => form.querySelector(`[data-upload-${name}]`);
const input = form.querySelector("input[type=file]");
const maxSize = Number(form.dataset.maxSize);
const list = part("list");
const queue = [];
const uploaded = [];
let active = 0;
let counts = { added: 0, known: 0, refused: 0 };

const create = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

function addRow(file) {
  const bar = create("progress", {
    max: 100,
    value: 0,
    ariaLabel: interpolate(gettext("Uploading %(name)s"), file, true),
  });
  const state = create("span", { className: "upload__state" }, bar);
  const row = create(
    "li",
    { className: "upload__file" },
    create("span", { className: "upload__name", textContent: file.name }),
    state,
  );
  list.append(row);
  list.hidden = false;
  return { row, bar, state };
}

function showResult({ row, state }, result) {
  const label = { added: gettext("Uploaded."), known: "", refused: gettext("Not uploaded.") }[result.state];
  row.classList.add(`upload__file--${result.state}`);
  state.replaceChildren(
    create("span", { ariaHidden: "true", textContent: `${ICONS[result.state]} ` }),
    `${label} ${result.says ?? ""}`.trim(),
  );
  if (result.page) row.append(create("a", { href: result.page, textContent: result.title }));
  counts[result.state] += 1;
  if (result.state === "added" && result.pk) uploaded.push(result);
}

async function uploadNext() {
  if (!queue.length) return;
  const { file, row } = queue.shift();
  active += 1;
  const onProgress = (percent) => {
    row.bar.value = percent;
  };
  showResult(row, await uploadFile(form.action, new FormData(form), file, { maxSize, onProgress }));
  active -= 1;
  showStatus();
  if (queue.length) uploadNext();
}

function showStatus() {
  const remaining = queue.length + active;
  const done = counts.added + counts.known + counts.refused;
  const parts = [interpolate(gettext("%s uploaded"), [counts.added])];
  if (counts.known) parts.push(interpolate(gettext("%s already in the library"), [counts.known]));
  if (counts.refused) parts.push(interpolate(gettext("%s failed"), [counts.refused]));
  const progress = interpolate(gettext("%(done)s of %(all)s uploaded…"), { done, all: done + remaining }, true);
  part("status").textContent = remaining ? progress : `${parts.join(", ")}.`;
  if (remaining || !uploaded.length) return;
  form.dispatchEvent(new CustomEvent("newsroom:uploaded", { bubbles: true, detail: { items: [...uploaded] } }));
  const next = part("next");
  const { metadataUrl } = form.dataset;
  next.hidden = false;
  const reload = create("a", { className: "btn", href: location.pathname, textContent: gettext("Show in library") });
  const query = uploaded
    .slice(-MAX_FILES_FOR_METADATA)
    .map(({ pk }) => `pk=${pk}`)
    .join("&");
  if (metadataUrl)
    next.replaceChildren(
      create("a", {
        className: "btn btn--main",
        href: `${metadataUrl}?${query}`,
        textContent: gettext("Add alt text and credits"),
      }),
      " ",
      reload,
    );
  else next.replaceChildren(reload);
}

function add(files) {
  counts = active || queue.length ? counts : { added: 0, known: 0, refused: 0 };
  for (const file of files) queue.push({ file, row: addRow(file) });
  showStatus();
  while (active < CONCURRENCY && queue.length) uploadNext();
}

form.dataset.enhanced = "";
part("prompt").hidden = false;
input.required = false;
input.addEventListener("change", () => {
  add([...input.files]);
  input.value = "";
});
form.addEventListener("submit", (e) => e.preventDefault());
for (const name of ["dragenter", "dragover"])
  form.addEventListener(name, (e) => {
    e.preventDefault();
    form.dataset.dragover = "";
  });
form.addEventListener("dragleave", (e) => {
  if (!form.contains(e.relatedTarget)) delete form.dataset.dragover;
});
form.addEventListener("drop", (e) => {
  e.preventDefault();
  delete form.dataset.dragover;
  add([...e.dataTransfer.files]);
});
// A file dropped outside the form must not replace the page.
for (const name of ["dragover", "drop"])
  addEventListener(name, (e) => {
    if (e.dataTransfer?.types.includes("Files")) e.preventDefault();
  });
