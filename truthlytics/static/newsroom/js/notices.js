// The lines above the sheet: each is said once, by a polite live region, with what one can do about it.
const shown = new Map()

/** `deeds` are [words, function or address]; a notice with the same `name` takes the place of the one before. */
export function notice(name, text, deeds = []) {
  const before = shown.get(name)
  if (before?.text === text && before.box.isConnected) return
  before?.box.remove()
  const box = Object.assign(document.createElement("div"), { className: "notice" })
  const line = Object.assign(document.createElement("p"), { textContent: text })
  const foot = Object.assign(document.createElement("p"), { className: "notice__do" })
  foot.append(...deeds.map(([words, deed]) => {
    if (typeof deed === "string") return Object.assign(document.createElement("a"), { className: "btn btn--small", href: deed, textContent: words })
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn--small", textContent: words })
    button.addEventListener("click", deed)
    return button
  }))
  box.append(line, foot)
  document.querySelector("[data-notices]").append(box)
  shown.set(name, { text, box })
}
export function gone(name) {
  shown.get(name)?.box.remove()
  shown.delete(name)
}
const list = new Intl.ListFormat("en-GB")
/** Who else has the article open, in words. */
export function others(names) {
  const box = document.querySelector("[data-others]")
  const text = names.length ? `${list.format(names)} also ${names.length > 1 ? "have" : "has"} this open` : ""
  if (box.textContent !== text) box.textContent = text
}
