// The checks panel: refreshed after each autosave; each result links to its field or place in the text.
const $ = (selector, root = document) => root.querySelector(selector);
const panel = $("[data-checks]");
const list = $("[data-check-list]");
const count = $("[data-check-count]");
const getEditor = () => $(".prose-editor .editor-content")?.editor;

// --- refreshing the results ----------------------------------------------------------------------------
let pending = null;
let isStale = false;
async function refresh(url, tab) {
  if (pending) {
    isStale = true;
    return;
  }
  pending = fetch(`${url}?tab=${tab}`, { redirect: "manual", signal: AbortSignal.timeout(15_000) }).catch(() => null);
  const response = await pending;
  if (response?.ok) show(await response.text());
  pending = null;
  if (isStale) {
    isStale = false;
    refresh(url, tab);
  }
}
function show(html) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.at : null;
  list.innerHTML = html;
  const summary = $("[data-check-summary]", list).textContent;
  // A live region: only announce changes.
  if (count.textContent !== summary) count.textContent = summary;
  if (focused) (linkTo(focused) ?? $("summary", panel)).focus();
}
const linkTo = (at) => [...list.querySelectorAll("[data-at]")].find((link) => link.dataset.at === at);
let latest;
document.addEventListener("newsroom:autosaved", ({ detail: { article, baseUrl, tab } }) => {
  latest = [`${baseUrl}${article}/checks/`, tab];
  refresh(...latest);
});
// An image has its first size, or other texts.
document.addEventListener("newsroom:image", () => latest && refresh(...latest));

// --- going to a place ----------------------------------------------------------------------------------
// No class on elements of the editor: it would render them again.
const OUTLINE = [1, 1].map(() => ({ outline: "2px solid var(--warning)", outlineOffset: "4px" }));
let outline;
function clearHighlight() {
  CSS.highlights?.delete("check-target");
  outline?.cancel();
}
function highlight(element, range) {
  clearHighlight();
  if (range && CSS.highlights) CSS.highlights.set("check-target", new Highlight(range));
  else outline = element.animate(OUTLINE, { duration: 2500, id: "check-target" });
}
document.addEventListener("input", clearHighlight, true);

function goTo(link) {
  const { field, block, quote, note } = link.dataset;
  const editor = getEditor();
  if (field === "body" && editor)
    return goToText(editor, block === undefined ? null : Number(block), quote ?? "", Number(note ?? 0));
  const target = $(`#${link.hash.slice(1)}`);
  const control = target.matches("input, select, textarea, button")
    ? target
    : target.matches("details")
      ? $("summary", target)
      : $("select, input:not([type=hidden])", target.parentElement);
  for (let details = control.closest("details"); details; details = details.parentElement.closest("details"))
    details.open = true;
  control.scrollIntoView({ block: "center" });
  control.focus({ preventScroll: true });
  const at = quote && control.setSelectionRange ? control.value.indexOf(quote) : -1;
  if (at >= 0) control.setSelectionRange(at, at + quote.length);
}

/** Returns the characters of `node` with their positions in the document; white space is collapsed. */
function charactersOf(node, start) {
  const characters = [];
  const add = (character, at) => {
    const isSpace = /\s/.test(character);
    if (!isSpace || (characters.length && characters.at(-1)[0] !== " "))
      characters.push([isSpace ? " " : character, at]);
  };
  node.descendants((child, at) => {
    if (child.isText) for (let i = 0; i < child.text.length; i++) add(child.text[i], start + at + i);
    else if (child.isBlock || child.type.name === "hardBreak") add(" ", start + at);
  });
  return characters;
}
/** Returns [from, to] of `quote` in the block at `at`, or null if its text has changed. */
function findQuote(node, at, quote) {
  const characters = charactersOf(node, at + 1);
  const from = characters
    .map(([character]) => character)
    .join("")
    .indexOf(quote);
  return from < 0 ? null : [characters[from][1], characters[from + quote.length - 1][1] + 1];
}
const isBlank = (node) =>
  node.type.name === "paragraph" && !node.textContent.trim() && (!node.childCount || node.firstChild.isText);

function goToText(editor, number, quote, note) {
  const blocks = [];
  editor.state.doc.forEach((node, at) => {
    if (!isBlank(node)) blocks.push([node, at]);
  });
  if (note) return goToNote(editor, note);
  // The text may have changed since the check: try the expected block first, then all of them.
  const order = blocks[number] ? [blocks[number], ...blocks] : blocks;
  const match = quote && order.map(([node, at]) => findQuote(node, at, quote)).find(Boolean);
  const at = match ? match[0] : (blocks[number]?.[1] ?? 0);
  const [block, start] = blocks.findLast(([, begin]) => begin <= at) ?? blocks[0] ?? [editor.state.doc, -1];
  const element = (start >= 0 && editor.view.nodeDOM(start)) || editor.view.dom;
  editor.view.focus();
  if (!match && (block.isAtom || block.type.name === "libraryFigure")) editor.commands.setNodeSelection(start);
  else editor.commands.setTextSelection(match ? match[1] : textPosition(block, start));
  let range = null;
  if (match) {
    range = document.createRange();
    const [from, to] = match.map((position) => editor.view.domAtPos(position));
    range.setStart(from.node, from.offset);
    range.setEnd(to.node, to.offset);
  }
  highlight(element, range);
  const container = range?.startContainer;
  (container?.nodeType === Node.TEXT_NODE ? container.parentElement : (container ?? element)).scrollIntoView({
    block: "center",
  });
}
/** Returns a position for the cursor in `block`: in its first empty line, else in its first line. */
function textPosition(block, start) {
  const lines = [];
  if (block.isTextblock) return start + 1;
  block.descendants((node, at) => {
    if (node.isTextblock) lines.push([node, start + 1 + at]);
  });
  return (lines.find(([line]) => !line.content.size) ?? lines[0] ?? [null, start])[1] + 1;
}
function goToNote(editor, number) {
  const notes = [];
  editor.state.doc.descendants((node, at) => {
    if (node.type.name === "footnote") notes.push(at);
  });
  if (notes[number - 1] === undefined) return;
  editor.view.focus();
  editor.commands.setNodeSelection(notes[number - 1]);
  const element = editor.view.nodeDOM(notes[number - 1]);
  highlight(element);
  element.scrollIntoView({ block: "center" });
}

list.addEventListener("click", (e) => {
  const link = e.target.closest("[data-at]");
  if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  goTo(link);
});
// A link from another page, such as the publish page, names the place in the query string.
function goToRequested() {
  const at = new URLSearchParams(location.search).get("at");
  const link = at && linkTo(at);
  if (link) goTo(link);
}
if (getEditor()) goToRequested();
else document.addEventListener("newsroom:ready", () => setTimeout(goToRequested), { once: true });
