// Finding and replacing in the text. What is found is only painted (CSS highlights): no node of the text changes.
const $ = (selector, root = document) => root.querySelector(selector)
const bar = $("[data-find]")
const [sought, other] = ["find-what", "find-with"].map((id) => document.getElementById(id))
const exact = $("#find-case")
const said = $("[data-find-said]", bar)
const MOST = 2000
let editor = null
let hits = []
let here = -1
let wait

// Signs that people type straight and texts have turned.
const alike = (text) => text.replace(/[‘’‚‹›]/g, "'").replace(/[“”„«»]/g, '"').replace(/[\u00a0\u2009\u202f]/g, " ").replace(/[–—]/g, "-")
const plain = (text) => {
  const small = exact.checked ? text : text.toLowerCase()
  // A letter that gets longer in small letters would move all places behind it.
  return alike(small.length === text.length ? small : text)
}

/** Places of `words` in the document, as positions of its own. */
function places(words) {
  const found = []
  if (!words) return found
  editor.state.doc.descendants((node, at) => {
    if (!node.isTextblock) return true
    const text = plain(node.textBetween(0, node.content.size, undefined, "\ufffc"))
    for (let from = text.indexOf(words); from >= 0 && found.length < MOST; from = text.indexOf(words, from + words.length)) found.push({ from: at + 1 + from, to: at + 1 + from + words.length })
    return false
  })
  return found
}

function range({ from, to }) {
  const made = document.createRange()
  const [start, end] = [editor.view.domAtPos(from), editor.view.domAtPos(to)]
  made.setStart(start.node, start.offset)
  made.setEnd(end.node, end.offset)
  return made
}

function paint() {
  if (!globalThis.CSS?.highlights) return
  CSS.highlights.delete("sought")
  CSS.highlights.delete("sought-here")
  if (bar.hidden || !hits.length) return
  CSS.highlights.set("sought", new Highlight(...hits.filter((_, i) => i !== here).map(range)))
  if (hits[here]) CSS.highlights.set("sought-here", new Highlight(range(hits[here])))
}

function tell(words) {
  const count = hits.length === MOST ? `${MOST.toLocaleString("en-GB")} or more` : hits.length
  said.textContent = words ?? (!sought.value ? "" : hits.length ? `${here + 1} of ${count}` : "No matches")
  bar.dataset.none = Boolean(sought.value && !hits.length)
}

/** Looks again; the place nearest behind `from` becomes the one that is meant. */
function look(from = hits[here]?.from ?? editor.state.selection.from) {
  hits = places(plain(sought.value))
  here = hits.length ? Math.max(0, hits.findIndex((hit) => hit.from >= from)) : -1
  paint()
  tell()
}
function show() {
  if (!hits[here]) return
  const box = range(hits[here]).getBoundingClientRect()
  if (box.top < 160 || box.bottom > innerHeight - 80) scrollBy({ top: box.top - innerHeight / 3, behavior: "instant" })
}
function step(by) {
  if (!hits.length) return
  here = (here + by + hits.length) % hits.length
  paint()
  tell()
  show()
}

/** Writes the other words over `places`, the last one first, in one step that undo takes back. */
function over(places) {
  const { tr } = editor.state
  for (const { from, to } of [...places].reverse()) {
    if (other.value) tr.insertText(other.value, from, to)
    else tr.delete(from, to)
  }
  editor.view.dispatch(tr)
}
function replace() {
  const hit = hits[here]
  if (!hit) return
  over([hit])
  look(hit.from + other.value.length)
  show()
}
function replaceAll() {
  const count = hits.length
  if (!count) return
  over(hits)
  look(0)
  tell(`${count} replaced`)
}

function open(replacing = false) {
  if (!editor) return
  bar.hidden = false
  const { from, to } = editor.state.selection
  const words = editor.state.doc.textBetween(from, to, " ")
  if (words && words.length < 80) sought.value = words
  look(from)
  show()
  const box = replacing && sought.value ? other : sought
  box.focus()
  box.select()
}
function close() {
  bar.hidden = true
  paint()
  const hit = hits[here]
  if (hit) editor.commands.setTextSelection(hit)
  editor.view.focus()
}

function ready(found) {
  if (editor) return
  editor = found
  const button = $("[data-cmd=find]")
  if (button) button.hidden = false
  editor.on("update", () => { if (!bar.hidden) { clearTimeout(wait); wait = setTimeout(look, 120) } })
}

sought.addEventListener("input", () => { look(); show() })
exact.addEventListener("change", () => look())
// These are not the article: nothing here is kept or sent with it.
for (const type of ["input", "change", "submit"]) bar.addEventListener(type, (e) => e.stopPropagation())
bar.addEventListener("keydown", (e) => {
  if (e.key === "Escape") { e.preventDefault(); close() }
  else if (e.key === "Enter" && e.target === other) { e.preventDefault(); replace() }
  else if (e.key === "Enter" && e.target === sought) { e.preventDefault(); step(e.shiftKey ? -1 : 1) }
})
bar.addEventListener("click", (e) => {
  const does = { next: () => step(1), before: () => step(-1), replace, all: replaceAll, close }[e.target.closest("[data-find-do]")?.dataset.findDo]
  does?.()
})
document.addEventListener("newsroom:find", () => open())
document.addEventListener("keydown", (e) => {
  const key = (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey ? e.key.toLowerCase() : ""
  // In the text only, and the second press goes on to the browser's own.
  if ((key === "f" || key === "h") && e.target.closest?.(".written")) { e.preventDefault(); open(key === "h") }
})
document.addEventListener("newsroom:ready", (e) => ready(e.detail.editor))
const early = $(".prose-editor .written")?.editor
if (early) ready(early)
