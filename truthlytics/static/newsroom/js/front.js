// Arranging the front page without page loads: every press is answered by the server, whose page is taken over part by
// part. Without this file the same form does the same.
const form = document.getElementById("arrange")
const said = form.querySelector("[data-said]")
const undo = form.querySelector("[data-undo]")
const search = form.elements.q
const away = new Set(["save", "preview", "publish"])
const past = []
let leaving = false
let turn = Promise.resolve()

/** Sends the form with `deed` as its button and takes over what comes back. One after the other. */
function act(deed, { focus = true, remember = true } = {}) {
  turn = turn.then(() => send(deed, focus, remember)).catch(() => {
    said.textContent = "No response from the server. Your layout is not lost; try again in a moment."
  })
  return turn
}

async function send(deed, focus, remember) {
  const data = new FormData(form)
  const at = document.activeElement.closest("[data-slot]")?.dataset.slot
  const before = data.get("layout")
  data.set("do", deed)
  const answer = await fetch(form.action, { method: "POST", body: data })
  const page = new DOMParser().parseFromString(await answer.text(), "text/html")
  if (!page.getElementById("arrange")) return native(deed) // the log-in has ended, or worse: let the browser show it
  const [target] = page.querySelectorAll("[autofocus]")
  target?.removeAttribute("autofocus") // Chromium would speak of it in the console; `target` is adopted below
  for (const part of form.querySelectorAll("[data-part]")) part.replaceWith(document.adoptNode(page.querySelector(`[data-part="${part.dataset.part}"]`)))
  if (remember && form.elements.layout.value !== before) past.push(before)
  undo.disabled = !past.length
  const words = page.querySelector("[data-said]")
  said.className = words.className
  said.textContent = words.textContent
  if (focus) (target ?? search).focus()
  else if (at) form.querySelector(`[data-slot="${at}"] button`)?.focus()
}

function native(deed) {
  leaving = true
  const button = Object.assign(document.createElement("button"), { name: "do", value: deed, hidden: true })
  form.append(button)
  form.requestSubmit(button)
}

form.addEventListener("submit", (e) => {
  const deed = e.submitter?.value ?? "find"
  if (leaving || away.has(deed)) { leaving = true; return }
  e.preventDefault()
  if (deed) act(deed, { focus: deed !== "find" })
})
form.addEventListener("change", (e) => { if (e.target.dataset.deed) act(e.target.dataset.deed) })

let wait
search.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(() => act("find", { focus: false }), 250) })

function takeBack() {
  if (!past.length) return
  form.elements.layout.value = past.pop()
  act("look", { focus: false, remember: false }).then(() => { said.textContent = "Undone." })
}
undo.addEventListener("click", takeBack)

document.addEventListener("keydown", (e) => {
  const slot = e.target.closest?.("[data-slot]")
  const way = e.altKey && { ArrowUp: "up", ArrowDown: "down" }[e.key]
  if (slot && way) { e.preventDefault(); slot.querySelector(`[data-way="${way}"]`)?.click() }
  if ((e.ctrlKey || e.metaKey) && e.key === "z" && !e.target.closest("input")) { e.preventDefault(); takeBack() }
  if (e.key === "Escape" && form.elements.held) act("release")
})
addEventListener("beforeunload", (e) => { if (!leaving && form.querySelector("[data-unsaved]")) e.preventDefault() })
addEventListener("pageshow", () => { leaving = false })

// Drag: the same code for mouse, pen and finger.
form.addEventListener("pointerdown", (e) => {
  const grip = e.target.closest("[data-grip]")
  const source = grip?.closest("[data-article]")
  if (!source?.dataset.article || e.button || e.pointerType === "touch") return
  const from = [e.clientX, e.clientY]
  const headline = source.dataset.headline ?? source.querySelector(".slot__headline").textContent
  let ghost, over
  const move = (m) => {
    if (!ghost && Math.hypot(m.clientX - from[0], m.clientY - from[1]) < 6) return
    if (!ghost) document.body.append(ghost = Object.assign(document.createElement("div"), { className: "ghost", textContent: headline }))
    ghost.style.translate = `${m.clientX + 10}px ${m.clientY + 10}px`
    over?.classList.remove("slot--over")
    over = document.elementFromPoint(m.clientX, m.clientY)?.closest("[data-slot]")
    over?.classList.add("slot--over")
  }
  const end = (u) => {
    removeEventListener("pointermove", move)
    removeEventListener("pointerup", end)
    removeEventListener("pointercancel", end)
    ghost?.remove()
    over?.classList.remove("slot--over")
    if (u.type === "pointerup" && over && over !== source) act(`put ${over.dataset.slot} ${source.dataset.article} ${source.dataset.slot ?? ""}`.trim(), { focus: false })
  }
  addEventListener("pointermove", move)
  addEventListener("pointerup", end)
  addEventListener("pointercancel", end)
})
document.documentElement.toggleAttribute("data-ready", true)
