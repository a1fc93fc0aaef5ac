// Menus by mouse and by keys: rows change places, and their numbers follow. Without this file one types the numbers.
const form = document.getElementById("menus")
const said = form.querySelector("[data-said]")
const rowsOf = (list) => [...list.querySelectorAll("[data-row]")]
const nameOf = (row) => row.querySelector("select").selectedOptions[0]?.textContent.trim() || "Row"

function number(list) {
  rowsOf(list).forEach((row, i) => { row.querySelector(".menu__place input").value = i + 1 })
}

function moved(row, focus) {
  const list = row.closest("[data-rows]")
  number(list)
  focus.focus()
  said.textContent = `${nameOf(row)}: position ${rowsOf(list).indexOf(row) + 1} of ${rowsOf(list).length}.`
}

function step(row, way, focus) {
  const other = way === "up" ? row.previousElementSibling : row.nextElementSibling
  if (!other) return
  if (way === "up") other.before(row)
  else other.after(row)
  moved(row, focus)
}

for (const list of form.querySelectorAll("[data-rows]")) {
  for (const part of list.querySelectorAll("[data-grip], [data-ways]")) part.hidden = false
}
form.addEventListener("click", (e) => {
  const button = e.target.closest("[data-way]")
  if (button) step(button.closest("[data-row]"), button.dataset.way, button)
})
form.addEventListener("keydown", (e) => {
  const row = e.target.closest?.("[data-row]")
  const way = e.altKey && { ArrowUp: "up", ArrowDown: "down" }[e.key]
  if (!row || !way) return
  e.preventDefault()
  step(row, way, e.target)
})

// Drag: the same code for mouse, pen and finger.
form.addEventListener("pointerdown", (e) => {
  const row = e.target.closest("[data-grip]")?.closest("[data-row]")
  if (!row || e.button) return
  e.preventDefault()
  const list = row.closest("[data-rows]")
  let over
  const move = (m) => {
    row.classList.add("menu__row--held")
    over?.classList.remove("menu__row--over")
    over = document.elementFromPoint(m.clientX, m.clientY)?.closest("[data-row]")
    if (over === row || over?.closest("[data-rows]") !== list) over = null
    over?.classList.add("menu__row--over")
  }
  const end = (u) => {
    removeEventListener("pointermove", move)
    removeEventListener("pointerup", end)
    removeEventListener("pointercancel", end)
    row.classList.remove("menu__row--held")
    over?.classList.remove("menu__row--over")
    if (u.type !== "pointerup" || !over) return
    const rows = rowsOf(list)
    if (rows.indexOf(over) < rows.indexOf(row)) over.before(row)
    else over.after(row)
    moved(row, row.querySelector("select"))
  }
  addEventListener("pointermove", move)
  addEventListener("pointerup", end)
  addEventListener("pointercancel", end)
})

// What was arranged and not saved is not left by mistake.
let changed = form.querySelector(".errorlist") !== null
for (const type of ["input", "click", "keydown", "pointerup"]) {
  form.addEventListener(type, (e) => {
    if (type === "input" || (type === "keydown" && e.altKey) || e.target.closest?.("[data-way], [data-grip]")) changed = true
  })
}
form.addEventListener("submit", () => { changed = false })
addEventListener("beforeunload", (e) => { if (changed) e.preventDefault() })
document.documentElement.dataset.ready = "true"
