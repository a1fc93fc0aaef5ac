// Remarks beside the text: their words are marked by the highlight API, so no node of the editor changes for them.
import { LONGEST_QUOTE, anchorAt, finder } from "./anchors.js"
import "./mentions.js"

const $ = (selector, root = document) => root.querySelector(selector)
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]
const panel = $("[data-remarks]")
const place = $("[data-remark-place]")
const form = $("#remark-form")
const fresh = $("[data-remark-new]")
const said = $("[data-remark-said]")
const field = (name) => form.elements[name]
const marks = new Map() // the id of a remark: where its words are in the editor's document, or null
const marking = "highlights" in CSS
const LOOK_AGAIN = 400
let editor
let chosen = null // the words of the remark that is being written
let now = null
let looking

const tell = (words) => { said.textContent = words }
const lineOf = (id) => $(`#remark-${id}`, place)
const openLines = () => $$("[data-remark]:not([data-resolved])", place)

// --- the text and its places ------------------------------------------------------------------------
/** The document as articles/richtext/anchors.py reads it, with the place in the document of each code point. */
function textOf(doc) {
  const lines = []
  const from = []
  const to = []
  doc.descendants((node, pos) => {
    if (!node.isTextblock) return true
    const letters = []
    const add = (letter, at) => { letters.push(letter); from.push(at); to.push(at + letter.length) }
    if (lines.length && node.textContent) { from.push(pos); to.push(pos + 1) }
    node.forEach((child, offset) => {
      let at = pos + 1 + offset
      if (child.type.name === "hardBreak") add("\n", at)
      if (!child.isText) return
      for (const letter of child.text) { add(letter, at); at += letter.length }
    })
    if (letters.length) lines.push(letters.join(""))
    return false
  })
  return { text: lines.join("\n"), from, to }
}

function locate(line, { find, from, to }) {
  const { quote, prefix, suffix, position } = line.dataset
  const span = quote && find({ quote, prefix, suffix, position: Number(position) })
  return span ? { from: from[span[0]], to: to[span[1] - 1] } : null
}

/** Looks for the words of `lines` in the text as it is now; those that are nowhere are shown as lost. */
function look(lines = openLines()) {
  if (!editor) return
  const read = lines.length ? textOf(editor.state.doc) : null
  if (read) read.find = finder(read.text)
  for (const line of lines) {
    const found = locate(line, read)
    marks.set(line.dataset.remark, found)
    const lost = Boolean(line.dataset.quote) && !found
    $("[data-lost]", line).hidden = !lost
    line.classList.toggle("remark--orphaned", lost)
  }
  draw()
}

function rangeOf(mark) {
  const range = new Range()
  const begin = editor.view.domAtPos(mark.from, 1)
  const end = editor.view.domAtPos(mark.to, -1)
  range.setStart(begin.node, begin.offset)
  range.setEnd(end.node, end.offset)
  return range
}

function draw() {
  if (!marking || !editor) return
  const shown = [...marks].filter(([, mark]) => mark)
  CSS.highlights.set("remark", new Highlight(...shown.map(([, mark]) => rangeOf(mark))))
  const current = chosen?.mark ?? marks.get(now)
  CSS.highlights.set("remark-now", new Highlight(...(current ? [rangeOf(current)] : [])))
}

function followed({ transaction }) {
  if (!transaction.docChanged) return
  const { mapping } = transaction
  const moved = (mark) => {
    const next = { from: mapping.map(mark.from, 1), to: mapping.map(mark.to, -1) }
    return next.from < next.to ? next : null
  }
  for (const [id, mark] of marks) if (mark) marks.set(id, moved(mark))
  if (chosen?.mark) chosen.mark = moved(chosen.mark)
  requestAnimationFrame(draw)
  clearTimeout(looking)
  // Words that went may have come back, or stand somewhere else by now.
  looking = setTimeout(() => look(openLines().filter((line) => !marks.get(line.dataset.remark))), LOOK_AGAIN)
}

// --- from the text to a remark and back -------------------------------------------------------------
/** The panel may be folded, or gone for the sake of the text alone. */
function unfold() {
  for (const [state, button] of [["data-focus", "[data-focus-mode]"], ["data-folded", "[data-panel-fold]"]]) {
    if (document.documentElement.hasAttribute(state)) $(button)?.click()
  }
  panel.open = true
}

function show(id, focus) {
  const line = lineOf(id)
  if (!line) return
  now = id
  if (focus) unfold()
  panel.open = true
  const folded = line.closest("details.remarks__old")
  if (folded) folded.open = true
  for (const other of $$(".remark--now", place)) other.classList.remove("remark--now")
  line.classList.add("remark--now")
  line.scrollIntoView({ block: "nearest" })
  if (focus) line.focus({ preventScroll: true })
  else tell(`Remark: ${$(".remark__text", line).textContent.trim().slice(0, 120)}`)
  draw()
}

function jump(id) {
  const mark = marks.get(id)
  if (!mark) return tell("This passage is no longer in the text.")
  show(id)
  editor.view.focus()
  editor.commands.setTextSelection(mark)
  const { node } = editor.view.domAtPos(mark.from, 1)
  ;(node.nodeType === 1 ? node : node.parentElement).scrollIntoView({ block: "center" })
}

const at = (pos) => [...marks].filter(([, mark]) => mark && mark.from <= pos && pos <= mark.to).sort(([, a], [, b]) => (a.to - a.from) - (b.to - b.from))[0]?.[0]

function clicked(e) {
  if (!getSelection().isCollapsed) return
  const spot = editor.view.posAtCoords({ left: e.clientX, top: e.clientY })
  const id = spot && at(spot.pos)
  if (!id) return rest()
  // By itself the editor hears of a new place a moment later, and a key may come before.
  editor.commands.setTextSelection(spot.pos)
  show(id)
}

/** No remark is looked at any more. */
function rest() {
  now = null
  for (const line of $$(".remark--now", place)) line.classList.remove("remark--now")
  draw()
}

/** A new remark on the chosen words; with none chosen, the remark that the cursor stands in. */
function begin() {
  const { from, to, empty } = editor.state.selection
  const here = empty && at(from)
  if (here) return show(here, true)
  let anchor = { quote: "", prefix: "", suffix: "", position: 0 }
  if (!empty) {
    const read = textOf(editor.state.doc)
    const start = read.from.findIndex((place) => place >= from)
    const end = read.to.findLastIndex((place) => place <= to) + 1
    if (start >= 0 && end > start) anchor = anchorAt(read.text, start, end)
    if ([...anchor.quote].length > LONGEST_QUOTE) return tooLong()
  }
  open({ anchor, mark: empty ? null : { from, to } })
  $("textarea", fresh).focus()
}

function tooLong() {
  unfold()
  panel.scrollIntoView({ block: "nearest" })
  tell(`Select a shorter passage: at most ${LONGEST_QUOTE.toLocaleString("en-GB")} characters.`)
}

function put(values) {
  for (const [name, value] of Object.entries(values)) field(name).value = value
}

function open(what) {
  chosen = what
  unfold()
  fresh.hidden = false
  $("[data-new-quote]").textContent = what.anchor.quote || "General remark"
  const { quote, prefix, suffix, position } = what.anchor
  put({ quote, before: prefix, after: suffix, position })
  keep($("textarea", fresh))
  draw()
}

function close() {
  forget("remark-new")
  $("textarea", fresh).value = ""
  put({ quote: "", before: "", after: "", position: "" })
  fresh.hidden = true
  chosen = null
  draw()
}

// --- words that were typed and not sent: a save of the article makes the page anew --------------------
const nameOf = (box) => `remark ${location.pathname} ${box}`
function keep(box) {
  const words = { text: box.value, anchor: box.id === "remark-new" ? chosen?.anchor : undefined }
  if (words.text.trim() && words.text !== box.defaultValue) sessionStorage.setItem(nameOf(box.id), JSON.stringify(words))
  else forget(box.id)
}
const forget = (box) => sessionStorage.removeItem(nameOf(box))
function bringBack(box) {
  const words = JSON.parse(sessionStorage.getItem(nameOf(box.id)) ?? "null")
  if (!words || box.value !== box.defaultValue) return
  box.value = words.text
  const own = box.closest(".remark__own")
  if (own) own.open = true
  if (words.anchor) open({ anchor: words.anchor, mark: null })
}

// A box, its buttons, and what they belong to: a new remark, one's own words, or the answer to a remark.
const groupOf = (element) => element.closest(".remark-new, .remark__own, .remark")

// --- sending --------------------------------------------------------------------------------------------
async function send(button) {
  if (button.ariaDisabled === "true") return
  button.ariaDisabled = "true"
  const body = new FormData(form, button)
  const answer = await fetch(button.formAction, { method: "POST", body, redirect: "manual", headers: { Accept: "application/json" } }).catch(() => null)
  button.ariaDisabled = null
  if (!answer || answer.status >= 500) return tell("No connection. Your remark is kept here; try again.")
  if (answer.type === "opaqueredirect" || answer.status === 403) return tell("You are logged out. Your remark is kept here; log in again, then send it.")
  const data = await answer.json().catch(() => ({}))
  if (!answer.ok) return tell(data.said ?? "This remark no longer exists. Reload the page.")
  accepted(button, data)
}

function accepted(button, data) {
  const box = $(":scope > textarea", groupOf(button))
  if (box && !button.name) forget(box.id)
  if (button.closest(".remark-new")) close()
  field("key").value = ""
  place.innerHTML = data.html
  prepare()
  const count = $("[data-remark-count]")
  count.textContent = data.open ? `${data.open} open` : "none"
  marks.clear()
  look()
  if (lineOf(data.remark)) show(String(data.remark), true)
  else $("summary", panel).focus()
  tell(data.said)
}

/** Quotations that can be pressed, and boxes with what was typed into them. */
function prepare() {
  for (const quote of $$("[data-jump]", place)) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "remark__jump", textContent: quote.textContent, title: "Go to this passage" })
    button.addEventListener("click", () => jump(quote.closest("[data-remark]").dataset.remark))
    quote.replaceChildren(button)
  }
  for (const box of $$("textarea", place)) bringBack(box)
}

function ready(found) {
  if (editor) return
  editor = found
  editor.on("transaction", followed)
  editor.view.dom.addEventListener("click", clicked)
  editor.view.dom.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.altKey && e.code === "KeyM") { e.preventDefault(); begin() }
  })
  look()
  const [, id] = location.hash.match(/^#remark-(\d+)$/) ?? []
  if (id) show(id, true)
}

panel.addEventListener("input", (e) => { e.stopPropagation(); if (e.target.matches("textarea")) keep(e.target) })
panel.addEventListener("keydown", (e) => {
  if (e.defaultPrevented || !e.target.matches("textarea")) return
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); send($(":scope > .remark__do button[type=submit]", groupOf(e.target))) }
  if (e.key === "Escape" && fresh.contains(e.target)) { close(); editor.view.focus() }
})
panel.addEventListener("click", (e) => {
  const button = e.target.closest("button[form=remark-form]")
  if (button) { e.preventDefault(); send(button) }
})
$("[data-new-no]").addEventListener("click", () => { close(); editor.view.focus() })
document.addEventListener("newsroom:remark", () => editor && begin())
prepare()
bringBack($("textarea", fresh))

document.addEventListener("newsroom:ready", (e) => ready(e.detail.editor))
const early = $(".prose-editor .written")?.editor
if (early) ready(early)
