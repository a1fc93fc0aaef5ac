// Footnotes of other programs become ours where their mark stands: an element that says the note.
import { address } from "./paste-source.js"

const MARK = /^[[(]?(\d{1,4}|[ivxlcdm]{1,8}|[a-z]|[*†‡§¶]{1,4})[\])]?$/i
const FOLLOWS = Node.DOCUMENT_POSITION_FOLLOWING
const bare = (href) => href.replace(/^\w+:(\/\/)?|\/$/g, "")
const line = (text) => text.replace(/[\u0000-\u001f\u00a0\s]+/g, " ").trim()

function mark(text) {
  const sup = document.createElement("sup")
  sup.dataset.footnote = text
  return sup
}

/** Links to what stands further down in the same text, with a number for a name: Word, LibreOffice, exported Google Docs, pages. */
export function linkedNotes(body) {
  const places = new Map()
  for (const one of body.querySelectorAll("[id], a[name]")) for (const name of [one.id, one.getAttribute("name")]) if (name && !places.has(name)) places.set(name, one)
  const aim = (a) => { try { return places.get(decodeURIComponent(a.getAttribute("href").split("#").pop())) } catch { return null } }
  const found = []
  for (const a of body.querySelectorAll('a[href*="#"]')) {
    const target = aim(a)
    if (!target || !MARK.test(line(a.textContent)) || !(a.compareDocumentPosition(target) & FOLLOWS) || a.contains(target)) continue
    const home = homeOf(target, body)
    if (home) found.push({ a, home })
  }
  const texts = new Map()
  for (const { home } of found) if (!texts.has(home)) texts.set(home, textOf(wider(home, found, body), aim))
  for (const { a, home } of found) a.replaceWith(mark(texts.get(home) || "?"))
  for (const { home } of found) clear(wider(home, found, body), body)
}

const homeOf = (target, body) => {
  const home = target.closest("p, li, dd, td, div")
  return home && home !== body && body.contains(home) ? home : null
}

/** The whole of a note, which may have several paragraphs, in a box of its own. */
function wider(home, found, body) {
  let box = home
  for (let up = home.parentElement; up && up !== body && up.localName === "div"; up = up.parentElement) {
    const alone = found.every(({ a, home: other }) => !up.contains(a) && (other === home || !up.contains(other)))
    if (!alone || !line(up.textContent).startsWith(line(home.textContent))) break
    box = up
  }
  return box
}

function textOf(box, aim) {
  const copy = box.cloneNode(true)
  for (const a of copy.querySelectorAll("a[href]")) {
    if (a.getAttribute("href").includes("#") && aim(a)) { a.remove(); continue }
    const href = address(a.getAttribute("href"))
    const said = line(a.textContent)
    if (href) a.replaceWith(bare(said) === bare(href) || !said ? href : `${said} (${href})`)
  }
  for (const block of copy.querySelectorAll("p, br, li, div")) block.prepend(" ")
  return line(copy.textContent).replace(/^[\^↑↩]\s*/, "")
}

/** Takes a note away from below the text, with the rule above it and whatever is empty without it. */
function clear(box, body) {
  const rule = box.previousElementSibling
  let up = box.parentElement
  box.remove()
  if (rule?.localName === "hr") rule.remove()
  while (up && up !== body && !up.textContent.trim()) { const gone = up; up = up.parentElement; gone.remove() }
}

/** Google Docs keeps its notes out of the HTML: they lie beside it, with their place counted in the text. */
export function slicedNotes(body, raw) {
  let slice
  try { slice = JSON.parse(JSON.parse(raw).data).resolved } catch { return }
  const written = (one) => [one?.dsl_spacers ?? ""].flat().join("")
  const text = written(slice)
  const notes = []
  const styles = slice?.dsl_styleslices?.find?.((one) => one?.stsl_type === "footnote")?.stsl_styles ?? []
  styles.forEach((one, at) => { const note = line(written(slice.dsl_relateddocslices?.[one?.fs_id])); if (note) notes.push({ at, note }) })
  if (!notes.length) return
  const places = placed(body, text, notes.every(({ at }) => text[at] === "#") ? new Set(notes.map(({ at }) => at)) : null)
  notes.forEach(({ note }, i) => { notes[i].place = places[i] ?? places.at(-1) ?? null; notes[i].note = note })
  for (const { note, place } of notes.reverse()) {
    if (place) place.node.splitText(place.at).before(mark(note))
    else body.append(mark(note))
  }
}

/** Where in `body` the marks of `text` stand; the last place is the end. `known` are their offsets, where these can be trusted. */
function placed(body, text, known) {
  const found = []
  const nodes = document.createTreeWalker(body, NodeFilter.SHOW_TEXT)
  const isMark = (at) => (known ? known.has(at) : text[at] === "#")
  let last = null
  let at = 0
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    for (let i = 0; i < node.data.length; i += 1) {
      if (/[\s\u00a0]/.test(node.data[i])) continue
      let next = at
      while (next < text.length && next - at < 60 && (text[next] !== node.data[i] || known?.has(next))) next += 1
      // A letter that the other text does not have is a picture's or a number's: it waits.
      if (text[next] === node.data[i]) {
        for (; at < next; at += 1) if (isMark(at)) found.push(last ?? { node, at: i })
        at = next + 1
      }
      last = { node, at: i + 1 }
    }
  }
  for (; at < text.length; at += 1) if (isMark(at)) found.push(last)
  if (last) found.push(last)
  return found
}
