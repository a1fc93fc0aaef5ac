// A form that has no slot on the server: what is typed stays in this browser until the newsroom has it. Ctrl S saves.
import * as nearby from "./nearby.js"
import { gone, notice } from "./notices.js"
import { collect, fill, textAlone } from "./words.js"

const SENT = "newsroom:sent"
const AFTER_KEY = 300
const $ = (selector) => document.querySelector(selector)
const { person } = $("#held").dataset
const here = location.href.split("#")[0]
const refused = $(".errornote, .errorlist, .box[role=alert]") !== null

settle()
const form = $("[data-notices]") && !$("#autosave") ? $(".change-form #content-main > form, form[data-held]") : null
if (form?.matches(":has([name=_save]), [data-held]")) {
  // An editor stands over its box a moment after the page.
  const waits = form.querySelector("[data-django-prose-editor-configurable]") && !form.querySelector(".written")
  if (waits) document.addEventListener("newsroom:ready", hold, { once: true })
  else hold()
}

/** What was sent is let go once the page that answers is here, and does not ask for anything to be mended. */
function settle() {
  const sent = JSON.parse(sessionStorage.getItem(SENT))
  if (!sent || $("[data-kept]")) return
  sessionStorage.removeItem(SENT)
  const answers = performance.getEntriesByType("navigation")[0]?.type === "navigate" && document.referrer === sent.from
  if (answers && !refused) nearby.drop(sent.name)
}

function hold() {
  const name = `${here}:${crypto.randomUUID?.() ?? Math.random()}`
  const words = () => collect(form).filter(([field]) => !/^(password|hidden)$/.test(form.elements[field]?.type))
  const opened = refused ? null : textAlone(words())
  let soon
  const keep = () => {
    clearTimeout(soon)
    if (textAlone(words()) === opened) return nearby.drop(name)
    return nearby.keep(name, { form: here, person, words: words() })
  }
  for (const type of ["input", "change"]) form.addEventListener(type, () => { clearTimeout(soon); soon = setTimeout(keep, AFTER_KEY) })
  addEventListener("pagehide", keep)
  form.addEventListener("submit", (e) => {
    const kept = keep()
    if (navigator.onLine) sessionStorage.setItem(SENT, JSON.stringify({ name, from: here }))
    else {
      e.preventDefault()
      notice("offline", `No connection. ${kept ? "Your changes are kept in this browser" : "Keep this window open"}; save when you are back online.`)
    }
  })
  addEventListener("online", () => gone("offline"))
  document.addEventListener("keydown", (e) => {
    const save = form.querySelector("[name=_continue]") ?? form.querySelector("[name=_save], [data-save]")
    if (!save || !(e.ctrlKey || e.metaKey) || e.shiftKey || e.key.toLowerCase() !== "s") return
    e.preventDefault()
    form.requestSubmit(save)
  })
  offer(name, textAlone(words()), keep)
  if (refused) keep()
  document.documentElement.dataset.holding = "true"
}

function offer(own, shown, keep) {
  const mine = nearby.all().filter((entry) => entry.form === here && entry.person === person && entry.name !== own)
  for (const entry of mine) if (textAlone(entry.words) === shown) nearby.drop(entry.name)
  const left = mine.find((entry) => textAlone(entry.words) !== shown)
  if (!left || refused) return
  const at = new Date(left.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })
  const done = () => { nearby.drop(left.name); gone("left") }
  notice("left", `This browser has unsaved changes from ${at}.`, [
    ["Restore", () => { fill(form, left.words); keep(); done() }],
    ["Discard", done],
  ])
}
