// The editor's toolbar, shown once the editor has loaded: a single tab stop with arrow keys inside.
import { focusEditor, pick, showDetails } from "./helpers.js";
import { askForLink } from "./link-dialog.js";
import { sourceAt } from "./sources.js";

const bar = document.querySelector("[data-toolbar]");
const tableTools = bar.querySelector("[data-in-table]");
const imageTools = bar.querySelector("[data-in-image]");
const figureTools = bar.querySelector("[data-in-figure]");
const galleryTools = bar.querySelector("[data-in-gallery]");
const buttons = [...bar.querySelectorAll("button")];
let editor;

const COMMANDS = {
  h2: (chain) => chain.toggleHeading({ level: 2 }),
  h3: (chain) => chain.toggleHeading({ level: 3 }),
  bold: (chain) => chain.toggleBold(),
  italic: (chain) => chain.toggleItalic(),
  strike: (chain) => chain.toggleStrike(),
  bulletList: (chain) => chain.toggleBulletList(),
  orderedList: (chain) => chain.toggleOrderedList(),
  blockquote: (chain) => chain.toggleBlockquote(),
  pullQuote: (chain) => chain.togglePullQuote(),
  rule: (chain) => chain.setHorizontalRule(),
  callout: (chain) => chain.toggleCallout(),
  imageText: (chain) => chain.setImageSize(null),
  imageWide: (chain) => chain.setImageSize("wide"),
  imageAside: (chain) => chain.setImageSize("aside"),
  gallery: (chain) => chain.insertGallery(),
  addToGallery: (chain) => chain.addToGallery(),
  moveEarlier: (chain) => chain.moveInGallery(-1),
  moveLater: (chain) => chain.moveInGallery(1),
  table: (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }),
  addRow: (chain) => chain.addRowAfter(),
  addColumn: (chain) => chain.addColumnAfter(),
  headerRow: (chain) => chain.toggleHeaderRow(),
  deleteRow: (chain) => chain.deleteRow(),
  deleteColumn: (chain) => chain.deleteColumn(),
  deleteTable: (chain) => chain.deleteTable(),
  footnote: (chain) => chain.insertFootnote(),
  source: (chain) => chain.toggleSource(),
  image: (chain) => chain.insertImage(),
  embed: (chain) => chain.insertEmbed(),
  button: (chain) => chain.setLinkButton(),
  gate: (chain) => chain.toggleGate(),
  undo: (chain) => chain.undo(),
  redo: (chain) => chain.redo(),
};
// Commands with a pressed state at the cursor.
const STATES = {
  h2: ["heading", { level: 2 }],
  h3: ["heading", { level: 3 }],
  bold: ["bold"],
  italic: ["italic"],
  strike: ["strike"],
  link: ["link"],
  bulletList: ["bulletList"],
  orderedList: ["orderedList"],
  blockquote: ["blockquote"],
  pullQuote: ["pullQuote"],
  callout: ["callout"],
  button: ["linkButton"],
  imageText: ["libraryFigure", { size: null }],
  imageWide: ["libraryFigure", { size: "wide" }],
  imageAside: ["libraryFigure", { size: "aside" }],
};

// Commands that are not possible everywhere.
const CONDITIONAL = new Set(["undo", "redo", "moveEarlier", "moveLater", "addToGallery"]);

/** Moves the cursor behind the new link, so that text typed next neither replaces nor extends it. */
const moveBehindLink = (chain) =>
  chain.command(({ tr, commands }) => commands.setTextSelection(tr.selection.to)).unsetMark("link");

/** Inserts `text` as a link at the cursor. */
const insertLink = (chain, href, text) =>
  chain
    .insertContent([{ type: "text", text, marks: [{ type: "link", attrs: { href } }] }])
    .unsetMark("link")
    .run();

/** Links the selection, or the link at the cursor; without either, inserts the headline or address as a link. */
async function editLink() {
  if (editor.isActive("linkButton")) return COMMANDS.button(focusEditor(editor)).run();
  const link = await askForLink(editor.getAttributes("link").href ?? "");
  const chain = focusEditor(editor);
  if (!link) return chain.run();
  if (link.href && editor.state.selection.empty && !editor.isActive("link"))
    return insertLink(chain, link.href, link.text);
  chain.extendMarkRange("link");
  return moveBehindLink(link.href ? chain.setLink({ href: link.href }) : chain.unsetLink()).run();
}

/** Links the selection to a document of the library, or inserts a link with its title. */
async function linkDocument() {
  const item = await pick("document");
  const chain = focusEditor(editor);
  if (!item) return chain.run();
  if (!editor.state.selection.empty) return moveBehindLink(chain.setLink({ href: item.href })).run();
  return insertLink(chain, item.href, item.title);
}

/** Opens the details of the selected image, and returns to it. */
async function editDetails() {
  await showDetails(editor.getAttributes("libraryFigure").image);
  focusEditor(editor).run();
}

function run(name) {
  if (name === "imageDetails") return editDetails();
  if (name === "document") return linkDocument();
  if (name === "link") return editLink();
  if (name === "remark") return document.dispatchEvent(new CustomEvent("newsroom:remark"));
  if (name === "savedBlocks")
    return document.dispatchEvent(new CustomEvent("newsroom:saved-blocks", { detail: { editor } }));
  if (name === "find") return document.dispatchEvent(new Event("newsroom:find"));
  COMMANDS[name](focusEditor(editor)).run();
}

function refresh() {
  for (const button of buttons) {
    const name = button.dataset.cmd;
    if (STATES[name]) button.setAttribute("aria-pressed", editor.isActive(...STATES[name]));
    // Not `disabled`: arrow keys would stop at the button and the focus would be lost.
    if (name === "source") {
      const isSource = sourceAt(editor);
      button.setAttribute("aria-pressed", isSource === true);
      button.setAttribute("aria-disabled", isSource === null);
    }
    if (CONDITIONAL.has(name)) button.setAttribute("aria-disabled", !COMMANDS[name](editor.can().chain()).run());
  }
  tableTools.hidden = !editor.isActive("table");
  // Summaries of dossiers have no images.
  if (!figureTools) return;
  figureTools.hidden = !editor.isActive("libraryFigure");
  galleryTools.hidden = !editor.isActive("gallery");
  imageTools.hidden = figureTools.hidden || !galleryTools.hidden;
}

function connect(instance) {
  if (editor) return;
  editor = instance;
  bar.hidden = false;
  editor.on("transaction", refresh);
  // In the capture phase: the library would open its own link dialog.
  editor.view.dom.addEventListener(
    "keydown",
    (e) => {
      if (!(e.ctrlKey || e.metaKey) || e.shiftKey || e.altKey || e.key.toLowerCase() !== "k") return;
      e.preventDefault();
      e.stopImmediatePropagation();
      editLink();
    },
    { capture: true },
  );
  refresh();
}

buttons.forEach((button, i) => {
  button.tabIndex = i ? -1 : 0;
});
bar.addEventListener("click", (e) => {
  const button = e.target.closest("button");
  if (button && button.getAttribute("aria-disabled") !== "true") run(button.dataset.cmd);
});
// Mouse clicks keep the focus in the text.
bar.addEventListener("mousedown", (e) => e.preventDefault());
bar.addEventListener("keydown", (e) => {
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -99, End: 99 }[e.key];
  if (!step) return;
  e.preventDefault();
  const visible = buttons.filter((button) => button.offsetParent !== null);
  const next = visible[Math.max(0, Math.min(visible.length - 1, visible.indexOf(document.activeElement) + step))];
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next.focus();
});

document.addEventListener("keydown", (e) => {
  if (e.altKey && e.key === "F10" && !bar.hidden) {
    e.preventDefault();
    buttons.find((button) => button.tabIndex === 0).focus();
  }
});

// The editor may have loaded before this module: its element has a reference.
document.addEventListener("newsroom:ready", (e) => connect(e.detail.editor));
const loaded = document.querySelector(".prose-editor .editor-content")?.editor;
if (loaded) connect(loaded);
