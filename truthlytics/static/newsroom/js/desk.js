// An article's desk beside the editor: comfort only. Everything here works without it, as plain fields.
import { counting, form, words } from "./canvas.js"

const $ = (selector, root = document) => root.querySelector(selector)
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]
const field = (name) => form.elements[name]

// --- how much of it is free -------------------------------------------------------------------------
function sayFree(blocks, total) {
  const hint = $("[data-free]")
  const gate = blocks.findIndex((block) => block.classList.contains("gate-mark"))
  const free = blocks.slice(0, gate).reduce((sum, block) => sum + words(block), 0)
  hint.hidden = false
  if (field("required_level").value === "0") hint.textContent = gate < 0 ? "Free for everyone." : "Free for everyone; the paywall marker is ignored."
  else if (gate < 0) hint.textContent = "No paywall marker: the first three blocks are free, up to a third of the text."
  else hint.textContent = `${free.toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")} words are free.`
}
const again = counting(sayFree)
field("required_level").addEventListener("change", again)

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
  shown.dataset.focal = picture.focal
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
