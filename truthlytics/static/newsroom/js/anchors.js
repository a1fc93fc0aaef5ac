// Where in a text certain words stand, after the text was changed. The same as articles/anchors.py, and held to the
// same cases (tests/articles/anchor_cases.json). Positions are counted in code points, so texts are arrays of them.
export const CONTEXT = 48
export const LONGEST_QUOTE = 1000
const TELLING = 24
const NEIGHBOURS = 8
const ONCE = 12
const LIKE = 0.6
const FEWEST_WORDS = 4
const SAME = { "\u00a0": " ", "\n": " ", "\t": " ", "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"' }

const plain = (text) => Array.from(text, (letter) => SAME[letter] ?? letter)

/** The anchor of the code points from `start` to `end` of `text`. */
export function anchorAt(text, start, end) {
  const letters = Array.from(text)
  const cut = (from, to) => letters.slice(Math.max(0, from), to).join("")
  return { quote: cut(start, end), prefix: cut(start - CONTEXT, start), suffix: cut(end, end + CONTEXT), position: start }
}

/** [start, end] of the anchor's words in `text` now, or null where they are gone. */
export function find(text, { quote, prefix, suffix, position }) {
  if (!quote.trim()) return null
  const here = plain(text)
  const words = plain(quote)
  const before = plain(prefix)
  const after = plain(suffix)
  return exact(here, words, before, after, position) ?? between(here, words, before, after, position) ?? alike(here, words, position)
}

/** Where the array `part` stands in `whole`, from `from` on and ending at `end` at most; -1 for nowhere. */
function indexOf(whole, part, from = 0, end = whole.length) {
  const last = Math.min(end, whole.length) - part.length
  for (let at = from; at <= last; at++) {
    let i = 0
    while (i < part.length && whole[at + i] === part[i]) i++
    if (i === part.length) return at
  }
  return -1
}

function beginsAlike(one, other) {
  let count = 0
  while (count < one.length && count < other.length && one[count] === other[count]) count++
  return count
}
const endsAlike = (one, other) => beginsAlike([...one].reverse(), [...other].reverse())

/** Whether the numbers `one` come after `other`, the first that differs deciding. */
const more = (one, other) => {
  const i = one.findIndex((value, at) => value !== other[at])
  return i >= 0 && one[i] > other[i]
}

function exact(text, quote, prefix, suffix, position) {
  const enough = Math.min(NEIGHBOURS, prefix.length + suffix.length)
  const first = indexOf(text, quote)
  let best = null
  let count = 0
  for (let at = first; at >= 0; at = indexOf(text, quote, at + 1)) {
    count++
    const end = at + quote.length
    const same = endsAlike(text.slice(Math.max(0, at - CONTEXT), at), prefix) + beginsAlike(text.slice(end, end + CONTEXT), suffix)
    if (quote.length < TELLING && same < enough) continue
    const score = [same, -Math.abs(at - position), at]
    if (!best || more(score, best)) best = score
  }
  if (!best && count === 1 && quote.length >= ONCE) return [first, first + quote.length]
  return best && [best[2], best[2] + quote.length]
}

function between(text, quote, prefix, suffix, position) {
  const left = prefix.slice(-TELLING)
  const right = suffix.slice(0, TELLING)
  if (left.length < NEIGHBOURS || right.length < NEIGHBOURS) return null
  const longest = 2 * quote.length + TELLING
  let best = null
  for (let at = indexOf(text, left); at >= 0; at = indexOf(text, left, at + 1)) {
    const start = at + left.length
    const end = indexOf(text, right, start, start + longest + right.length)
    const far = Math.abs(start - position)
    if (end >= 0 && text.slice(start, end).join("").trim() && (!best || far < best.far)) best = { far, span: [start, end] }
  }
  return best && best.span
}

function wordsOf(text) {
  const found = []
  let start = -1
  for (let at = 0; at <= text.length; at++) {
    const letter = text[at] ?? " "
    if (/[\p{L}\p{N}]/u.test(letter) || (letter === "'" && start >= 0)) {
      if (start < 0) start = at
    } else if (start >= 0) {
      found.push([text.slice(start, at).join("").toLowerCase(), start, at])
      start = -1
    }
  }
  return found
}

function alike(text, quote, position) {
  const wanted = new Map()
  const asked = wordsOf(quote)
  for (const [word] of asked) wanted.set(word, (wanted.get(word) ?? 0) + 1)
  const count = asked.length
  if (count < FEWEST_WORDS) return null
  const there = wordsOf(text)
  const seen = new Map()
  let common = 0
  let best = [0, 0, -1]
  there.forEach(([word], last) => {
    seen.set(word, (seen.get(word) ?? 0) + 1)
    if (seen.get(word) <= (wanted.get(word) ?? 0)) common++
    if (last >= count) {
      const gone = there[last - count][0]
      if (seen.get(gone) <= (wanted.get(gone) ?? 0)) common--
      seen.set(gone, seen.get(gone) - 1)
    }
    const first = Math.max(0, last - count + 1)
    const score = [common, -Math.abs(there[first][1] - position), first]
    if (common >= LIKE * count && more(score, best)) best = score
  })
  if (best[2] < 0) return null
  const kept = there.slice(best[2], best[2] + count).filter(([word]) => wanted.has(word))
  return [kept[0][1], kept.at(-1)[2]]
}
