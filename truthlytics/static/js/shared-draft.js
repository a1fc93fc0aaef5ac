// On a shared draft: passes the selected text to the remark form in the URL fragment, which is never sent to a server.
const CONTEXT_LENGTH = 48;
const link = document.querySelector("[data-remark-link]");
const form = document.querySelector("[data-remark-form]");
const NOTES = ".sidenote, .cite";
const BLOCKS = ".prose p, .prose li, .prose blockquote, .prose h2, .prose h3, .prose td, .prose figcaption";

/** The text of a range, without footnote numbers and sidenotes. */
function textOf(range) {
  const fragment = range.cloneContents();
  for (const note of fragment.querySelectorAll(NOTES)) note.remove();
  return fragment.textContent;
}

/** The text of a block before and after a range, to locate the quotation again after edits. */
function contextOf(block, range) {
  const before = new Range();
  before.setStart(block, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const after = new Range();
  after.setStart(range.endContainer, range.endOffset);
  after.setEnd(block, block.childNodes.length);
  return {
    before: Array.from(textOf(before)).slice(-CONTEXT_LENGTH).join(""),
    after: Array.from(textOf(after)).slice(0, CONTEXT_LENGTH).join(""),
  };
}

if (link) {
  const url = link.href;
  const label = link.textContent;
  document.addEventListener("selectionchange", () => {
    const selection = getSelection();
    const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const ancestor = range?.commonAncestorContainer;
    const block = (ancestor?.nodeType === Node.ELEMENT_NODE ? ancestor : ancestor?.parentElement)?.closest(BLOCKS);
    const quote = block ? textOf(range).trim() : "";
    link.href = quote ? `${url}#${new URLSearchParams({ quote, ...contextOf(block, range) })}` : url;
    link.textContent = quote ? link.dataset.onSelection : label;
  });
}
if (form) {
  const params = new URLSearchParams(location.hash.slice(1));
  const quote = form.elements.quote;
  if (params.get("quote") && !quote.value) for (const name of ["quote", "before", "after"]) form.elements[name].value = params.get(name) ?? "";
  // The context no longer applies once the quotation is edited.
  quote.addEventListener("input", () => { for (const name of ["before", "after"]) form.elements[name].value = ""; });
}
