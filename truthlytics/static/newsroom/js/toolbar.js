// The editor's toolbar: shown once there is an editor; one stop for Tab, arrows inside.
import { ask, back } from "./asking.js"

const bar = document.querySelector("[data-toolbar]")
const tools = bar.querySelector("[data-in-table]")
const all = [...bar.querySelectorAll("button")]
let editor

const COMMANDS = {
  h2: (c) => c.toggleHeading({ level: 2 }),
  h3: (c) => c.toggleHeading({ level: 3 }),
  bold: (c) => c.toggleBold(),
  italic: (c) => c.toggleItalic(),
  bulletList: (c) => c.toggleBulletList(),
  orderedList: (c) => c.toggleOrderedList(),
  blockquote: (c) => c.toggleBlockquote(),
  pullQuote: (c) => c.togglePullQuote(),
  table: (c) => c.insertTable({ rows: 3, cols: 3, withHeaderRow: true }),
  rowAfter: (c) => c.addRowAfter(),
  columnAfter: (c) => c.addColumnAfter(),
  rowGone: (c) => c.deleteRow(),
  columnGone: (c) => c.deleteColumn(),
  tableGone: (c) => c.deleteTable(),
  footnote: (c) => c.insertFootnote(),
  picture: (c) => c.insertPicture(),
  embed: (c) => c.insertEmbed(),
  gate: (c) => c.toggleGate(),
  undo: (c) => c.undo(),
  redo: (c) => c.redo(),
}
// What may be on where the cursor stands; the others only do something.
const STATES = { h2: ["heading", { level: 2 }], h3: ["heading", { level: 3 }], bold: ["bold"], italic: ["italic"], link: ["link"], bulletList: ["bulletList"], orderedList: ["orderedList"], blockquote: ["blockquote"], pullQuote: ["pullQuote"] }

/** Behind the words that got their link: what is typed next, however soon, neither takes their place nor belongs to it. */
const behind = (chain) => chain.command(({ tr, commands }) => commands.setTextSelection(tr.selection.to)).unsetMark("link")

async function link() {
  const value = editor.getAttributes("link").href ?? ""
  const said = await ask({ title: "Link", fields: [{ name: "href", label: "URL (blank removes the link)", value }], yes: "Save" })
  const chain = back(editor)
  if (!said) return chain.run()
  let href = said.href.trim()
  if (href && !/^(https?:|mailto:|\/)/.test(href)) href = href.includes("@") && !href.includes("/") ? `mailto:${href}` : `https://${href}`
  chain.extendMarkRange("link")
  return behind(href ? chain.setLink({ href }) : chain.unsetLink()).run()
}

/** A document of the library, as a link: of what is chosen in the text, else with its own title. */
async function paper() {
  const found = await new Promise((done) => document.dispatchEvent(new CustomEvent("newsroom:pick", { detail: { done, kind: "document" } })))
  const chain = back(editor)
  if (!found) return chain.run()
  if (!editor.state.selection.empty) return behind(chain.setLink({ href: found.href })).run()
  return chain.insertContent([{ type: "text", text: found.title, marks: [{ type: "link", attrs: { href: found.href } }] }]).unsetMark("link").run()
}

function run(name) {
  if (name === "document") return paper()
  if (name === "link") return link()
  if (name === "remark") return document.dispatchEvent(new CustomEvent("newsroom:remark"))
  if (name === "find") return document.dispatchEvent(new Event("newsroom:find"))
  COMMANDS[name](back(editor)).run()
}

function refresh() {
  for (const button of all) {
    const name = button.dataset.cmd
    if (STATES[name]) button.setAttribute("aria-pressed", editor.isActive(...STATES[name]))
    // Not `disabled`: the arrows would stop there, and the focus be lost.
    if (name === "undo" || name === "redo") button.setAttribute("aria-disabled", !editor.can()[name]())
  }
  tools.hidden = !editor.isActive("table")
}

function ready(found) {
  if (editor) return
  editor = found
  bar.hidden = false
  editor.on("transaction", refresh)
  // Before the library sees the key: it would open a dialog of its own below ours, and the focus be lost there.
  editor.view.dom.addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.shiftKey || e.altKey || e.key.toLowerCase() !== "k") return
    e.preventDefault()
    e.stopImmediatePropagation()
    link()
  }, { capture: true })
  refresh()
}

all.forEach((button, i) => { button.tabIndex = i ? -1 : 0 })
bar.addEventListener("click", (e) => {
  const button = e.target.closest("button")
  if (button && button.getAttribute("aria-disabled") !== "true") run(button.dataset.cmd)
})
// The mouse leaves the focus in the text.
bar.addEventListener("mousedown", (e) => e.preventDefault())
bar.addEventListener("keydown", (e) => {
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -99, End: 99 }[e.key]
  if (!step) return
  e.preventDefault()
  const open = all.filter((button) => button.offsetParent !== null)
  const next = open[Math.max(0, Math.min(open.length - 1, open.indexOf(document.activeElement) + step))]
  for (const button of all) button.tabIndex = button === next ? 0 : -1
  next.focus()
})

document.addEventListener("keydown", (e) => {
  if (e.altKey && e.key === "F10" && !bar.hidden) { e.preventDefault(); all.find((button) => button.tabIndex === 0).focus() }
})

// The editor may have been ready before this module ran: its element keeps a reference.
document.addEventListener("newsroom:ready", (e) => ready(e.detail.editor))
const early = document.querySelector(".prose-editor .written")?.editor
if (early) ready(early)
