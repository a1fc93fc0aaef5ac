// The link “Check a quotation” takes the selected text of the article with it.
const BLOCKS = "p, li, h2, h3, h4, td, th, figcaption, blockquote";
const LEFT_OUT = ".sidenote, .cite, s, del";

/** The text of a range as it is compared: without notes and struck words, with raised figures marked as such. */
function textOf(range) {
  const fragment = range.cloneContents();
  for (const element of fragment.querySelectorAll(LEFT_OUT)) element.remove();
  for (const raised of fragment.querySelectorAll("sup")) if (/^\d/.test(raised.textContent)) raised.prepend("^");
  for (const block of fragment.querySelectorAll(BLOCKS)) block.append("\n");
  return fragment.textContent.trim();
}

/** The selected text of the article, or "". */
function selectedText() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return "";
  const range = selection.getRangeAt(0);
  const ancestor = range.commonAncestorContainer;
  const element = ancestor.nodeType === Node.ELEMENT_NODE ? ancestor : ancestor.parentElement;
  return element.closest(".prose, .page-header") ? textOf(range) : "";
}

const link = document.querySelector("[data-check-quotation]");
if (link) {
  const [label, address] = [link.querySelector("span"), link.href];
  const withoutSelection = label.textContent;
  let pressed = false;
  const update = () => {
    // Pressing the link may end the selection before it is followed.
    if (pressed) return;
    const text = selectedText();
    link.href = text ? `${address}?${new URLSearchParams({ q: text })}` : address;
    label.textContent = text ? link.dataset.onSelection : withoutSelection;
  };
  link.addEventListener("pointerdown", () => {
    pressed = true;
  });
  for (const type of ["pointerup", "pointercancel"])
    document.addEventListener(type, () =>
      setTimeout(() => {
        pressed = false;
      }),
    );
  document.addEventListener("selectionchange", update);
}
