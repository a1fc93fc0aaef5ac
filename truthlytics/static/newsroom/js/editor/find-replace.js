// Find and replace in the editor. Matches are marked with CSS highlights, so the document does not change.
import { formatNumber } from "../shared/formats.js";

const $ = (selector, root = document) => root.querySelector(selector);
const bar = $("[data-find]");
const [findField, replaceField] = ["find-text", "replace-text"].map((id) => document.getElementById(id));
const matchCase = $("#find-case");
const status = $("[data-find-status]", bar);
const MAX_MATCHES = 2000;
let editor = null;
let matches = [];
let current = -1;
let timer;
let replaced; // the status after “Replace all”, which the search that follows the change keeps

// Typographic characters match their plain equivalents.
const simplify = (text) =>
  text
    .replace(/[‘’‚‹›]/g, "'")
    .replace(/[“”„«»]/g, '"')
    .replace(/[\u00a0\u2009\u202f]/g, " ")
    .replace(/[–—]/g, "-");
const normalise = (text) => {
  const lower = matchCase.checked ? text : text.toLowerCase();
  // Some characters get longer in lower case, which would shift all later positions.
  return simplify(lower.length === text.length ? lower : text);
};

/** Returns the matches of `query` as {from, to} positions in the document. */
function findMatches(query) {
  const found = [];
  if (!query) return found;
  editor.state.doc.descendants((node, at) => {
    if (!node.isTextblock) return true;
    const text = normalise(node.textBetween(0, node.content.size, undefined, "\ufffc"));
    for (
      let from = text.indexOf(query);
      from >= 0 && found.length < MAX_MATCHES;
      from = text.indexOf(query, from + query.length)
    )
      found.push({ from: at + 1 + from, to: at + 1 + from + query.length });
    return false;
  });
  return found;
}

function rangeOf({ from, to }) {
  const range = document.createRange();
  const [start, end] = [editor.view.domAtPos(from), editor.view.domAtPos(to)];
  range.setStart(start.node, start.offset);
  range.setEnd(end.node, end.offset);
  return range;
}

function updateHighlights() {
  if (!globalThis.CSS?.highlights) return;
  CSS.highlights.delete("find-match");
  CSS.highlights.delete("find-current");
  if (bar.hidden || !matches.length) return;
  CSS.highlights.set("find-match", new Highlight(...matches.filter((_, i) => i !== current).map(rangeOf)));
  if (matches[current]) CSS.highlights.set("find-current", new Highlight(rangeOf(matches[current])));
}

function showStatus(text) {
  const message =
    matches.length === MAX_MATCHES
      ? gettext("%(number)s of %(count)s or more")
      : matches.length
        ? gettext("%(number)s of %(count)s")
        : gettext("No matches");
  const values = { number: formatNumber(current + 1), count: formatNumber(matches.length) };
  status.textContent = text ?? (findField.value ? interpolate(message, values, true) : "");
  bar.dataset.noMatches = Boolean(findField.value && !matches.length && !text);
}

/** Searches again; the first match after `from` becomes the current one. */
function search(from = matches[current]?.from ?? editor.state.selection.from) {
  matches = findMatches(normalise(findField.value));
  current = matches.length
    ? Math.max(
        0,
        matches.findIndex((match) => match.from >= from),
      )
    : -1;
  updateHighlights();
  showStatus();
}
function scrollToCurrent() {
  if (!matches[current]) return;
  const box = rangeOf(matches[current]).getBoundingClientRect();
  if (box.top < 160 || box.bottom > innerHeight - 80) scrollBy({ top: box.top - innerHeight / 3, behavior: "instant" });
}
function step(by) {
  if (!matches.length) return;
  current = (current + by + matches.length) % matches.length;
  updateHighlights();
  showStatus();
  scrollToCurrent();
}

/** Replaces the ranges, last one first, in a single transaction that can be undone. */
function replaceRanges(ranges) {
  const { tr } = editor.state;
  for (const { from, to } of [...ranges].reverse()) {
    if (replaceField.value) tr.insertText(replaceField.value, from, to);
    else tr.delete(from, to);
  }
  editor.view.dispatch(tr);
}
function replaceCurrent() {
  const match = matches[current];
  if (!match) return;
  replaceRanges([match]);
  search(match.from + replaceField.value.length);
  scrollToCurrent();
}
function replaceAll() {
  const count = matches.length;
  if (!count) return;
  replaceRanges(matches);
  search(0);
  replaced = interpolate(ngettext("%s replaced.", "%s replaced.", count), [formatNumber(count)]);
  showStatus(replaced);
}

function open(replacing = false) {
  if (!editor) return;
  bar.hidden = false;
  const { from, to } = editor.state.selection;
  const selected = editor.state.doc.textBetween(from, to, " ");
  if (selected && selected.length < 80) findField.value = selected;
  search(from);
  scrollToCurrent();
  const field = replacing && findField.value ? replaceField : findField;
  field.focus();
  field.select();
}
function close() {
  bar.hidden = true;
  updateHighlights();
  const match = matches[current];
  if (match) editor.commands.setTextSelection(match);
  editor.view.focus();
}

function connect(instance) {
  if (editor) return;
  editor = instance;
  const button = $("[data-cmd=find]");
  if (button) button.hidden = false;
  editor.on("update", () => {
    if (!bar.hidden) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        search();
        if (replaced) showStatus(replaced);
        replaced = undefined;
      }, 120);
    }
  });
}

findField.addEventListener("input", () => {
  search();
  scrollToCurrent();
});
matchCase.addEventListener("change", () => search());
// These fields are not part of the article: keep their events from autosave.
for (const type of ["input", "change", "submit"]) bar.addEventListener(type, (e) => e.stopPropagation());
bar.addEventListener("keydown", (e) => {
  if (e.key === "Escape") {
    e.preventDefault();
    close();
  } else if (e.key === "Enter" && e.target === replaceField) {
    e.preventDefault();
    replaceCurrent();
  } else if (e.key === "Enter" && e.target === findField) {
    e.preventDefault();
    step(e.shiftKey ? -1 : 1);
  } else if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "h") {
    e.preventDefault();
    replaceField.focus();
    replaceField.select();
  }
});
bar.addEventListener("click", (e) => {
  const action = {
    next: () => step(1),
    previous: () => step(-1),
    replace: replaceCurrent,
    "replace-all": replaceAll,
    close,
  }[e.target.closest("[data-find-action]")?.dataset.findAction];
  action?.();
});
document.addEventListener("newsroom:find", () => open());
document.addEventListener("keydown", (e) => {
  const key = (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey ? e.key.toLowerCase() : "";
  // Only while the text has focus: a second press opens the browser's own search.
  if ((key === "f" || key === "h") && e.target.closest?.(".editor-content")) {
    e.preventDefault();
    open(key === "h");
  }
});
document.addEventListener("newsroom:ready", (e) => connect(e.detail.editor));
const loaded = $(".prose-editor .editor-content")?.editor;
if (loaded) connect(loaded);
