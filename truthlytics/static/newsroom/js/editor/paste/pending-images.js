// Images of a pasted text on their way to the library. Until an image is there, the text has a block in its place that
// is never stored: the server removes it (articles/richtext/vocabulary.py), and so does the editor if it comes back.
import { Node, Plugin, pm } from "django-prose-editor/editor";
import { knownMessage, showAdded } from "../describe-images.js";
import { remember } from "../helpers.js";
import { whileRunning } from "../upload-guard.js";
import { uploadFile } from "../../media/upload-file.js";
import { hideNotice, showNotice } from "../../shared/notices.js";
import { hostOf } from "../embed-sites.js";

// By ID: what was pasted, and `state`: "new", "running", "lost" (the connection), "refused" or "added".
const entries = new Map();
const picker = () => document.getElementById("picker")?.dataset ?? {};
const list = new Intl.ListFormat(document.documentElement.lang);

/** Whether this user can add images to a text with this schema. */
export const takesImages = (schema) => Boolean(schema.nodes.libraryFigure && picker().imageFetchUrl);

/** Registers a pasted image and returns its ID. `source` is an address or a Blob, `caption` HTML. */
export function registerImage({ source, alt, caption }) {
  const id = crypto.randomUUID();
  entries.set(id, { source, alt, caption, state: "new" });
  return id;
}

const formData = (values) => {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  for (const [name, value] of Object.entries(values)) body.set(name, value);
  return body;
};

/** Returns the image in a `data:` URL as a Blob, or null. */
function decode(url) {
  const [, type, data] = /^data:(image\/[\w.+-]+)[^,]*;base64,([\s\S]*)$/.exec(url) ?? [];
  try {
    return type ? new Blob([Uint8Array.from(atob(data.trim()), (c) => c.charCodeAt(0))], { type }) : null;
  } catch {
    return null;
  }
}
const read = (url) =>
  fetch(url)
    .then((response) => (response.ok ? response.blob() : null))
    .catch(() => null);

function upload(blob, alt) {
  const file = new File([blob], `pasted.${blob.type.split("/").at(-1) || "image"}`, { type: blob.type });
  return uploadFile(picker().imageUploadUrl, formData({ alt }), file);
}

/** Has the server fetch an image: this page may connect to no other site. */
async function fetchFromWeb(url, alt) {
  const response = await fetch(picker().imageFetchUrl, {
    method: "POST",
    body: formData({ url, alt }),
    headers: { Accept: "application/json" },
    redirect: "manual",
  }).catch(() => null);
  const result = (await response?.json().catch(() => null))?.files?.[0];
  return result ?? { state: "refused", isLost: true };
}

/** Resolves to the server's result for the image of `entry`. */
async function add({ source, alt }) {
  if (source instanceof Blob) return upload(source, alt);
  if (source.startsWith("http")) {
    const result = await fetchFromWeb(source, alt);
    const isOwn = result.unreachable && source.startsWith(`${location.origin}/`);
    const blob = isOwn ? await read(source) : null;
    return blob ? upload(blob, alt) : result;
  }
  const blob = source.startsWith("blob:") ? await read(source) : decode(source);
  return blob ? upload(blob, alt) : { state: "refused", says: gettext("It could not be read.") };
}

// Each paste has a notice of its own.
const noticeOf = (ids) => `pasted-images-${ids[0]}`;

async function addAll(view, ids) {
  showNotice(
    noticeOf(ids),
    interpolate(ngettext("Adding an image to the library…", "Adding %s images to the library…", ids.length), [
      ids.length,
    ]),
  );
  // One at a time: each one takes a thread of the server while it is fetched.
  for (const [i, id] of ids.entries()) {
    const entry = entries.get(id);
    const same = ids.slice(0, i).find((other) => entries.get(other).source === entry.source);
    const result = same ? entries.get(same).result : await add(entry);
    entry.result = result;
    entry.state = result.state !== "refused" ? "added" : result.isLost ? "lost" : "refused";
    if (entry.state === "added") remember(result, entry.source instanceof Blob ? entry.source : null);
    if (view.isDestroyed) return;
    settle(view);
  }
  report(view, ids);
}

/** Puts figures in the place of images that are in the library, and removes the places of those that were refused. */
function settle(view) {
  const { state } = view;
  const tr = state.tr.setMeta("addToHistory", false);
  state.doc.descendants((node, at) => {
    if (node.type.name !== "pendingImage") return;
    const { state: progress, result, caption } = entries.get(node.attrs.id) ?? { state: "refused" };
    const [from, to] = [tr.mapping.map(at), tr.mapping.map(at + node.nodeSize)];
    if (progress === "added") tr.replaceWith(from, to, createFigure(state.schema, result.uuid, caption));
    else if (progress === "refused") tr.delete(from, to);
  });
  if (tr.docChanged) view.dispatch(tr);
}

function createFigure(schema, uuid, caption) {
  const { body } = new DOMParser().parseFromString(caption, "text/html");
  const topNode = schema.nodes.libraryFigure.create({ image: uuid });
  return pm.model.DOMParser.fromSchema(schema).parse(body, { topNode });
}

const nameOf = ({ source, alt, result }) =>
  (String(source).startsWith("http") && (result.name || hostOf(source))) ||
  (alt ? interpolate(gettext("“%(alt)s”"), { alt }, true) : gettext("An image"));

function report(view, ids) {
  const done = ids.map((id) => entries.get(id));
  const added = [
    ...new Map(done.filter(({ state }) => state === "added").map(({ result }) => [result.uuid, result])).values(),
  ];
  const lost = ids.filter((id) => entries.get(id).state === "lost");
  const unreachable = done.filter(({ state, result }) => state === "refused" && result.unreachable);
  const refused = done.filter(({ state, result }) => state === "refused" && !result.unreachable);
  const known = added.filter(({ state }) => state === "known").length;
  const incomplete = added.filter(({ complete }) => !complete);
  const hosts = [...new Set(unreachable.map(({ source }) => hostOf(source)))];
  const parts = [
    added.length > known &&
      interpolate(
        ngettext(
          "%s image was added to the library and the text.",
          "%s images were added to the library and the text.",
          added.length - known,
        ),
        [added.length - known],
      ),
    knownMessage(known),
    incomplete.length && gettext("Alt text and credit are needed before you publish."),
    hosts.length &&
      interpolate(
        ngettext(
          "%(count)s image could not be fetched: %(hosts)s.",
          "%(count)s images could not be fetched: %(hosts)s.",
          unreachable.length,
        ),
        { count: unreachable.length, hosts: list.format(hosts) },
        true,
      ),
    ...new Set(
      refused.map((entry) =>
        interpolate(
          gettext("%(image)s was left out: %(reason)s"),
          { image: nameOf(entry), reason: entry.result.says },
          true,
        ),
      ),
    ),
    lost.length &&
      interpolate(
        ngettext(
          "%s image is missing because the server did not answer. Check your connection.",
          "%s images are missing because the server did not answer. Check your connection.",
          lost.length,
        ),
        [lost.length],
      ),
  ];
  const close = () => hideNotice(noticeOf(ids));
  const leaveOut = () => {
    close();
    for (const id of lost) entries.get(id).state = "refused";
    settle(view);
  };
  const retry = () => {
    close();
    whileRunning(addAll(view, lost));
  };
  const actions = [
    [gettext("Try again"), retry],
    [gettext("Leave them out"), leaveOut],
  ];
  showAdded(noticeOf(ids), parts.filter(Boolean).join(" "), incomplete, view, lost.length ? actions : []);
}

/** Begins to add the images that were pasted just now. */
function start(view) {
  const ids = [];
  let isUnsettled = false;
  view.state.doc.descendants((node) => {
    if (node.type.name !== "pendingImage") return;
    const entry = entries.get(node.attrs.id);
    if (entry?.state === "new") {
      entry.state = "running";
      ids.push(node.attrs.id);
    } else isUnsettled ||= entry?.state !== "running" && entry?.state !== "lost";
  });
  if (ids.length) whileRunning(addAll(view, ids));
  // After undo and redo, or with content that was copied meanwhile.
  if (isUnsettled) setTimeout(() => !view.isDestroyed && settle(view));
}

export const PendingImage = Node.create({
  name: "pendingImage",
  group: "block",
  atom: true,
  selectable: true,
  addAttributes: () => ({
    id: {
      default: null,
      parseHTML: (element) => element.getAttribute("data-pending-image"),
      renderHTML: ({ id }) => ({ "data-pending-image": id }),
    },
  }),
  parseHTML: () => [
    { tag: "div[data-pending-image]", getAttrs: (div) => entries.has(div.dataset.pendingImage) && null },
  ],
  renderHTML: ({ HTMLAttributes }) => ["div", HTMLAttributes],
  addNodeView:
    () =>
    ({ node }) => {
      const alt = entries.get(node.attrs.id)?.alt;
      const label = alt
        ? interpolate(gettext("Adding “%(alt)s” to the library"), { alt }, true)
        : gettext("Adding an image to the library");
      const dom = Object.assign(document.createElement("div"), {
        className: "upload-placeholder",
        contentEditable: "false",
      });
      dom.append(label, Object.assign(document.createElement("progress"), { ariaLabel: label }));
      return { dom };
    },
  addProseMirrorPlugins: () => [
    new Plugin({
      view: () => ({
        update: (view, previous) => {
          if (entries.size && view.state.doc !== previous.doc) start(view);
        },
      }),
    }),
  ],
});
