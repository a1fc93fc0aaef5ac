// Helpers shared by the editor extensions: dialogs (answered by dialogs.js), focus, block insertion, attributes.

/** Opens the prompt dialog. Resolves to the values by name, or to null if it was cancelled. */
export const prompt = (detail) =>
  new Promise((done) => document.dispatchEvent(new CustomEvent("newsroom:prompt", { detail: { ...detail, done } })));
/** Opens the library. Resolves to the chosen image or document, or to null. */
export const pick = (kind = "image") =>
  new Promise((done) => document.dispatchEvent(new CustomEvent("newsroom:pick", { detail: { done, kind } })));
/** Opens the library to choose `min` to `max` images. Resolves to them in the order of choice, or to null. */
export const pickSeveral = (several) =>
  new Promise((done) =>
    document.dispatchEvent(new CustomEvent("newsroom:pick", { detail: { done, kind: "image", several } })),
  );

/** Focuses the editor immediately and returns a command chain: Tiptap's `focus()` waits for a frame, which loses keys. */
export const focusEditor = (editor) => {
  editor.view.focus();
  return editor.chain().focus();
};

/** Inserts `node` after the top-level block at the cursor, or instead of an empty paragraph, and moves the cursor below it. */
export function insertBlock(editor, node) {
  const { state } = editor;
  const { $from, to } = state.selection;
  const [start, end] = $from.depth ? [$from.before(1), $from.after(1)] : [to, to];
  const empty = $from.depth === 1 && $from.parent.type.name === "paragraph" && !$from.parent.content.size;
  const tr = empty ? state.tr.replaceWith(start, end, node) : state.tr.insert(end, node);
  const after = (empty ? start : end) + node.nodeSize;
  if (tr.doc.nodeAt(after)?.type.name !== "paragraph") tr.insert(after, state.schema.nodes.paragraph.create());
  editor.view.dispatch(tr.setSelection(state.selection.constructor.near(tr.doc.resolve(after + 1))).scrollIntoView());
  editor.view.focus();
}

/** A node attribute that is stored as `data-<name>`; omitted if it has no value. */
export const dataAttribute = (name) => ({
  default: null,
  parseHTML: (element) => element.getAttribute(`data-${name}`),
  renderHTML: (attributes) => (attributes[name] ? { [`data-${name}`]: attributes[name] } : {}),
});

/** Images by UUID: those of the page, and those picked or loaded since. */
export const images = JSON.parse(document.getElementById("images")?.textContent || "{}");

/**
 * Stores an image that the server sent, and returns it. While no size of it is made, it shows `file`, from which it was
 * uploaded on this page.
 */
export function remember(image, file = null) {
  const known = images[image.uuid];
  const local = file ? URL.createObjectURL(file) : known?.isLocal ? known.large : "";
  images[image.uuid] = image.large || !local ? image : { ...image, url: local, large: local, isLocal: true };
  return images[image.uuid];
}
/** Whether readers can see `image`: at least one size of it is made. */
export const hasSize = (image) => Boolean(image?.large) && !image.isLocal;
/** Tells the other parts of the page that the image with this UUID has changed. */
export const announceImage = (uuid) => document.dispatchEvent(new CustomEvent("newsroom:image", { detail: { uuid } }));

/**
 * Asks for alt text and credit of an image, the one with this `number` of `count`. Resolves to the image as saved, or to
 * null if that was cancelled.
 */
export async function describeImage(item, { number = 1, count = 1 } = {}) {
  const image = await new Promise((done) =>
    document.dispatchEvent(new CustomEvent("newsroom:describe", { detail: { item, number, count, done } })),
  );
  if (image) announceImage(remember(image).uuid);
  return image;
}

/** Opens the details of the image with this UUID: alt text, credit, focal point. Resolves when they are closed. */
export async function showDetails(uuid) {
  const image = images[uuid] ?? (await loadImage(uuid));
  if (!image) return;
  await new Promise((done) =>
    document.dispatchEvent(new CustomEvent("newsroom:image-details", { detail: { image, done } })),
  );
}

let wanted = new Map();
/** Resolves to the image of the library with this UUID, or to null if there is none. Calls are combined into one request. */
export function loadImage(uuid) {
  if (!wanted.size) setTimeout(loadWanted);
  return new Promise((done) => wanted.set(uuid, [...(wanted.get(uuid) ?? []), done]));
}
async function loadWanted() {
  const batch = wanted;
  wanted = new Map();
  const url = document.getElementById("picker")?.dataset.imageByUuidUrl;
  const query = new URLSearchParams([...batch.keys()].map((uuid) => ["uuid", uuid]));
  const response = url
    ? await fetch(`${url}?${query}`, { headers: { Accept: "application/json" }, redirect: "manual" }).catch(() => null)
    : null;
  for (const image of response?.ok ? (await response.json()).items : []) remember(image);
  for (const [uuid, done] of batch) for (const resolve of done) resolve(images[uuid] ?? null);
}
