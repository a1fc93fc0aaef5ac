// A log-in that ended while somebody wrote: a fresh token if it is there again, else the dialog that renews it.
const dialog = document.querySelector("#relogin")
const link = dialog.querySelector("[data-relogin]")
const said = dialog.querySelector("[data-relogin-said]")
let waiting
let again = () => {}

const setTokens = (token) => { for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token }

/** Whether `person` is logged in: true (and every form has a token that holds), false, or null without an answer. */
export async function renewed(address, person) {
  let answer
  try {
    answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" })
  } catch {
    return null
  }
  if (answer.status >= 500) return null
  if (!answer.ok) return false
  const now = await answer.json()
  const other = String(now.person) !== person
  said.textContent = other ? `You are now logged in as ${now.name}. Log in with the account you were writing with.` : ""
  if (!other) setTokens(now.token)
  return !other
}

/** Shows the dialog; `back` is called each time that a log-in may have come back. */
export function ask(back) {
  again = back
  if (!dialog.open) dialog.showModal()
  clearInterval(waiting)
  waiting = setInterval(() => again(), 3000)
}
export function done() {
  clearInterval(waiting)
  said.textContent = ""
  if (dialog.open) dialog.close()
}
dialog.addEventListener("close", () => clearInterval(waiting))
link.addEventListener("click", (e) => {
  if (open(link.href, link.target, "popup,width=480,height=720")) e.preventDefault()
})
new BroadcastChannel("newsroom-login").addEventListener("message", () => again())
