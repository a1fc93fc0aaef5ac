// The writing desk beside the editor: comfort only. Everything here works without it, as plain fields.
const $ = (selector, root = document) => root.querySelector(selector)
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]
const form = $("#article_form")
const field = (name) => form.elements[name]

document.addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && !e.shiftKey && e.key.toLowerCase() === "s") {
    e.preventDefault()
    form.requestSubmit($("[name=_save]"))
  }
})

// --- lines that grow --------------------------------------------------------------------------------
for (const area of $$("[data-grow]")) {
  const grow = () => {
    if (CSS.supports("field-sizing", "content")) return
    area.style.height = "auto"
    area.style.height = `${area.scrollHeight}px`
  }
  area.addEventListener("input", grow)
  area.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing) return
    e.preventDefault()
    const next = area.id === "id_headline" ? $("#id_standfirst") : $(".written") ?? $("#id_body")
    next.focus()
  })
  grow()
}
field("headline").addEventListener("input", () => { $("[data-echo]").textContent = field("headline").value || "New article" })

// --- how long, and how much of it is free -----------------------------------------------------------
const LINES = "p, h2, h3, h4, pre, figcaption"
const words = (block) => (block.matches(LINES) ? [block] : [...block.querySelectorAll(LINES)]).reduce((sum, line) => sum + line.textContent.split(/\s+/).filter(Boolean).length, 0)
function count(box) {
  const blocks = [...box.children]
  const total = blocks.reduce((sum, block) => sum + words(block), 0)
  $("[data-count]").hidden = false
  $("[data-count]").textContent = `${total.toLocaleString("en-GB")} ${total === 1 ? "word" : "words"} · ${Math.max(1, Math.round(total / 230))} min`
  const hint = $("[data-free]")
  const gate = blocks.findIndex((block) => block.classList.contains("gate-mark"))
  const free = blocks.slice(0, gate).reduce((sum, block) => sum + words(block), 0)
  hint.hidden = false
  if (field("required_level").value === "0") hint.textContent = gate < 0 ? "All of it is free." : "All of it is free; the mark in the text has no effect."
  else if (gate < 0) hint.textContent = "No mark in the text: the first three blocks are free, and never more than a third."
  else hint.textContent = `${free.toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")} words are free.`
}
let soon
function watch(editor) {
  const box = editor.view.dom
  const later = () => { clearTimeout(soon); soon = setTimeout(() => count(box), 150) }
  editor.on("update", later)
  field("required_level").addEventListener("change", later)
  count(box)
  document.documentElement.dataset.ready = "true"
}
document.addEventListener("newsroom:ready", (e) => watch(e.detail.editor))
const early = $(".prose-editor .written")?.editor
if (early) watch(early)

// --- lead picture -----------------------------------------------------------------------------------
const pictures = JSON.parse($("#pictures").textContent)
const byKey = Object.fromEntries(Object.values(pictures).map((picture) => [picture.pk, picture]))
const lead = field("lead")
const shown = Object.assign(new Image(), { className: "side__lead" })
function showLead() {
  const picture = byKey[lead.value]
  shown.remove()
  if (!picture?.large) return
  Object.assign(shown, { src: picture.large, alt: picture.alt })
  $("[data-lead] summary").after(shown)
}
$("[data-lead-pick]").hidden = false
$("[data-lead-pick]").addEventListener("click", () => {
  document.dispatchEvent(new CustomEvent("newsroom:pick", { detail: { done: (picture) => {
    if (!picture) return
    byKey[picture.pk] = picture
    if (![...lead.options].some((option) => option.value === String(picture.pk))) lead.add(new Option(picture.title, picture.pk))
    lead.value = picture.pk
    lead.dispatchEvent(new Event("change", { bubbles: true }))
  } } }))
})
lead.addEventListener("change", showLead)
showLead()

// --- topics -----------------------------------------------------------------------------------------
const topics = $$("[data-topics] input[type=checkbox]")
const filter = $("[data-topic-filter]")
const tally = () => {
  const chosen = topics.filter((box) => box.checked).map((box) => box.closest("label").textContent.trim())
  $("[data-topic-count]").textContent = chosen.join(", ") || "none"
}
filter.hidden = topics.length < 9
for (const type of ["input", "keydown"]) filter.addEventListener(type, (e) => { e.stopPropagation(); if (e.key === "Enter") e.preventDefault() })
filter.addEventListener("input", () => {
  const sought = filter.value.trim().toLowerCase()
  for (const box of topics) box.closest("label").parentElement.hidden = !box.checked && !box.closest("label").textContent.toLowerCase().includes(sought)
})
for (const box of topics) box.addEventListener("change", tally)
tally()

// --- spare rows of the byline -----------------------------------------------------------------------
const more = $("[data-more-authors]")
const spare = $$("[data-spare]")
for (const row of spare) row.hidden = true
more.hidden = !spare.length
more.addEventListener("click", () => {
  const row = spare.shift()
  row.hidden = false
  $("select", row).focus()
  more.hidden = !spare.length
})
