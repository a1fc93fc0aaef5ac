// After an @ the names of those who may open the article; chosen by arrows and Enter, or by the mouse.
const BOXES = "[data-mentions], .remark-page textarea[name=text]"
const CALL = /(^|[\s(“"'])@([\p{L}\p{N}.'’ -]{0,40})$/u
const MOST = 6
const list = Object.assign(document.createElement("ul"), { id: "mention-names", className: "mentions", role: "listbox", hidden: true })
list.setAttribute("aria-label", "Names")
let names = null
let box = null
let at = 0

async function load() {
  if (names) return
  names = []
  const answer = await fetch(document.querySelector("[data-people]").dataset.people, { headers: { Accept: "application/json" } }).catch(() => null)
  if (answer?.ok && !answer.redirected) names = (await answer.json()).names
  else names = null
}

function close() {
  list.hidden = true
  box?.removeAttribute("aria-activedescendant")
  box = null
}

function mark(next) {
  at = (next + list.children.length) % list.children.length
  ;[...list.children].forEach((item, i) => { item.ariaSelected = String(i === at) })
  box.setAttribute("aria-activedescendant", list.children[at].id)
}

async function offer(target) {
  const typed = () => target.value.slice(0, target.selectionStart).match(CALL)
  if (!typed()) return close()
  await load()
  const [, , begun] = typed() ?? []
  if (begun === undefined || document.activeElement !== target) return close()
  const sought = begun.toLowerCase()
  const found = (names ?? []).filter((name) => name.toLowerCase() !== sought.trim() && (name.toLowerCase().startsWith(sought) || (sought && name.toLowerCase().split(" ").some((part) => part.startsWith(sought))))).slice(0, MOST)
  if (!found.length) return close()
  box = target
  box.setAttribute("aria-autocomplete", "list")
  box.setAttribute("aria-controls", list.id)
  list.replaceChildren(...found.map((name, i) => {
    const item = Object.assign(document.createElement("li"), { id: `mention-${i}`, role: "option", textContent: name })
    // Before the box loses the focus.
    item.addEventListener("mousedown", (e) => { e.preventDefault(); choose(name) })
    return item
  }))
  box.after(list)
  list.hidden = false
  mark(0)
}

function choose(name) {
  const before = box.value.slice(0, box.selectionStart).replace(CALL, (_, edge) => `${edge}@${name} `)
  box.setRangeText(before, 0, box.selectionStart, "end")
  box.dispatchEvent(new Event("input", { bubbles: true }))
  close()
}

document.addEventListener("input", (e) => { if (e.target.matches?.(BOXES)) offer(e.target) }, true)
document.addEventListener("keydown", (e) => {
  if (list.hidden || e.target !== box) return
  const keys = { ArrowDown: () => mark(at + 1), ArrowUp: () => mark(at - 1), Enter: () => choose(list.children[at].textContent), Tab: () => choose(list.children[at].textContent), Escape: close }
  if (!keys[e.key] || e.ctrlKey || e.metaKey) return
  e.preventDefault()
  e.stopPropagation()
  keys[e.key]()
}, true)
document.addEventListener("focusout", (e) => { if (e.target === box) close() })
