// The library within the text: pictures or documents are sought, brought in and chosen here.
import { $, make, open } from "./dialog.js"

const picker = $("#picker")
const grid = $("[data-grid]", picker)
const said = $("[data-said]", picker)
const search = $("input[type=search]", picker)
const more = $("[data-more]", picker)
const bring = $("[data-bring]", picker)
const file = $("[data-bring-file]", picker)
const words = $("[data-words]", picker)
const KINDS = {
  picture: { name: "Choose an image", none: "No images match.", empty: "The library is empty. Upload an image first.", accept: "image/jpeg,image/png,image/webp" },
  document: { name: "Choose a document", none: "No documents match.", empty: "There are no documents yet. Upload one first.", accept: ".pdf,.csv,.xlsx,.ods,.json" },
}
const UNREACHED = "The library is not responding. Save your text, then try again."
let kind = "picture"
let choose = () => {}
let latest = 0
let after = ""

const field = (name) => words.elements[name]
const json = { Accept: "application/json" }
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value
async function send(address, fields) {
  const body = new FormData()
  body.set("csrfmiddlewaretoken", token())
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  const answer = await fetch(address, { method: "POST", headers: json, body })
  if (answer.redirected || !answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Error(answer.status)
  return answer.json()
}

function tile(item) {
  const facts = [make("b", { textContent: item.title }), make("span", { textContent: item.credit })]
  if (kind === "document") facts.push(make("span", { textContent: item.kind }))
  else facts.unshift(item.url ? make("img", { src: item.url, alt: "", loading: "lazy" }) : make("span", { className: "picker__none", textContent: "processing" }))
  if (item.complete === false) facts.push(make("span", { className: "picker__lacks", textContent: "! alt text or credit missing" }))
  const button = make("button", { type: "button" }, ...facts)
  button.addEventListener("click", () => (item.complete === false ? ask(item) : choose(item)))
  return button
}

async function look(further = false) {
  const mine = ++latest
  if (!further) { after = ""; said.textContent = "Searching…" }
  try {
    const query = new URLSearchParams({ q: search.value, after })
    const answer = await fetch(`${picker.dataset[kind]}?${query}`, { headers: json })
    if (!answer.ok || answer.redirected) throw new Error(answer.status)
    const found = await answer.json()
    if (mine !== latest) return
    after = found.after
    more.hidden = !after
    said.textContent = found.items.length || further ? "" : search.value ? KINDS[kind].none : KINDS[kind].empty
    const tiles = found.items.map(tile)
    if (further) { grid.append(...tiles); tiles[0]?.focus() } else grid.replaceChildren(...tiles)
  } catch {
    if (mine === latest) said.textContent = UNREACHED
  }
}

/** The words that `item` lacks, asked here: nothing is published without them. A document is asked before it is sent. */
function ask(item) {
  for (const part of words.querySelectorAll("[data-for]")) {
    part.hidden = part.dataset.for !== kind
    for (const input of part.querySelectorAll("textarea, input")) input.disabled = part.hidden
  }
  field("title").value = item.title ?? ""
  field("alt").value = item.alt || item.proposed?.alt || ""
  field("credit").value = item.credit || item.proposed?.credit || ""
  $("[data-words-wrong]", words).textContent = ""
  $("[data-words-name]", words).textContent = item.title
  $("[data-words-yes]", words).textContent = kind === "document" ? "Upload and insert" : "Save and insert"
  words.hidden = false
  ;(kind === "document" ? field("title") : field("alt")).focus()
  words.onsubmit = async (e) => {
    e.preventDefault()
    const wrong = $("[data-words-wrong]", words)
    try {
      const answer = await (kind === "document" ? newDocument(item.file) : completed(item))
      if (answer.says && !answer.href) wrong.textContent = answer.says
      else { words.hidden = true; choose(answer) }
    } catch {
      wrong.textContent = UNREACHED
    }
  }
}
const newDocument = (sent) => send(picker.dataset.documentUpload, { file: sent, title: field("title").value, credit: field("credit").value })
async function completed(item) {
  const prefix = `p${item.pk}`
  const fields = { pk: item.pk, [`${prefix}-alt`]: field("alt").value, [`${prefix}-credit`]: field("credit").value }
  fields[`${prefix}-caption`] = item.caption || item.proposed.caption || ""
  fields[`${prefix}-licence`] = item.licence || item.proposed.licence || ""
  const { saved, says } = await send(picker.dataset.words, fields)
  return saved[0] ?? { says }
}

async function brought() {
  const files = [...file.files]
  file.value = ""
  if (!files.length) return
  if (kind === "document") return ask({ title: files[0].name.replace(/\.[^.]*$/, ""), file: files[0] })
  const refused = []
  let one
  for (const [i, each] of files.entries()) {
    said.textContent = `Uploading ${i + 1} of ${files.length}…`
    try {
      const answer = (await send(picker.dataset.pictureUpload, { files: each })).files[0]
      if (answer.state === "refused") refused.push(`${each.name}: ${answer.says}`)
      else { grid.prepend(tile(answer)); one = answer }
    } catch {
      refused.push(`${each.name}: ${UNREACHED}`)
    }
  }
  said.textContent = refused.join(" ")
  if (files.length === 1 && one?.complete === false) ask(one)
  else grid.querySelector("button")?.focus()
}

document.addEventListener("newsroom:pick", ({ detail: { done, kind: wanted = "picture" } }) => {
  kind = wanted
  picker.setAttribute("aria-label", KINDS[kind].name)
  search.value = ""
  words.hidden = true
  grid.replaceChildren()
  if (bring) {
    bring.hidden = !picker.dataset[`${kind}Upload`]
    file.accept = KINDS[kind].accept
    file.multiple = kind === "picture"
  }
  choose = open(picker, done)
  look()
})
let wait
search.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(look, 200) })
search.addEventListener("keydown", (e) => {
  if (e.key === "ArrowDown") grid.querySelector("button")?.focus()
})
more.addEventListener("click", () => look(true))
$("[data-words-no]", words).addEventListener("click", () => { words.hidden = true; search.focus() })
file?.addEventListener("change", brought)
$("[data-close]", picker).addEventListener("click", () => choose(null))
