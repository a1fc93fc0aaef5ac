// Images that are dropped on the text or pasted into it are uploaded to the library and inserted there.
import { Extension, Plugin, pm } from "django-prose-editor/editor";
import { knownMessage, showAdded } from "./describe-images.js";
import { remember } from "./helpers.js";
import { hideNotice, showNotice } from "../shared/notices.js";
import { uploadFile } from "../media/upload-file.js";
import { whileRunning } from "./upload-guard.js";

const { Decoration, DecorationSet } = pm.view;
const { PluginKey } = pm.state;
const TYPES = ["image/jpeg", "image/png", "image/webp"];
const isHeic = ({ name }) => /\.hei[cf]$/i.test(name);
const key = new PluginKey("imageDrop");
const filesOf = (data) => [...(data?.files ?? [])];
let latestId = 0;

function createPlaceholder(name) {
  const box = Object.assign(document.createElement("div"), {
    className: "upload-placeholder",
    contentEditable: "false",
  });
  const label = interpolate(gettext("Uploading %(name)s"), { name }, true);
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0, ariaLabel: label });
  box.append(`${label} `, bar);
  return { box, bar };
}

/** Returns the position behind the top-level block at `position`. */
function blockEnd(doc, position) {
  const $at = doc.resolve(position);
  return $at.depth ? $at.after(1) : position;
}
const placeOf = (state, id) =>
  key.getState(state).find(undefined, undefined, (spec) => spec.id === id)[0]?.from ?? null;

/** Inserts the image where its placeholder is, in place of an empty paragraph before it, and removes the placeholder. */
function insertFigure(view, id, image) {
  const { state } = view;
  const at = placeOf(state, id);
  const tr = state.tr.setMeta(key, { remove: id });
  if (at !== null && image) {
    const before = tr.doc.resolve(at).nodeBefore;
    const isBlank = before?.type.name === "paragraph" && !before.content.size;
    tr.replaceWith(
      isBlank ? at - before.nodeSize : at,
      at,
      state.schema.nodes.libraryFigure.create({ image: image.uuid }),
    );
  }
  view.dispatch(tr);
}

async function upload(view, url, file, position) {
  const id = ++latestId;
  const { box, bar } = createPlaceholder(file.name);
  view.dispatch(view.state.tr.setMeta(key, { add: { id, box, position: blockEnd(view.state.doc, position) } }));
  const body = new FormData();
  body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  const result = await uploadFile(url, body, file, {
    onProgress: (percent) => {
      bar.value = percent;
    },
  });
  if (view.isDestroyed) return null;
  if (result.state !== "refused") remember(result, file);
  const at = placeOf(view.state, id) ?? view.state.doc.content.size;
  insertFigure(view, id, result.state === "refused" ? null : result);
  return { file, result, at };
}

function report(view, url, outcomes) {
  const failed = outcomes.filter(({ result }) => result.state === "refused");
  const incomplete = outcomes.filter(({ result }) => result.complete === false);
  const count = outcomes.length - failed.length;
  hideNotice("uploading");
  if (failed.length) {
    const lost = failed.filter(({ result }) => result.isLost);
    const retry = () => {
      hideNotice("upload-failed");
      uploadAll(
        view,
        url,
        lost.map(({ file }) => file),
        Math.min(lost[0].at, view.state.doc.content.size),
      );
    };
    showNotice(
      "upload-failed",
      failed
        .map(({ file, result }) => `${interpolate(gettext("%(name)s was not inserted."), file, true)} ${result.says}`)
        .join(" "),
      [...(lost.length ? [[gettext("Try again"), retry]] : []), [gettext("Close"), () => hideNotice("upload-failed")]],
    );
  }
  if (!count) return;
  const known = outcomes.filter(({ result }) => result.state === "known").length;
  const parts = [
    count > known && interpolate(ngettext("Image inserted.", "%s images inserted.", count - known), [count - known]),
    knownMessage(known),
    incomplete.length && gettext("Alt text and credit are needed before you publish."),
  ];
  const images = incomplete.map(({ result }) => result);
  showAdded("uploaded", parts.filter(Boolean).join(" "), images, view);
}

async function uploadAll(view, url, files, position) {
  const message = ngettext("Uploading %(name)s…", "Uploading %(count)s images…", files.length);
  showNotice("uploading", interpolate(message, { name: files[0].name, count: files.length }, true));
  const outcomes = await whileRunning(Promise.all(files.map((file) => upload(view, url, file, position))));
  report(view, url, outcomes.filter(Boolean));
}

/** Uploads the images among `files`; says why the others, or all of them, cannot be inserted. */
function accept(view, files, position) {
  const url = document.getElementById("picker")?.dataset.imageUploadUrl;
  const accepted = files.filter(({ type }) => TYPES.includes(type));
  const others = files.filter(({ type }) => !TYPES.includes(type));
  if (!url)
    showNotice("upload-failed", gettext("You do not have permission to upload images."), [
      [gettext("Close"), () => hideNotice("upload-failed")],
    ]);
  else if (others.length)
    showNotice(
      "upload-failed",
      [
        interpolate(
          gettext("%(names)s cannot be inserted. The text takes JPEG, PNG and WebP images."),
          { names: others.map(({ name }) => name).join(", ") },
          true,
        ),
        others.some(isHeic)
          ? gettext("Export HEIC photos as JPEG, or choose Settings, Camera, Formats, “Most Compatible” on the iPhone.")
          : gettext("Documents are linked with the Document button."),
      ].join(" "),
      [[gettext("Close"), () => hideNotice("upload-failed")]],
    );
  if (url && accepted.length) uploadAll(view, url, accepted, position);
}

export const ImageDrop = Extension.create({
  name: "imageDrop",
  priority: 200, // before the paste rules
  addProseMirrorPlugins() {
    return [
      new Plugin({
        key,
        state: {
          init: () => DecorationSet.empty,
          apply: (tr, set) => {
            const { add, remove } = tr.getMeta(key) ?? {};
            let next = set.map(tr.mapping, tr.doc);
            if (add) next = next.add(tr.doc, [Decoration.widget(add.position, add.box, { id: add.id, side: -1 })]);
            if (remove) next = next.remove(next.find(undefined, undefined, (spec) => spec.id === remove));
            return next;
          },
        },
        props: {
          decorations: (state) => key.getState(state),
          handleDrop: (view, event) => {
            const files = filesOf(event.dataTransfer);
            if (!files.length) return false;
            event.preventDefault();
            accept(
              view,
              files,
              view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos ?? view.state.selection.to,
            );
            return true;
          },
          handlePaste: (view, event) => {
            const files = filesOf(event.clipboardData);
            if (!files.length) return false;
            // Office programs add a picture of the copied text: the text counts.
            const html = event.clipboardData.getData("text/html");
            if (html && new DOMParser().parseFromString(html, "text/html").body.textContent.trim()) return false;
            accept(view, files, view.state.selection.to);
            return true;
          },
        },
      }),
    ];
  },
  onCreate() {
    // A file dropped beside the text must not replace the page.
    for (const name of ["dragover", "drop"])
      addEventListener(name, (e) => {
        if (e.dataTransfer?.types.includes("Files")) e.preventDefault();
      });
  },
});
