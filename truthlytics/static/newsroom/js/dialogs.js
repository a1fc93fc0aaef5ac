// The dialogs of the writing desk: a question, and (picker.js) the library.
import { $, make, open } from "./dialog.js"
import "./picker.js"

const box = $("#ask")
const ask = $("form", box)
ask.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); ask.requestSubmit() }
})
document.addEventListener("newsroom:ask", ({ detail: { title, fields, yes = "Insert", hint = "", wrong = () => "", done } }) => {
  $("#ask-title").textContent = title
  $("[data-ask-yes]", box).textContent = yes
  const inputs = fields.map(({ name, rows, value }) => make(rows ? "textarea" : "input", { id: `ask-${name}`, name, value: value ?? "", ...(rows ? { rows } : { type: "text", autocomplete: "off" }) }))
  $("[data-ask-fields]").replaceChildren(...inputs.flatMap((input, i) => [make("label", { className: "over", htmlFor: input.id, textContent: fields[i].label }), input]))
  $("[data-ask-hint]").textContent = hint
  $("[data-ask-wrong]").textContent = ""
  const answer = open(box, done)
  ask.onsubmit = (e) => {
    e.preventDefault()
    const given = Object.fromEntries(inputs.map((input) => [input.name, input.value]))
    const no = wrong(given)
    $("[data-ask-wrong]").textContent = no
    if (no) inputs[0].focus()
    else answer(given)
  }
  $("[data-ask-no]").onclick = () => answer(null)
  inputs[0]?.select()
})
