// Autosave: half a second after the last key into this person's slot, one request at a time, the newest words last.
import { ask, done, renewed } from "./login.js"
import * as nearby from "./nearby.js"
import { gone, notice, others } from "./notices.js"
import { asText, collect, fill, textAlone } from "./words.js"

const $ = (selector) => document.querySelector(selector)
const form = $(".canvas").closest("form")
const about = { ...$("#autosave").dataset }
// Named by the page, not by the browser's tab: a doubled tab would inherit the name and write over the other.
const tab = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
const AFTER_KEY = 500
const LONGEST_WAIT = 5000
const HEARTBEAT = 20_000

let sent = asText(collect(form))
const opened = sent
let sequence = 0
let since = 0
let dirty = "refused" in about
let failures = 0
let flying = null
let timer
let insteadOf = null
let leaving = false
let dismissed = false

form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "_tab", value: tab }))
const key = () => about.key ?? form.elements.key.value
const name = () => `${key()}:${tab}`
const address = (what) => (about.article ? `${about.desk}${about.article}/${what}/` : about.begin)

function tell(text, tone = "") {
  const box = $("[data-saved]")
  box.dataset.tone = tone
  if (box.textContent !== text) box.textContent = text
}

function soon(wait = AFTER_KEY) {
  clearTimeout(timer)
  timer = setTimeout(save, wait)
}
function touched() {
  dirty = true
  since ||= Date.now()
  if (!failures) soon(Math.max(0, Math.min(AFTER_KEY, since + LONGEST_WAIT - Date.now())))
}

const keepNearby = (words) => nearby.keep(name(), { words, key: key(), person: about.person, edition: form.elements.based_on.value, fresh: !about.article, desk: about.desk })

/** True once the words are where they belong; false while they are only in this window and its browser. */
function save(how = {}) {
  clearTimeout(timer)
  flying ??= send(how).finally(() => { flying = null })
  return flying
}

async function send({ take = false, retried = false } = {}) {
  const words = collect(form)
  const text = asText(words)
  since = 0
  if (text === sent && !take && !insteadOf) { dirty = "refused" in about && sequence === 0; if (!dirty) return true }
  const kept = keepNearby(words)
  const body = new URLSearchParams(words)
  body.append("_tab", tab)
  body.append("_sequence", ++sequence)
  if (take) body.append("_take", "1")
  if (insteadOf) for (const [field, value] of Object.entries(insteadOf)) body.append(`_${field}`, value)
  const answer = await post(address("autosave"), body)
  if (!answer || answer.status >= 500) return lost(kept)
  if (answer.type === "opaqueredirect" || answer.status === 403) return retried ? loggedOut() : comeBack(() => send({ take, retried: true }))
  const data = await answer.json().catch(() => ({}))
  if (answer.status === 409) return held(data.held)
  if (!answer.ok) return refused(answer.status, data.said)
  return accepted(text, data)
}

async function post(where, body) {
  try {
    return await fetch(where, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(15_000), headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" } })
  } catch {
    return null
  }
}

function accepted(text, data) {
  failures = 0
  insteadOf = null
  sent = text
  if (!about.article) {
    const before = name()
    Object.assign(about, { article: data.article, key: key() })
    nearby.drop(before)
    // The address of what is now a draft: reloading and coming back lead to it.
    history.replaceState(null, "", data.change)
  }
  dirty = asText(collect(form)) !== text
  if (dirty) soon()
  else nearby.drop(name())
  tell(`Saved ${data.saved}`)
  gone("held")
  document.dispatchEvent(new CustomEvent("newsroom:kept", { detail: { article: about.article, desk: about.desk, tab } }))
  around(data)
  return true
}

function around(data) {
  others(data.others)
  if (!data.newer) return gone("newer")
  const who = data.newer.by === "You" ? "You saved this in another window" : `${data.newer.by} saved a newer version`
  const clean = sent === opened && !dirty
  if (clean) notice("newer", `${who} at ${data.newer.at}.`, [["Load it", () => location.reload()]])
  else notice("newer", `${who} at ${data.newer.at}. Your changes are kept separately; you can merge them when you save.`, [["Compare", `${about.desk}${about.article}/words/`]])
}

function lost(kept) {
  failures += 1
  tell(kept ? "No connection. Saved in this browser, retrying" : "No connection. Keep this window open, retrying", "bad")
  soon(Math.min(30_000, 1000 * 2 ** (failures - 1)))
  return false
}

function refused(status, said) {
  const why = { 404: "You can no longer edit this. Your changes are kept in this browser.", 413: "This is too long for autosave. Save it." }
  tell("Not saved", "bad")
  notice("refused", said ?? why[status] ?? "Autosave failed. Your changes are kept in this browser. Save them.")
  return false
}

function held(at) {
  tell("Saved in this browser only", "bad")
  const goOn = () => { $("[data-unsaved]")?.remove(); save({ take: true }) }
  notice("held", `You have other unsaved changes from ${at} (another tab or an earlier session). What you type here stays in this browser until you choose.`, [
    ["Continue here, keep those in the history", goOn],
    ["Compare", `${about.desk}${about.article}/words/`],
  ])
  return "held"
}

async function comeBack(then) {
  const here = await renewed(about.token, about.person)
  if (here === null) return lost(true)
  if (!here) return loggedOut()
  done()
  return then()
}

function loggedOut() {
  tell("Logged out. Saved in this browser", "bad")
  if (dismissed) return false
  dismissed = true
  ask(async () => {
    if (await renewed(about.token, about.person)) { dismissed = false; done(); save() }
  })
  return false
}

// --- when --------------------------------------------------------------------------------------------
for (const type of ["input", "change"]) form.addEventListener(type, touched)
addEventListener("online", () => { if (dirty) save() })
addEventListener("focus", () => { if (dirty && dismissed) save() })
addEventListener("visibilitychange", () => { if (document.hidden && dirty) save() })
addEventListener("pagehide", () => { if (dirty && !leaving) keepNearby(collect(form)) })
addEventListener("beforeunload", (e) => { if (dirty && !leaving) e.preventDefault() })
form.addEventListener("submit", async (e) => {
  if (leaving) return
  // A form is not sent into the void: first the words are safe, and the log-in is known to hold.
  e.preventDefault()
  dismissed = false
  // A form that is asked to go while this very event is still told round stays where it is: first let it end.
  await new Promise((ended) => { setTimeout(ended) })
  await flying
  const unsent = dirty && asText(collect(form)) !== sent
  const safe = unsent ? await save() : (await renewed(about.token, about.person)) || (await comeBack(() => true))
  if (!safe) return
  leaving = true
  form.requestSubmit(e.submitter)
})
addEventListener("pageshow", (e) => { if (e.persisted) leaving = false })
async function heartbeat() {
  if (!about.article) return
  const answer = await post(address("presence"), new URLSearchParams({ based_on: form.elements.based_on.value }))
  if (answer?.ok) around(await answer.json())
  else if (answer?.type === "opaqueredirect" && !document.hidden && !flying) comeBack(heartbeat)
}
setInterval(heartbeat, HEARTBEAT)
heartbeat()

// --- what was left before ------------------------------------------------------------------------------
const left = $("#unsaved") ? JSON.parse($("#unsaved").textContent) : null
const leftWords = left ? left.fields.flatMap(([field, values]) => values.map((value) => [field, value])) : []
function restore(words, edition) {
  fill(form, words)
  if (edition !== undefined) form.elements.based_on.value = edition
  dirty = true
  save()
}
const button = $("[data-restore]")
if (button) {
  button.hidden = false
  button.addEventListener("click", () => {
    insteadOf = { restored_tab: left.tab, restored_sequence: left.sequence }
    $("[data-unsaved]").remove()
    restore(leftWords)
    $("#body-editor")?.focus()
  })
}
$("#drop-words")?.addEventListener("submit", async (e) => {
  e.preventDefault()
  const answer = await post(e.target.action, new URLSearchParams(new FormData(e.target)))
  if (!answer) return tell("No connection", "bad")
  $("[data-unsaved]").remove()
  notice("dropped", "Changes discarded.", [["Undo", () => { gone("dropped"); restore(leftWords) }]])
})
function offerNearby() {
  const mine = nearby.all().filter((entry) => entry.person === about.person && (about.article ? entry.key === key() : entry.fresh && (entry.desk ?? about.desk) === about.desk))
  const known = new Set([textAlone(collect(form)), textAlone(leftWords)])
  for (const entry of mine) if (known.has(textAlone(entry.words))) nearby.drop(entry.name)
  const other = mine.find((entry) => !known.has(textAlone(entry.words)))
  if (!other) return
  const at = new Date(other.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })
  notice("nearby", `This browser has changes from ${at} that were not sent to the newsroom.`, [
    ["Restore", () => {
      gone("nearby")
      nearby.drop(other.name)
      if (other.fresh && !about.article) form.elements.key.value = other.key
      restore(other.words, other.edition)
    }],
    ["Discard", () => { nearby.drop(other.name); gone("nearby") }],
  ])
}
const ready = $(".prose-editor .written")?.editor
if (ready) offerNearby()
else document.addEventListener("newsroom:ready", offerNearby, { once: true })
if (dirty) soon()
document.documentElement.dataset.keeping = "true"
