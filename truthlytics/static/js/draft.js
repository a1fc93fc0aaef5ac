// On a shared draft: the words that are selected go along to the remark. In the address after the #, which no server is told.
const NEIGHBOURS = 48
const link = document.querySelector("[data-remark-link]")
const form = document.querySelector("[data-remark-form]")
const NOT_TEXT = ".sidenote, .cite"

/** The words between two points of a page, without numbers and copies of its notes. */
function wordsOf(range) {
  const part = range.cloneContents()
  for (const note of part.querySelectorAll(NOT_TEXT)) note.remove()
  return part.textContent
}

function beside(block, range) {
  const before = new Range()
  before.setStart(block, 0)
  before.setEnd(range.startContainer, range.startOffset)
  const after = new Range()
  after.setStart(range.endContainer, range.endOffset)
  after.setEnd(block, block.childNodes.length)
  return { before: Array.from(wordsOf(before)).slice(-NEIGHBOURS).join(""), after: Array.from(wordsOf(after)).slice(0, NEIGHBOURS).join("") }
}

if (link) {
  const plain = link.href
  document.addEventListener("selectionchange", () => {
    const selection = getSelection()
    const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null
    const common = range?.commonAncestorContainer
    const block = (common?.nodeType === Node.ELEMENT_NODE ? common : common?.parentElement)?.closest(".prose p, .prose li, .prose blockquote, .prose h2, .prose h3, .prose td, .prose figcaption")
    const quote = block ? wordsOf(range).trim() : ""
    link.href = quote ? `${plain}#${new URLSearchParams({ quote, ...beside(block, range) })}` : plain
    link.textContent = quote ? "Remark on these words" : "Leave a remark"
  })
}
if (form) {
  const given = new URLSearchParams(location.hash.slice(1))
  const quote = form.elements.quote
  if (given.get("quote") && !quote.value) for (const name of ["quote", "before", "after"]) form.elements[name].value = given.get(name) ?? ""
  // Other words have other neighbours.
  quote.addEventListener("input", () => { for (const name of ["before", "after"]) form.elements[name].value = "" })
}
