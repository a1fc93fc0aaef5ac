// Moderation in the list of comments: buttons without page reloads, and keys while a comment has the focus.
const list = document.querySelector("[data-moderation]")
const status = document.querySelector("[data-moderation-status]")
const items = () => [...list.querySelectorAll("[data-comment]")]

function say(message, failed = false) {
  status.textContent = message
  status.classList.toggle("moderation-status--error", failed)
}

function showCounts(counts) {
  for (const [name, count] of Object.entries(counts)) document.querySelector(`[data-count="${name}"]`).textContent = count
}

/** Shows the changed comment, or takes it off the list, and moves the focus to the next one. */
function finish(item, html) {
  const all = items()
  const next = all[all.indexOf(item) + 1] ?? all[all.indexOf(item) - 1]
  if (html) {
    item.insertAdjacentHTML("afterend", html)
    item.remove()
  } else item.closest("tr").remove()
  if (next) next.focus()
  else if (!html) location.reload()
}

async function submit(form, button) {
  const item = button.closest("[data-comment]")
  const buttons = item.querySelectorAll("button")
  const body = new FormData(form)
  for (const each of buttons) each.disabled = true
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } })
    const answer = response.headers.get("Content-Type")?.includes("json") ? await response.json() : null
    if (answer === null || response.redirected) throw new Error("unexpected answer")
    say(answer.message, !response.ok)
    if (response.ok) {
      showCounts(answer.counts)
      finish(item, answer.item)
      return
    }
  } catch {
    say(list.dataset.failed, true)
  }
  for (const each of buttons) each.disabled = false
}

for (const form of document.querySelectorAll("[data-moderate]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    submit(form, event.submitter)
  })
}

const keys = {
  j: (item) => (items()[items().indexOf(item) + 1] ?? item).focus(),
  k: (item) => (items()[items().indexOf(item) - 1] ?? item).focus(),
  a: (item) => item.querySelector("[data-approve]")?.click(),
  r: (item) => {
    const removal = item.querySelector(".moderation__remove")
    if (!removal) return
    removal.open = true
    removal.querySelector("input").focus()
  },
  e: (item) => {
    const text = item.querySelector("details.moderation__text")
    if (text) text.open = !text.open
  },
}

list?.addEventListener("keydown", (event) => {
  const item = event.target.closest("[data-comment]")
  if (!item) return
  if (event.key === "Escape" && event.target.matches("input[name=reason]")) {
    event.target.closest("details").open = false
    item.focus()
    return
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return
  const act = keys[event.key.toLowerCase()]
  if (!act) return
  event.preventDefault()
  act(item)
})

list?.addEventListener("toggle", (event) => {
  if (event.target.matches(".moderation__remove") && event.target.open) event.target.querySelector("input").focus()
}, true)
