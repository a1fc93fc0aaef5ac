// The fold of checks: fetched anew once words are kept, and each line leads to its place, in a field or in the text.
const $ = (selector, root = document) => root.querySelector(selector)
const fold = $("[data-checks]")
const list = $("[data-check-list]")
const count = $("[data-check-count]")
const editor = () => $(".prose-editor .written")?.editor

// --- what is found in the words as they are now ------------------------------------------------------
let asking = null
let again = false
async function look(address, tab) {
  if (asking) { again = true; return }
  asking = fetch(`${address}?tab=${tab}`, { redirect: "manual", signal: AbortSignal.timeout(15_000) }).catch(() => null)
  const answer = await asking
  if (answer?.ok) show(await answer.text())
  asking = null
  if (again) { again = false; look(address, tab) }
}
function show(html) {
  const at = list.contains(document.activeElement) ? document.activeElement.dataset.at : null
  list.innerHTML = html
  const said = $("[data-found]", list).textContent
  // A live region: said again only where it says something else.
  if (count.textContent !== said) count.textContent = said
  if (at) (lineOf(at) ?? $("summary", fold)).focus()
}
const lineOf = (at) => [...list.querySelectorAll("[data-at]")].find((line) => line.dataset.at === at)
document.addEventListener("newsroom:kept", ({ detail: { article, desk, tab } }) => look(`${desk}${article}/checks/`, tab))

// --- the way to a place ------------------------------------------------------------------------------
// No class on what the editor draws: it would draw it anew.
const RING = [1, 1].map(() => ({ outline: "2px solid var(--wait)", outlineOffset: "4px" }))
let ring
function unmark() {
  CSS.highlights?.delete("found")
  ring?.cancel()
}
function mark(element, range) {
  unmark()
  if (range && CSS.highlights) CSS.highlights.set("found", new Highlight(range))
  else ring = element.animate(RING, { duration: 2500, id: "found" })
}
document.addEventListener("input", unmark, true)

function go(line) {
  const { field, block, quote, note } = line.dataset
  const text = editor()
  if (field === "body" && text) return goInText(text, block === undefined ? null : Number(block), quote ?? "", Number(note ?? 0))
  const target = $(`#${line.hash.slice(1)}`)
  const control = target.matches("input, select, textarea") ? target : $("select, input:not([type=hidden])", target.parentElement)
  for (let box = control.closest("details"); box; box = box.parentElement.closest("details")) box.open = true
  control.scrollIntoView({ block: "center" })
  control.focus({ preventScroll: true })
  const at = quote && control.setSelectionRange ? control.value.indexOf(quote) : -1
  if (at >= 0) control.setSelectionRange(at, at + quote.length)
}

/** The runs of words of `node`, each sign with its position in the text; runs of spaces count as one. */
function signsOf(node, start) {
  const signs = []
  const add = (sign, at) => {
    const space = /\s/.test(sign)
    if (!space || (signs.length && signs.at(-1)[0] !== " ")) signs.push([space ? " " : sign, at])
  }
  node.descendants((inner, at) => {
    if (inner.isText) for (let i = 0; i < inner.text.length; i++) add(inner.text[i], start + at + i)
    else if (inner.isBlock || inner.type.name === "hardBreak") add(" ", start + at)
  })
  return signs
}
/** From and to of `quote` in the block that begins at `at`; null where its words are others by now. */
function find(node, at, quote) {
  const signs = signsOf(node, at + 1)
  const from = signs.map(([sign]) => sign).join("").indexOf(quote)
  return from < 0 ? null : [signs[from][1], signs[from + quote.length - 1][1] + 1]
}
const emptyLine = (node) => node.type.name === "paragraph" && !node.textContent.trim() && (!node.childCount || node.firstChild.isText)

function goInText(text, number, quote, note) {
  const blocks = []
  text.state.doc.forEach((node, at) => { if (!emptyLine(node)) blocks.push([node, at]) })
  if (note) return goToNote(text, note)
  // Where the text has moved on since it was looked at, the words are sought in all of it.
  const order = blocks[number] ? [blocks[number], ...blocks] : blocks
  const found = quote && order.map(([node, at]) => find(node, at, quote)).find(Boolean)
  const at = found ? found[0] : blocks[number]?.[1] ?? 0
  const [block, start] = blocks.findLast(([, begin]) => begin <= at) ?? blocks[0] ?? [text.state.doc, -1]
  const element = (start >= 0 && text.view.nodeDOM(start)) || text.view.dom
  text.view.focus()
  if (!found && (block.isAtom || block.type.name === "libraryFigure")) text.commands.setNodeSelection(start)
  else text.commands.setTextSelection(found ? found[1] : lineIn(block, start))
  let range = null
  if (found) {
    range = document.createRange()
    const [from, to] = found.map((position) => text.view.domAtPos(position))
    range.setStart(from.node, from.offset)
    range.setEnd(to.node, to.offset)
  }
  mark(element, range)
  const spot = range?.startContainer
  ;(spot?.nodeType === Node.TEXT_NODE ? spot.parentElement : spot ?? element).scrollIntoView({ block: "center" })
}
/** Where one can write in `block`: in its empty line, if there is one, else in its first. */
function lineIn(block, start) {
  const lines = []
  if (block.isTextblock) return start + 1
  block.descendants((node, at) => { if (node.isTextblock) lines.push([node, start + 1 + at]) })
  return (lines.find(([line]) => !line.content.size) ?? lines[0] ?? [null, start])[1] + 1
}
function goToNote(text, number) {
  const notes = []
  text.state.doc.descendants((node, at) => { if (node.type.name === "footnote") notes.push(at) })
  if (notes[number - 1] === undefined) return
  text.view.focus()
  text.commands.setNodeSelection(notes[number - 1])
  const element = text.view.nodeDOM(notes[number - 1])
  mark(element)
  element.scrollIntoView({ block: "center" })
}

list.addEventListener("click", (e) => {
  const line = e.target.closest("[data-at]")
  if (!line || e.ctrlKey || e.metaKey || e.shiftKey) return
  e.preventDefault()
  go(line)
})
// Coming from another page, such as that of the publication.
function arrive() {
  const at = new URLSearchParams(location.search).get("at")
  const line = at && lineOf(at)
  if (line) go(line)
}
if (editor()) arrive()
else document.addEventListener("newsroom:ready", () => setTimeout(arrive), { once: true })
