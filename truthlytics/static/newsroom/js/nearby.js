// The second net: words that have not reached the server stay in this browser, each page's under a name of its own.
const PREFIX = "newsroom:words:"
const LARGEST = 1_000_000
const MOST = 8
const LONGEST = 14 * 24 * 3600 * 1000

const names = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))

/** False where they cannot be kept: too many, or no room. */
export function keep(name, entry) {
  const text = JSON.stringify({ ...entry, at: Date.now() })
  if (text.length > LARGEST) return false
  try {
    localStorage.setItem(PREFIX + name, text)
    for (const old of all().slice(MOST)) drop(old.name)
    return true
  } catch {
    return false
  }
}
export function drop(name) {
  try { localStorage.removeItem(PREFIX + name) } catch { /* it was never there */ }
}
/** What is kept here, newest first; what is two weeks old goes. */
export function all() {
  const found = []
  try {
    for (const stored of names()) {
      const name = stored.slice(PREFIX.length)
      const entry = read(stored)
      if (!entry || Date.now() - entry.at > LONGEST) drop(name)
      else found.push({ ...entry, name })
    }
  } catch { /* a browser that keeps nothing */ }
  return found.sort((one, other) => other.at - one.at)
}
function read(stored) {
  try { return JSON.parse(localStorage.getItem(stored)) } catch { return null }
}
