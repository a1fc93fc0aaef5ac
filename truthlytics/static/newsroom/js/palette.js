// Ctrl K: one line to everything. What is found is asked for as one types; a newer question ends the older.
const PAUSE = 90
const dialog = document.querySelector("#palette")
const input = dialog.querySelector("input")
const list = dialog.querySelector("#palette-list")
const said = dialog.querySelector(".palette__said")
let at = -1
let asking = new AbortController()
let pause

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}
const options = () => [...list.querySelectorAll("[role=option]")]

function choose(index) {
  const all = options()
  at = all.length ? (index + all.length) % all.length : -1
  all.forEach((option, i) => option.setAttribute("aria-selected", i === at))
  if (at < 0) return input.removeAttribute("aria-activedescendant")
  input.setAttribute("aria-activedescendant", all[at].id)
  all[at].scrollIntoView({ block: "nearest" })
}

function show(groups) {
  let number = 0
  list.replaceChildren(...groups.map(({ name, items }, i) => {
    const heading = make("div", { className: "palette__group", id: `palette-group-${i}`, textContent: name })
    const rows = items.map((item) => {
      const row = make("div", { className: "palette__row", id: `palette-${number++}` }, make("span", { textContent: item.name }), make("span", { className: "palette__kind", textContent: item.kind }))
      row.setAttribute("role", "option")
      row.dataset.url = item.url
      return row
    })
    const group = make("div", {}, heading, ...rows)
    group.setAttribute("role", "group")
    group.setAttribute("aria-labelledby", heading.id)
    heading.setAttribute("role", "presentation")
    return group
  }))
  said.textContent = number ? `${number} ${number === 1 ? "result" : "results"}` : "No results. Try fewer or different words."
  said.classList.toggle("palette__said--none", !number)
  choose(0)
}

function fail(words) {
  list.replaceChildren()
  choose(-1)
  said.textContent = words
  said.classList.add("palette__said--none")
}

async function ask() {
  asking.abort()
  asking = new AbortController()
  const { signal } = asking
  try {
    const answer = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(input.value)}`, { signal, headers: { Accept: "application/json" }, redirect: "manual" })
    if (answer.type === "opaqueredirect") return fail("You are logged out. Reload the page to log in.")
    if (!answer.ok) return fail("Something went wrong. Try again.")
    const { groups } = await answer.json()
    if (!signal.aborted) show(groups)
  } catch (error) {
    if (error.name !== "AbortError") fail("No connection.")
  }
}

function open() {
  if (dialog.open) return
  input.value = ""
  list.replaceChildren()
  said.textContent = ""
  dialog.showModal()
  ask()
}

function go(row, aside) {
  if (!row) return
  if (aside) return window.open(row.dataset.url, "_blank", "noopener")
  dialog.close()
  location.href = row.dataset.url
}

input.addEventListener("input", (event) => {
  event.stopPropagation()
  clearTimeout(pause)
  pause = setTimeout(ask, PAUSE)
})
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1 }
  if (event.key in moves) choose(moves[event.key])
  else if (event.key === "Enter") go(options()[at], event.ctrlKey || event.metaKey)
  else return
  event.preventDefault()
})
list.addEventListener("click", (event) => go(event.target.closest("[role=option]"), event.ctrlKey || event.metaKey))
// A press beside it closes it; the list keeps the focus in the line.
list.addEventListener("mousedown", (event) => event.preventDefault())
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close() })
dialog.addEventListener("close", () => { clearTimeout(pause); asking.abort() })
for (const link of document.querySelectorAll("[data-palette-open]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    open()
  })
}
// Where the rooms do not fit beside one another, the one that is open is in sight.
document.querySelector(".rooms [aria-current]")?.scrollIntoView({ inline: "nearest", block: "nearest" })
document.addEventListener("keydown", (event) => {
  const pressed = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k"
  // In the text Ctrl K makes a link, and another dialog is not left like this.
  if (!pressed || event.defaultPrevented || document.querySelector("dialog[open]")) return
  event.preventDefault()
  open()
})
