// The two dialogs of the writing desk: a question, and the picture library.
const $ = (selector, root = document) => root.querySelector(selector)
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** Shows `dialog`; `answer(value)` closes it and hands the value on at once, Escape hands on null. */
function open(dialog, done) {
  let waiting = true
  const answer = (value) => {
    if (!waiting) return
    waiting = false
    if (dialog.open) dialog.close()
    done(value)
  }
  dialog.onclose = () => answer(null)
  dialog.showModal()
  return answer
}

const box = $("#ask")
const ask = $("form", box)
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

const picker = $("#picker")
const grid = $("[data-grid]")
const said = $("[data-said]")
const search = $("input", picker)
let choose = () => {}
let latest = 0

async function look() {
  const mine = ++latest
  said.textContent = "Looking…"
  try {
    const answer = await fetch(`${picker.dataset.url}?q=${encodeURIComponent(search.value)}`, { headers: { Accept: "application/json" } })
    if (!answer.ok || answer.redirected) throw new Error(answer.status)
    const { items } = await answer.json()
    if (mine !== latest) return
    said.textContent = items.length ? "" : search.value ? "No picture matches." : "The library is empty. Upload a picture first."
    grid.replaceChildren(...items.map((item) => {
      const shown = item.url ? make("img", { src: item.url, alt: "", loading: "lazy" }) : make("span", { className: "picker__none", textContent: "being prepared" })
      const button = make("button", { type: "button" }, shown, make("b", { textContent: item.title }), make("span", { textContent: item.credit }))
      button.addEventListener("click", () => { choose(item) })
      return button
    }))
  } catch {
    if (mine === latest) said.textContent = "The library does not answer. Your text is safe here; save it, then try again."
  }
}
document.addEventListener("newsroom:pick", ({ detail: { done } }) => {
  search.value = ""
  choose = open(picker, done)
  look()
})
let wait
search.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(look, 200) })
$("[data-close]", picker).addEventListener("click", () => choose(null))
