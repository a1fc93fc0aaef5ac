// Comments on a passage: select words of the article and press "Comment on this". The form shows the quotation.
import { rangesAround } from "./passage.js";

const CONTEXT_LENGTH = 48;
const MAX_LENGTH = 1000;
const MIN_LENGTH = 3;
const PAUSE = 250;
const GAP = 8;
// Elements that interrupt the text: notes, and small print of embeds.
const SKIPPED = "sup.cite, small";
const BLOCKS = "p, li, div, h2, h3, h4, td, th, blockquote, figcaption, pre, aside, br";
const EQUIVALENTS = { "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"' };
const section = document.querySelector("#comments");
const form = () => section.querySelector("#write");
const article = document.querySelector(".article");
const { offer } = form().dataset;

const button = document.createElement("button");
button.type = "button";
button.className = "button quote-button";
button.textContent = offer;
button.hidden = true;
article.append(button);

/** The text of a range on one line, without notes. */
function textOf(range) {
  const fragment = range.cloneContents();
  for (const skipped of fragment.querySelectorAll(SKIPPED)) skipped.remove();
  for (const block of fragment.querySelectorAll(BLOCKS)) block.after(" ");
  return fragment.textContent.replace(/\s+/gu, " ");
}

const proseOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(".article .prose");

/** The selected range if it is text of the article, else null. */
function selectedRange() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!proseOf(range.startContainer) || !proseOf(range.endContainer)) return null;
  const { length } = Array.from(textOf(range).trim());
  return length >= MIN_LENGTH && length <= MAX_LENGTH ? range : null;
}

/** The words of a range, and those before and after it in its part of the article. */
function passageOf(range) {
  const [above, below] = rangesAround(range, proseOf(range.startContainer), proseOf(range.endContainer));
  const words = textOf(range);
  // Spaces at the edges of the selection belong to the context.
  const before = (textOf(above).trimStart() + words.slice(0, words.length - words.trimStart().length)).replace(
    /\s+/gu,
    " ",
  );
  const after = (words.slice(words.trimEnd().length) + textOf(below)).replace(/\s+/gu, " ");
  return {
    quote: words.trim(),
    before: Array.from(before).slice(-CONTEXT_LENGTH).join(""),
    after: Array.from(after).slice(0, CONTEXT_LENGTH).join(""),
  };
}

// --- the button beside the selection ----------------------------------------------------------------------

let dismissed = false;
let timer;

function placeButton() {
  const range = dismissed ? null : selectedRange();
  button.hidden = !range;
  if (!range) return;
  const rects = [...range.getClientRects()].filter((rect) => rect.width);
  const end = rects.at(-1) ?? range.getBoundingClientRect();
  const origin = article.getBoundingClientRect();
  // Leave space for fingers and the handles of the selection.
  const gap = matchMedia("(pointer: coarse)").matches ? 4 * GAP : GAP;
  const left = Math.max(
    GAP,
    Math.min(end.right - button.offsetWidth / 2, document.documentElement.clientWidth - button.offsetWidth - GAP),
  );
  button.style.setProperty("inset-block-start", `${end.bottom - origin.top + gap}px`);
  button.style.setProperty("left", `${left - origin.left}px`);
}

document.addEventListener("selectionchange", () => {
  if (document.activeElement === button) return;
  dismissed = false;
  clearTimeout(timer);
  timer = setTimeout(placeButton, PAUSE);
});
// Text may have been selected before this module was loaded.
placeButton();
document.addEventListener("keydown", (event) => {
  if (button.hidden) return;
  if (event.key === "Escape") {
    dismissed = true;
    button.hidden = true;
  } else if (
    event.key === "Tab" &&
    !event.shiftKey &&
    document.activeElement !== button &&
    !document.activeElement?.closest("#comments")
  ) {
    // The button comes next after the selected text.
    event.preventDefault();
    button.focus();
  }
});
// Pressing the button must not end the selection.
button.addEventListener("pointerdown", (event) => event.preventDefault());
button.addEventListener("mousedown", (event) => event.preventDefault());
button.addEventListener("click", () => {
  const range = selectedRange();
  button.hidden = true;
  if (!range) return;
  const passage = passageOf(range);
  for (const name of ["quote", "before", "after"]) form().elements[name].value = passage[name];
  getSelection().removeAllRanges();
  showQuotation(form(), range);
  form().elements.text.focus();
});

// --- the quotation in the form ----------------------------------------------------------------------------

function makeButton(text, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "link-button";
  element.textContent = text;
  element.addEventListener("click", act);
  return element;
}

/** Show the quotation above the text of the form, and hide its field. */
function showQuotation(target, range) {
  const fields = target.querySelector("[data-quote-fields]");
  const { quote } = target.elements;
  target.querySelector("[data-quotation]")?.remove();
  const figure = document.createElement("figure");
  figure.className = "quotation";
  figure.dataset.quotation = "";
  figure.setAttribute("aria-label", target.dataset.quoted);
  const words = document.createElement("blockquote");
  words.dir = "auto";
  words.textContent = quote.value;
  const actions = document.createElement("figcaption");
  const remove = () => {
    for (const name of ["quote", "before", "after"]) target.elements[name].value = "";
    figure.remove();
    fields.hidden = false;
    fields.open = false;
    target.elements.text.focus();
  };
  const passage = range ?? findPassage(quote.value);
  if (passage) actions.append(makeButton(target.dataset.back, () => showPassage(passage)));
  actions.append(makeButton(target.dataset.remove, remove));
  figure.append(words, actions);
  fields.before(figure);
  fields.hidden = true;
}

function prepare(target) {
  const quote = target.elements?.quote;
  if (quote?.value && quote.getAttribute("aria-invalid") !== "true") showQuotation(target);
}
for (const target of section.querySelectorAll("form[data-offer]")) prepare(target);
document.addEventListener("comments:form", ({ detail }) => prepare(detail));

// --- from a comment to its passage ------------------------------------------------------------------------

/** Return the range of the first occurrence of `words` in the article, or null. */
function findPassage(words) {
  const places = [];
  let text = "";
  const add = (character, node, offset) => {
    const plain = /\s/u.test(character) ? " " : (EQUIVALENTS[character] ?? character);
    if (plain === " " && text.endsWith(" ")) return;
    text += plain;
    places.push([node, offset]);
  };
  for (const prose of article.querySelectorAll(".prose")) {
    const walker = document.createTreeWalker(prose, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
      node.nodeType === Node.ELEMENT_NODE && node.matches(SKIPPED)
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_ACCEPT,
    );
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeType === Node.TEXT_NODE) for (let at = 0; at < node.length; at += 1) add(node.data[at], node, at);
      else if (node.matches(BLOCKS)) add(" ", node, 0);
    }
    add(" ", prose, 0);
  }
  const wanted = [...words.trim().replace(/\s+/gu, " ")]
    .map((character) => EQUIVALENTS[character] ?? character)
    .join("");
  const start = wanted ? text.indexOf(wanted) : -1;
  if (start < 0) return null;
  const range = new Range();
  const [last, offset] = places[start + wanted.length - 1];
  range.setStart(...places[start]);
  range.setEnd(last, offset + 1);
  return range;
}

/** Scroll to a passage and highlight it. The Back button of the browser returns to the comment. */
function showPassage(range) {
  if ("highlights" in CSS) CSS.highlights.set("passage", new Highlight(range));
  history.pushState(null, "");
  const block = (range.startContainer.parentElement ?? article).closest(BLOCKS) ?? article;
  block.tabIndex = -1;
  block.focus({ preventScroll: true });
  block.scrollIntoView({ block: "center" });
}

section.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-passage]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const range = findPassage(link.closest(".quotation").querySelector("blockquote").textContent);
  if (!range) return;
  event.preventDefault();
  showPassage(range);
});
