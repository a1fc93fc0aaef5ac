// The focal point of a picture: set by a click, by dragging or by the arrow keys; the two numbers of the form keep it.
const box = document.querySelector("[data-focal]")
const picture = box.querySelector("img")
const fields = ["x", "y"].map((axis) => document.getElementById(`id_focal_${axis}`))
const crops = [...document.querySelectorAll(".crop")]
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

const dot = Object.assign(document.createElement("button"), { type: "button", className: "focal__dot" })
const said = Object.assign(document.createElement("span"), { className: "visually-hidden", role: "status" })
const within = (value) => Math.max(0, Math.min(100, Math.round(value)))
const now = () => fields.map((field) => within(field.value === "" ? 50 : Number(field.value) || 0))

function draw() {
  const [x, y] = now()
  dot.style.left = `${x}%`
  dot.style.top = `${y}%`
  dot.setAttribute("aria-label", `Focal point: ${x} percent from the left, ${y} percent from the top. Use the arrow keys to move it.`)
  for (const crop of crops) crop.style.objectPosition = `${x}% ${y}%`
}
function set(x, y) {
  for (const [i, value] of [x, y].entries()) fields[i].value = within(value)
  draw()
}
function at(e) {
  const { left, top, width, height } = picture.getBoundingClientRect()
  set((100 * (e.clientX - left)) / width, (100 * (e.clientY - top)) / height)
}

box.dataset.live = ""
box.append(dot, said)
document.querySelector("[data-focal-help]").hidden = false
picture.draggable = false
picture.addEventListener("click", (e) => { at(e); dot.focus() })
dot.addEventListener("pointerdown", (e) => dot.setPointerCapture(e.pointerId))
dot.addEventListener("pointermove", (e) => { if (dot.hasPointerCapture(e.pointerId)) at(e) })
dot.addEventListener("keydown", (e) => {
  const step = STEPS[e.key]
  if (!step) return
  e.preventDefault()
  const [x, y] = now()
  const far = e.shiftKey ? 10 : 1
  set(x + far * step[0], y + far * step[1])
  said.textContent = now().map((value) => `${value} percent`).join(", ")
})
for (const field of fields) field.addEventListener("input", draw)
draw()
