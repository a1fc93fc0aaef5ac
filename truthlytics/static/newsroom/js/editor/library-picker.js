// The library dialog of the editor: search, upload and choose images or documents.
import { $, create, openDialog } from "./dialog.js";
import { showNotice } from "../shared/notices.js";
import { knownMessage } from "./describe-images.js";
import { images, remember } from "./helpers.js";

const dialog = $("#picker");
const grid = $("[data-grid]", dialog);
const status = $("[data-status]", dialog);
const search = $("input[type=search]", dialog);
const moreButton = $("[data-more]", dialog);
const uploadButton = $("[data-upload-button]", dialog);
const fileInput = $("[data-upload-file]", dialog);
const metadataForm = $("[data-metadata]", dialog);
const picture = $("[data-metadata-image]", metadataForm);
const severalBar = $("[data-several]", dialog);
const KINDS = {
  image: {
    label: gettext("Choose an image"),
    noMatch: gettext("No images match."),
    empty: gettext("The library is empty. Upload an image first."),
    accept: "image/jpeg,image/png,image/webp",
  },
  document: {
    label: gettext("Choose a document"),
    noMatch: gettext("No documents match."),
    empty: gettext("There are no documents yet. Upload one first."),
    accept: ".pdf,.csv,.xlsx,.ods,.json",
  },
};
const CONNECTION_ERROR = gettext("The library is not responding. Save your text, then try again.");
let kind = "image";
let choose = () => {};
// The images chosen so far by UUID, and how many are wanted; null while a single item is chosen.
let several = null;
let chosen = new Map();
let latestRequest = 0;
let after = "";
// The UUID of the image whose metadata are asked for.
let described = "";

const field = (name) => metadataForm.elements[name];
const headers = { Accept: "application/json" };
const csrfToken = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
async function send(url, fields) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", csrfToken());
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const response = await fetch(url, { method: "POST", headers, body });
  if (response.redirected || !response.headers.get("Content-Type")?.startsWith("application/json"))
    throw new Error(response.status);
  return response.json();
}

function createTile(item) {
  const details = kind === "document" ? `${item.credit} – ${item.kind}` : item.credit;
  const parts = [create("b", { textContent: item.title }), create("span", { textContent: details })];
  if (kind === "image")
    parts.unshift(
      item.url
        ? create("img", { src: item.url, alt: "", loading: "lazy" })
        : create("span", { className: "picker__no-preview", textContent: gettext("processing") }),
    );
  if (item.complete === false)
    parts.push(
      create("span", { className: "picker__incomplete", textContent: gettext("! alt text or credit missing") }),
    );
  const button = create("button", { type: "button" }, ...parts);
  button.addEventListener("click", () => (item.complete === false ? askForMetadata(item) : take(item)));
  if (item.uuid) button.dataset.uuid = item.uuid;
  return button;
}

/** Chooses `item`; of several images, adds it to the chosen ones or removes it from them. */
function take(item) {
  if (!several) return choose(item);
  status.textContent = "";
  if (chosen.has(item.uuid)) chosen.delete(item.uuid);
  else if (chosen.size < several.max) chosen.set(item.uuid, item);
  else
    status.textContent = interpolate(
      ngettext("Only %s image can be chosen here.", "Only %s images can be chosen here.", several.max),
      [several.max],
    );
  showChosen();
}

/** Numbers the chosen images in the grid, and says how many are wanted. */
function showChosen() {
  severalBar.hidden = !several;
  if (!several) return;
  const uuids = [...chosen.keys()];
  for (const tile of grid.children) {
    const number = uuids.indexOf(tile.dataset.uuid) + 1;
    tile.setAttribute("aria-pressed", number > 0);
    if (number) tile.dataset.number = number;
    else delete tile.dataset.number;
  }
  const { min, max } = several;
  const sentences = [
    ngettext("%(chosen)s image chosen.", "%(chosen)s images chosen.", chosen.size),
    min === max
      ? ngettext("Choose %(max)s image.", "Choose %(max)s images.", max)
      : ngettext("Choose %(min)s to %(max)s image.", "Choose %(min)s to %(max)s images.", max),
  ];
  $("[data-several-status]", severalBar).textContent = interpolate(
    sentences.join(" "),
    { chosen: chosen.size, min, max },
    true,
  );
  $("[data-several-done]", severalBar).disabled = chosen.size < min;
}

async function load(isNextPage = false) {
  const request = ++latestRequest;
  if (!isNextPage) {
    after = "";
    status.textContent = gettext("Searching…");
  }
  try {
    const query = new URLSearchParams({ q: search.value, after });
    const response = await fetch(`${dialog.dataset[`${kind}Url`]}?${query}`, { headers });
    if (!response.ok || response.redirected) throw new Error(response.status);
    const page = await response.json();
    if (request !== latestRequest) return;
    after = page.after;
    moreButton.hidden = !after;
    status.textContent = page.items.length || isNextPage ? "" : search.value ? KINDS[kind].noMatch : KINDS[kind].empty;
    const items = kind === "image" ? page.items.map((item) => remember(item)) : page.items;
    const tiles = items.map(createTile);
    if (isNextPage) {
      grid.append(...tiles);
      tiles[0]?.focus();
    } else grid.replaceChildren(...tiles);
    // An empty library has nothing to search, and Enter opens the choice of a file.
    if (!tiles.length && !search.value && !isNextPage && !uploadButton?.hidden) fileInput?.focus();
    showChosen();
  } catch {
    if (request === latestRequest) status.textContent = CONNECTION_ERROR;
  }
}

/** Asks for missing metadata, which publication requires. Documents are asked before they are uploaded. */
function askForMetadata(item, { number = 1, count = 1 } = {}) {
  for (const part of metadataForm.querySelectorAll("[data-for]")) {
    part.hidden = part.dataset.for !== kind;
    for (const input of part.querySelectorAll("textarea, input")) input.disabled = part.hidden;
  }
  field("title").value = item.title ?? "";
  field("alt").value = item.alt || item.proposed?.alt || "";
  field("credit").value = item.credit || item.proposed?.credit || "";
  $("[data-metadata-error]", metadataForm).textContent = "";
  const title = gettext("Image %(number)s of %(count)s: %(title)s");
  $("[data-metadata-title]", metadataForm).textContent =
    count > 1 ? interpolate(title, { number, count, title: item.title }, true) : item.title;
  described = item.uuid;
  showPicture();
  $("[data-metadata-submit]", metadataForm).textContent =
    kind === "document"
      ? gettext("Upload and insert")
      : dialog.hasAttribute("data-describing")
        ? gettext("Save")
        : gettext("Save and insert");
  metadataForm.hidden = false;
  (kind === "document" ? field("title") : field("alt")).focus();
  metadataForm.onsubmit = async (e) => {
    e.preventDefault();
    const error = $("[data-metadata-error]", metadataForm);
    try {
      const result = await (kind === "document" ? uploadDocument(item.file) : saveMetadata(item));
      if (result.says && !result.href) error.textContent = result.says;
      else {
        metadataForm.hidden = true;
        if (several) replaceTile(result);
        take(result);
      }
    } catch {
      error.textContent = CONNECTION_ERROR;
    }
  };
}
function replaceTile(item) {
  const tile = createTile(item);
  tileOf(item.uuid)?.replaceWith(tile);
  tile.focus();
}
const uploadDocument = (file) =>
  send(dialog.dataset.documentUploadUrl, { file, title: field("title").value, credit: field("credit").value });
async function saveMetadata(item) {
  const prefix = `p${item.pk}`;
  const fields = { pk: item.pk, [`${prefix}-alt`]: field("alt").value, [`${prefix}-credit`]: field("credit").value };
  fields[`${prefix}-caption`] = item.caption || item.proposed.caption || "";
  fields[`${prefix}-licence`] = item.licence || item.proposed.licence || "";
  const { saved, says } = await send(dialog.dataset.metadataUrl, fields);
  return saved[0] ? remember(saved[0]) : { says };
}

/** Shows the image that is described, as soon as a size of it is made. */
function showPicture() {
  const { large } = images[described] ?? {};
  picture.hidden = !large;
  if (large) picture.src = large;
}
document.addEventListener("newsroom:image", showPicture);

/** Returns the tile of the image with this UUID. */
const tileOf = (uuid) => [...grid.children].find((tile) => tile.dataset.uuid === uuid);

async function uploadFiles() {
  const files = [...fileInput.files];
  fileInput.value = "";
  if (!files.length) return;
  if (kind === "document") return askForMetadata({ title: files[0].name.replace(/\.[^.]*$/, ""), file: files[0] });
  const errors = [];
  let uploaded;
  let known = 0;
  for (const [i, file] of files.entries()) {
    status.textContent = interpolate(
      gettext("Uploading %(number)s of %(count)s…"),
      { number: i + 1, count: files.length },
      true,
    );
    try {
      const result = (await send(dialog.dataset.imageUploadUrl, { files: file })).files[0];
      if (result.state === "refused") errors.push(`${file.name}: ${result.says}`);
      else {
        uploaded = remember(result, file);
        tileOf(uploaded.uuid)?.remove();
        grid.prepend(createTile(uploaded));
        known += result.state === "known";
      }
    } catch {
      errors.push(`${file.name}: ${CONNECTION_ERROR}`);
    }
  }
  const message = known
    ? interpolate(ngettext("%s image was in the library already.", "%s images were in the library already.", known), [
        known,
      ])
    : "";
  // The only file needs no further click.
  const isOnly = files.length === 1 && uploaded;
  if (isOnly && uploaded.complete !== false && !chosen.has(uploaded.uuid)) take(uploaded);
  showChosen();
  status.textContent = [...errors, message].filter(Boolean).join(" ");
  if (!isOnly) grid.querySelector("button")?.focus();
  else if (uploaded.complete === false) askForMetadata(uploaded);
  else if (known && !several) showNotice("known-image", knownMessage(known));
}

document.addEventListener("newsroom:pick", ({ detail: { done, kind: requestedKind = "image", several: wanted } }) => {
  kind = requestedKind;
  several = wanted ?? null;
  chosen = new Map();
  dialog.setAttribute("aria-label", several ? gettext("Choose images") : KINDS[kind].label);
  isDescribing(false);
  search.value = "";
  metadataForm.hidden = true;
  grid.replaceChildren();
  if (uploadButton) {
    uploadButton.hidden = !dialog.dataset[`${kind}UploadUrl`];
    fileInput.accept = KINDS[kind].accept;
    fileInput.multiple = kind === "image";
  }
  showChosen();
  choose = openDialog(dialog, done);
  load();
});
$("[data-several-done]", severalBar).addEventListener("click", () => choose([...chosen.values()]));
/** Only asks for the metadata of `item`, without showing the library. */
document.addEventListener("newsroom:describe", ({ detail: { item, number, count, done } }) => {
  kind = "image";
  several = null;
  showChosen();
  dialog.setAttribute("aria-label", gettext("Alt text and credit"));
  grid.replaceChildren();
  moreButton.hidden = true;
  status.textContent = "";
  isDescribing(true);
  choose = openDialog(dialog, done);
  askForMetadata(item, { number, count });
});
function isDescribing(value) {
  $("header", dialog).hidden = value;
  dialog.toggleAttribute("data-describing", value);
}
let timer;
search.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(load, 200);
});
search.addEventListener("keydown", (e) => {
  if (e.key === "ArrowDown") grid.querySelector("button")?.focus();
});
moreButton.addEventListener("click", () => load(true));
$("[data-metadata-cancel]", metadataForm).addEventListener("click", () => {
  if (dialog.hasAttribute("data-describing")) return choose(null);
  metadataForm.hidden = true;
  search.focus();
});
fileInput?.addEventListener("change", uploadFiles);
$("[data-close]", dialog).addEventListener("click", () => choose(null));
