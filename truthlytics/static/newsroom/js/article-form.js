// Enhancements of the article form: free words, lead image, topic filter, extra byline rows. All work without script.
import { form, watchWordCount, wordCount } from "./canvas.js"

const $ = (selector, root = document) => root.querySelector(selector)
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]
const field = (name) => form.elements[name]

// --- free words -----------------------------------------------------------------------------------------
function showFreeWords(blocks, total) {
  const hint = $("[data-free-words]")
  const marker = blocks.findIndex((block) => block.classList.contains("paywall-marker"))
  const free = blocks.slice(0, marker).reduce((sum, block) => sum + wordCount(block), 0)
  hint.hidden = false
  if (field("required_level").value === "0") hint.textContent = marker < 0 ? "Free for everyone." : "Free for everyone; the paywall marker is ignored."
  else if (marker < 0) hint.textContent = "No paywall marker: the first three blocks are free, up to a third of the text."
  else hint.textContent = `${free.toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")} words are free.`
}
const recount = watchWordCount(showFreeWords)
field("required_level").addEventListener("change", recount)

// --- lead image -----------------------------------------------------------------------------------------
const images = JSON.parse($("#images").textContent)
const imagesByPk = Object.fromEntries(Object.values(images).map((image) => [image.pk, image]))
const lead = field("lead")
const leadPreview = Object.assign(new Image(), { className: "side-panel__lead" })
function showLead() {
  const image = imagesByPk[lead.value]
  leadPreview.remove()
  if (!image?.large) return
  Object.assign(leadPreview, { src: image.large, alt: image.alt })
  leadPreview.dataset.focal = image.focal
  $("[data-lead] summary").after(leadPreview)
}
$("[data-lead-pick]").hidden = false
$("[data-lead-pick]").addEventListener("click", () => {
  document.dispatchEvent(new CustomEvent("newsroom:pick", { detail: { done: (image) => {
    if (!image) return
    imagesByPk[image.pk] = image
    if (![...lead.options].some((option) => option.value === String(image.pk))) lead.add(new Option(image.title, image.pk))
    lead.value = image.pk
    lead.dispatchEvent(new Event("change", { bubbles: true }))
  } } }))
})
lead.addEventListener("change", showLead)
showLead()

// --- topics ---------------------------------------------------------------------------------------------
const MIN_TOPICS_FOR_FILTER = 9
const topics = $$("[data-topics] input[type=checkbox]")
const filter = $("[data-topic-filter]")
const showSelectedTopics = () => {
  const selected = topics.filter((box) => box.checked).map((box) => box.closest("label").textContent.trim())
  $("[data-topic-count]").textContent = selected.join(", ") || "none"
}
filter.hidden = topics.length < MIN_TOPICS_FOR_FILTER
for (const type of ["input", "keydown"]) filter.addEventListener(type, (e) => { e.stopPropagation(); if (e.key === "Enter") e.preventDefault() })
filter.addEventListener("input", () => {
  const query = filter.value.trim().toLowerCase()
  for (const box of topics) box.closest("label").parentElement.hidden = !box.checked && !box.closest("label").textContent.toLowerCase().includes(query)
})
for (const box of topics) box.addEventListener("change", showSelectedTopics)
showSelectedTopics()

// --- extra byline rows ----------------------------------------------------------------------------------
const addAuthor = $("[data-add-author]")
const extraRows = $$("[data-extra-row]")
for (const row of extraRows) row.hidden = true
addAuthor.hidden = !extraRows.length
addAuthor.addEventListener("click", () => {
  const row = extraRows.shift()
  row.hidden = false
  $("select", row).focus()
  addAuthor.hidden = !extraRows.length
})
