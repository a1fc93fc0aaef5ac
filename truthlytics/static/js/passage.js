// Passes the selected text to a form on another page in the URL fragment, which is never sent to a server.
const CONTEXT_LENGTH = 48;
const MAX_LENGTH = 1000;
const NOTES = ".sidenote, .cite";
const BLOCKS =
  ".prose p, .prose li, .prose blockquote, .prose h2, .prose h3, .prose td, .prose figcaption, .page-header__title, .page-header__standfirst";

/** The text of a range, without footnote numbers and sidenotes. */
function textOf(range) {
  const fragment = range.cloneContents();
  for (const note of fragment.querySelectorAll(NOTES)) note.remove();
  return fragment.textContent;
}

/** The ranges from the start of the element `first` to `range`, and from there to the end of `last`. */
export function rangesAround(range, first, last = first) {
  const before = new Range();
  before.setStart(first, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const after = new Range();
  after.setStart(range.endContainer, range.endOffset);
  after.setEnd(last, last.childNodes.length);
  return [before, after];
}

/** The text of a block before and after a range, to locate the quotation again after edits. */
function contextOf(block, range) {
  const [before, after] = rangesAround(range, block);
  return {
    before: Array.from(textOf(before)).slice(-CONTEXT_LENGTH).join(""),
    after: Array.from(textOf(after)).slice(0, CONTEXT_LENGTH).join(""),
  };
}

/** The quotation and its context, if text of the article is selected. Across paragraphs there is no context. */
function selectedPassage() {
  const selection = getSelection();
  const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
  const ancestor = range?.commonAncestorContainer;
  const element = ancestor?.nodeType === Node.ELEMENT_NODE ? ancestor : ancestor?.parentElement;
  const block = element?.closest(BLOCKS);
  if (block) return { quote: textOf(range).trim().slice(0, MAX_LENGTH), ...contextOf(block, range) };
  return { quote: element?.closest(".prose") ? selection.toString().trim().slice(0, MAX_LENGTH) : "" };
}

/** Keep the selected passage in the URL of `link`, and call `changed` with whether there is one. */
export function followSelection(link, changed = () => {}) {
  const url = link.href;
  let pressed = false;
  link.addEventListener("pointerdown", () => {
    pressed = true;
  });
  for (const type of ["pointerup", "pointercancel"])
    document.addEventListener(type, () =>
      setTimeout(() => {
        pressed = false;
      }),
    );
  const update = () => {
    // Pressing the link may end the selection before it is followed.
    if (pressed) return;
    const passage = selectedPassage();
    link.href = passage.quote ? `${url}#${new URLSearchParams(passage)}` : url;
    changed(Boolean(passage.quote));
  };
  document.addEventListener("selectionchange", update);
  update();
}

/** Fill in the passage that the link to this page had. */
export function fillPassage(form) {
  const params = new URLSearchParams(location.hash.slice(1));
  const { quote, before, after } = form.elements;
  if (params.get("quote") && !quote.value)
    for (const field of [quote, before, after]) field.value = params.get(field.name) ?? "";
  // The context no longer applies once the quotation is edited.
  quote.addEventListener("input", () => {
    for (const field of [before, after]) field.value = "";
  });
}
