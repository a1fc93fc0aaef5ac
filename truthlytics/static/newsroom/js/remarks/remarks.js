// Remarks in the editor. Quoted passages are marked with the CSS highlight API, so the document does not change.
import { formatNumber } from "../shared/formats.js";
import { MAX_QUOTE_LENGTH, anchorAt, anchorFinder } from "./anchors.js";
import { keep, recall } from "../shared/session.js";
import "./mentions.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const panel = $("[data-remarks]");
const container = $("[data-remark-container]");
const form = $("#remark-form");
const newRemark = $("[data-new-remark]");
const status = $("[data-remark-status]");
const field = (name) => form.elements[name];
const passages = new Map(); // ID of a remark: {from, to} of its passage in the document, or null
const supportsHighlights = "highlights" in CSS;
const LOCATE_DELAY = 400;
let editor;
let draft = null; // anchor and passage of the remark that is being written
let current = null;
let timer;

const showStatus = (text) => {
  status.textContent = text;
};
const remarkElement = (id) => $(`#remark-${id}`, container);
const openRemarks = () => $$("[data-remark]:not([data-resolved])", container);

// --- passages -------------------------------------------------------------------------------------------
/** Returns the text of the document as articles/richtext/anchors.py sees it, with the position of each code point. */
function readDocument(doc) {
  const lines = [];
  const from = [];
  const to = [];
  doc.descendants((node, pos) => {
    if (!node.isTextblock) return true;
    const characters = [];
    const add = (character, at) => {
      characters.push(character);
      from.push(at);
      to.push(at + character.length);
    };
    if (lines.length && node.textContent) {
      from.push(pos);
      to.push(pos + 1);
    }
    node.forEach((child, offset) => {
      let at = pos + 1 + offset;
      if (child.type.name === "hardBreak") add("\n", at);
      if (!child.isText) return;
      for (const character of child.text) {
        add(character, at);
        at += character.length;
      }
    });
    if (characters.length) lines.push(characters.join(""));
    return false;
  });
  return { text: lines.join("\n"), from, to };
}

function locatePassage(element, { find, from, to }) {
  const { quote, prefix, suffix, position } = element.dataset;
  const span = quote && find({ quote, prefix, suffix, position: Number(position) });
  return span ? { from: from[span[0]], to: to[span[1] - 1] } : null;
}

/** Locates the passages of `remarks` in the current text; remarks whose passage is gone are shown as orphaned. */
function locate(remarks = openRemarks()) {
  if (!editor) return;
  const content = remarks.length ? readDocument(editor.state.doc) : null;
  if (content) content.find = anchorFinder(content.text);
  for (const remark of remarks) {
    const passage = locatePassage(remark, content);
    passages.set(remark.dataset.remark, passage);
    const isMissing = Boolean(remark.dataset.quote) && !passage;
    $("[data-missing]", remark).hidden = !isMissing;
    remark.classList.toggle("remark--orphaned", isMissing);
  }
  updateHighlights();
}

function rangeOf(passage) {
  const range = new Range();
  const start = editor.view.domAtPos(passage.from, 1);
  const end = editor.view.domAtPos(passage.to, -1);
  range.setStart(start.node, start.offset);
  range.setEnd(end.node, end.offset);
  return range;
}

function updateHighlights() {
  if (!supportsHighlights || !editor) return;
  const located = [...passages].filter(([, passage]) => passage);
  CSS.highlights.set("remark", new Highlight(...located.map(([, passage]) => rangeOf(passage))));
  const currentPassage = draft?.passage ?? passages.get(current);
  CSS.highlights.set("remark-current", new Highlight(...(currentPassage ? [rangeOf(currentPassage)] : [])));
}

function onTransaction({ transaction }) {
  if (!transaction.docChanged) return;
  const { mapping } = transaction;
  const mapped = (passage) => {
    const next = { from: mapping.map(passage.from, 1), to: mapping.map(passage.to, -1) };
    return next.from < next.to ? next : null;
  };
  for (const [id, passage] of passages) if (passage) passages.set(id, mapped(passage));
  if (draft?.passage) draft.passage = mapped(draft.passage);
  requestAnimationFrame(updateHighlights);
  clearTimeout(timer);
  // A deleted passage may have been restored or moved.
  timer = setTimeout(
    () => locate(openRemarks().filter((remark) => !passages.get(remark.dataset.remark))),
    LOCATE_DELAY,
  );
}

// --- navigation between text and remarks ----------------------------------------------------------------
/** Opens the remarks panel, which may be hidden by focus mode or collapsed. */
function openPanel() {
  for (const [attribute, button] of [
    ["data-focus", "[data-focus-mode]"],
    ["data-panel-hidden", "[data-panel-toggle]"],
  ]) {
    if (document.documentElement.hasAttribute(attribute)) $(button)?.click();
  }
  panel.open = true;
}

function showRemark(id, focus) {
  const remark = remarkElement(id);
  if (!remark) return;
  current = id;
  if (focus) openPanel();
  panel.open = true;
  const resolved = remark.closest("details.remarks__resolved");
  if (resolved) resolved.open = true;
  for (const other of $$(".remark--current", container)) other.classList.remove("remark--current");
  remark.classList.add("remark--current");
  remark.scrollIntoView({ block: "nearest" });
  if (focus) remark.focus({ preventScroll: true });
  else
    showStatus(
      interpolate(
        gettext("Remark: %(text)s"),
        { text: $(".remark__text", remark).textContent.trim().slice(0, 120) },
        true,
      ),
    );
  updateHighlights();
}

function goToPassage(id) {
  const passage = passages.get(id);
  if (!passage) return showStatus(gettext("This passage is no longer in the text."));
  showRemark(id);
  editor.view.focus();
  editor.commands.setTextSelection(passage);
  const { node } = editor.view.domAtPos(passage.from, 1);
  (node.nodeType === 1 ? node : node.parentElement).scrollIntoView({ block: "center" });
}

/** Returns the ID of the innermost remark at a position of the document. */
const remarkAt = (pos) =>
  [...passages]
    .filter(([, passage]) => passage && passage.from <= pos && pos <= passage.to)
    .sort(([, a], [, b]) => a.to - a.from - (b.to - b.from))[0]?.[0];

function onClick(e) {
  if (!getSelection().isCollapsed) return;
  const target = editor.view.posAtCoords({ left: e.clientX, top: e.clientY });
  const id = target && remarkAt(target.pos);
  if (!id) return clearCurrent();
  // The editor would update its selection later, possibly after the next key press.
  editor.commands.setTextSelection(target.pos);
  showRemark(id);
}

function clearCurrent() {
  current = null;
  for (const remark of $$(".remark--current", container)) remark.classList.remove("remark--current");
  updateHighlights();
}

/** Starts a remark on the selection; without a selection, goes to the remark at the cursor. */
function startRemark() {
  const { from, to, empty } = editor.state.selection;
  const existing = empty && remarkAt(from);
  if (existing) return showRemark(existing, true);
  let anchor = { quote: "", prefix: "", suffix: "", position: 0 };
  if (!empty) {
    const content = readDocument(editor.state.doc);
    const start = content.from.findIndex((pos) => pos >= from);
    const end = content.to.findLastIndex((pos) => pos <= to) + 1;
    if (start >= 0 && end > start) anchor = anchorAt(content.text, start, end);
    if ([...anchor.quote].length > MAX_QUOTE_LENGTH) return showTooLong();
  }
  openDraft({ anchor, passage: empty ? null : { from, to } });
  $("textarea", newRemark).focus();
}

function showTooLong() {
  openPanel();
  panel.scrollIntoView({ block: "nearest" });
  showStatus(
    interpolate(gettext("Select a shorter passage: at most %s characters."), [formatNumber(MAX_QUOTE_LENGTH)]),
  );
}

function setFields(values) {
  for (const [name, value] of Object.entries(values)) field(name).value = value;
}

function openDraft(newDraft) {
  draft = newDraft;
  openPanel();
  newRemark.hidden = false;
  $("[data-new-quote]").textContent = draft.anchor.quote || gettext("General remark");
  const { quote, prefix, suffix, position } = draft.anchor;
  setFields({ quote, before: prefix, after: suffix, position });
  storeText($("textarea", newRemark));
  updateHighlights();
}

function closeDraft() {
  forgetText("new-remark");
  $("textarea", newRemark).value = "";
  setFields({ quote: "", before: "", after: "", position: "" });
  newRemark.hidden = true;
  draft = null;
  updateHighlights();
}

// --- unsent text, kept while the page reloads after a save ----------------------------------------------
const storageKey = (id) => `remark ${location.pathname} ${id}`;
function storeText(textarea) {
  const stored = { text: textarea.value, anchor: textarea.id === "new-remark" ? draft?.anchor : undefined };
  const isUnsent = stored.text.trim() && stored.text !== textarea.defaultValue;
  keep(storageKey(textarea.id), isUnsent ? stored : null);
}
const forgetText = (id) => keep(storageKey(id), null);
function restoreText(textarea) {
  const stored = recall(storageKey(textarea.id));
  if (!stored || textarea.value !== textarea.defaultValue) return;
  textarea.value = stored.text;
  const edit = textarea.closest(".remark__edit");
  if (edit) edit.open = true;
  if (stored.anchor) openDraft({ anchor: stored.anchor, passage: null });
}

// The element with a textarea and its buttons: a new remark, the edit form of a remark, or the reply to a remark.
const groupOf = (element) => element.closest(".new-remark, .remark__edit, .remark");

// --- sending --------------------------------------------------------------------------------------------
async function send(button) {
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true";
  const body = new FormData(form, button);
  const response = await fetch(button.formAction, {
    method: "POST",
    body,
    redirect: "manual",
    headers: { Accept: "application/json" },
  }).catch(() => null);
  button.ariaDisabled = null;
  if (!response || response.status >= 500)
    return showStatus(gettext("No connection. Your remark is kept here; try again."));
  if (response.type === "opaqueredirect" || response.status === 403)
    return showStatus(gettext("You are logged out. Your remark is kept here; log in again, then send it."));
  const data = await response.json().catch(() => ({}));
  if (!response.ok) return showStatus(data.said ?? gettext("This remark no longer exists. Reload the page."));
  onSaved(button, data);
}

function onSaved(button, data) {
  const textarea = $(":scope > textarea", groupOf(button));
  if (textarea && !button.name) forgetText(textarea.id);
  if (button.closest(".new-remark")) closeDraft();
  field("key").value = "";
  container.innerHTML = data.html;
  enhance();
  const count = $("[data-remark-count]");
  count.textContent = data.open
    ? interpolate(ngettext("%s open", "%s open", data.open), [data.open])
    : pgettext("remarks", "none");
  passages.clear();
  locate();
  if (remarkElement(data.remark)) showRemark(String(data.remark), true);
  else $("summary", panel).focus();
  showStatus(data.said);
}

/** Turns quotes into buttons and restores unsent text. */
function enhance() {
  for (const quote of $$("[data-jump]", container)) {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "remark__jump",
      textContent: quote.textContent,
      title: gettext("Go to this passage"),
    });
    button.addEventListener("click", () => goToPassage(quote.closest("[data-remark]").dataset.remark));
    quote.replaceChildren(button);
  }
  for (const textarea of $$("textarea", container)) restoreText(textarea);
}

function connect(instance) {
  if (editor) return;
  editor = instance;
  editor.on("transaction", onTransaction);
  editor.view.dom.addEventListener("click", onClick);
  editor.view.dom.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.altKey && e.code === "KeyM") {
      e.preventDefault();
      startRemark();
    }
  });
  locate();
  const [, id] = location.hash.match(/^#remark-(\d+)$/) ?? [];
  if (id) showRemark(id, true);
}

panel.addEventListener("input", (e) => {
  e.stopPropagation();
  if (e.target.matches("textarea")) storeText(e.target);
});
panel.addEventListener("keydown", (e) => {
  if (e.defaultPrevented || !e.target.matches("textarea")) return;
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
    e.preventDefault();
    send($(":scope > .remark__buttons button[type=submit]", groupOf(e.target)));
  }
  if (e.key === "Escape" && newRemark.contains(e.target)) {
    closeDraft();
    editor.view.focus();
  }
});
panel.addEventListener("click", (e) => {
  const button = e.target.closest("button[form=remark-form]");
  if (button) {
    e.preventDefault();
    send(button);
  }
});
$("[data-new-cancel]").addEventListener("click", () => {
  closeDraft();
  editor.view.focus();
});
document.addEventListener("newsroom:remark", () => editor && startRemark());
enhance();
restoreText($("textarea", newRemark));

document.addEventListener("newsroom:ready", (e) => connect(e.detail.editor));
const loaded = $(".prose-editor .editor-content")?.editor;
if (loaded) connect(loaded);
