// Files that are dropped or chosen go out one by one, a few at a time; each says what became of it.
const AT_ONCE = 3
const MARKS = { added: "✓", known: "=", refused: "×" }

const form = document.querySelector("[data-drop]")
const part = (name) => form.querySelector(`[data-drop-${name}]`)
const input = form.querySelector("input[type=file]")
const largest = Number(form.dataset.largest)
const list = part("list")
const waiting = []
const made = []
let going = 0
let counts = { added: 0, known: 0, refused: 0 }

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

function line(file) {
  const bar = make("progress", { max: 100, value: 0, ariaLabel: `Uploading ${file.name}` })
  const state = make("span", { className: "drop__state" }, bar)
  const row = make("li", { className: "drop__file" }, make("span", { className: "drop__name", textContent: file.name }), state)
  list.append(row)
  list.hidden = false
  return { row, bar, state }
}

function ended({ row, state }, answer) {
  const words = { added: "Uploaded.", known: "", refused: "Not uploaded." }[answer.state]
  row.classList.add(`drop__file--${answer.state}`)
  state.replaceChildren(make("span", { ariaHidden: "true", textContent: `${MARKS[answer.state]} ` }), `${words} ${answer.says ?? ""}`.trim())
  if (answer.page) row.append(make("a", { href: answer.page, textContent: answer.title }))
  counts[answer.state] += 1
  if (answer.state === "added" && answer.pk) made.push(answer)
}

/** Sends one file. Resolves to what the server says of it, or to a refusal of our own. */
function send(file, bar) {
  const refused = (says) => ({ state: "refused", says })
  if (file.size > largest) return Promise.resolve(refused("The file is larger than 30 MB. Reduce its size and try again."))
  return new Promise((done) => {
    const request = new XMLHttpRequest()
    const body = new FormData(form)
    body.set("files", file)
    request.open("POST", form.action)
    request.setRequestHeader("Accept", "application/json")
    request.upload.onprogress = (e) => { if (e.lengthComputable) bar.value = (100 * e.loaded) / e.total }
    request.onerror = () => done(refused("Connection lost. Upload it again."))
    request.onload = () => {
      try {
        done(JSON.parse(request.responseText).files[0] ?? refused("The upload failed. Try again."))
      } catch {
        done(refused(request.status === 400 || request.status === 413 ? "The file was rejected. It may be too large." : "You may have been logged out. Reload the page, then upload it again."))
      }
    }
    request.send(body)
  })
}

async function next() {
  if (!waiting.length) return
  const { file, shown } = waiting.shift()
  going += 1
  ended(shown, await send(file, shown.bar))
  going -= 1
  say()
  if (waiting.length) next()
}

function say() {
  const left = waiting.length + going
  const total = counts.added + counts.known + counts.refused
  const parts = [`${counts.added} uploaded`]
  if (counts.known) parts.push(`${counts.known} already in the library`)
  if (counts.refused) parts.push(`${counts.refused} failed`)
  part("said").textContent = left ? `${total} of ${total + left} uploaded…` : `${parts.join(", ")}.`
  if (left || !made.length) return
  form.dispatchEvent(new CustomEvent("newsroom:brought", { bubbles: true, detail: { items: [...made] } }))
  const next = part("next")
  const words = form.dataset.words
  next.hidden = false
  const again = make("a", { className: "btn", href: location.pathname, textContent: "Show in library" })
  if (words) next.replaceChildren(make("a", { className: "btn btn--main", href: `${words}?${made.slice(-24).map(({ pk }) => `pk=${pk}`).join("&")}`, textContent: "Add alt text and credits" }), " ", again)
  else next.replaceChildren(again)
}

function take(files) {
  counts = going || waiting.length ? counts : { added: 0, known: 0, refused: 0 }
  for (const file of files) waiting.push({ file, shown: line(file) })
  say()
  while (going < AT_ONCE && waiting.length) next()
}

form.dataset.live = ""
part("lead").hidden = false
input.required = false
input.addEventListener("change", () => { take([...input.files]); input.value = "" })
form.addEventListener("submit", (e) => e.preventDefault())
for (const name of ["dragenter", "dragover"]) form.addEventListener(name, (e) => { e.preventDefault(); form.dataset.over = "" })
form.addEventListener("dragleave", (e) => { if (!form.contains(e.relatedTarget)) delete form.dataset.over })
form.addEventListener("drop", (e) => { e.preventDefault(); delete form.dataset.over; take([...e.dataTransfer.files]) })
// A file that misses the place must not take the page away.
for (const name of ["dragover", "drop"]) addEventListener(name, (e) => { if (e.dataTransfer?.types.includes("Files")) e.preventDefault() })
