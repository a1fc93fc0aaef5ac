// Where in a text certain words stand, after the text was changed. The same as articles/richtext/anchors.py, and held to the
// same cases (tests/articles/anchor_cases.json). Positions are counted in code points, so texts are arrays of them.
export const CONTEXT = 48
export const LONGEST_QUOTE = 1000
const TELLING = 24
const NEIGHBOURS = 8
const ONCE = 12
const MOST_PLACES = 2000
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

/** A function that finds anchors in `text`: [start, end] of their words now, or null where they are gone. */
export function finder(text) {
  const here = plain(text)
  let words
  return (anchor) => find(here, anchor, () => (words ??= indexed(wordsOf(here))))
}

function find(here, { quote, prefix, suffix, position }, there) {
  if (!quote.trim()) return null
  const said = plain(quote)
  const before = plain(prefix)
  const after = plain(suffix)
  const same = known(here, said, before, after, position)
  if (same || takenOut(here, before, after)) return same
  return once(here, said) ?? between(here, said, before, after, position) ?? alike(wordsOf(said), there, position)
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

/** Where `part` begins in `whole`, the first times: a single letter stands there thousands of times. */
function* placesOf(whole, part) {
  let at = indexOf(whole, part)
  for (let count = 0; at >= 0 && count < MOST_PLACES; count++) {
    yield at
    at = indexOf(whole, part, at + 1)
  }
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

function known(text, quote, prefix, suffix, position) {
  // Where nothing changed around it, no other place can have more of the same neighbours.
  const far = (start) => Math.abs(start - position)
  let same
  for (const at of placesOf(text, [...prefix, ...quote, ...suffix])) {
    const start = at + prefix.length
    if (same === undefined || far(start) < far(same) || (far(start) === far(same) && start > same)) same = start
  }
  if (same !== undefined) return [same, same + quote.length]
  const enough = Math.min(NEIGHBOURS, prefix.length + suffix.length)
  let best = null
  for (const at of placesOf(text, quote)) {
    const end = at + quote.length
    const common = endsAlike(text.slice(Math.max(0, at - CONTEXT), at), prefix) + beginsAlike(text.slice(end, end + CONTEXT), suffix)
    if (quote.length < TELLING && common < enough) continue
    const score = [common, -far(at), at]
    if (!best || more(score, best)) best = score
  }
  return best && [best[2], best[2] + quote.length]
}

/** Whether the neighbours stand there side by side: the same words elsewhere are not the ones that were meant. */
function takenOut(text, prefix, suffix) {
  const left = Array.from(prefix.join("").trimEnd()).slice(-TELLING)
  const right = Array.from(suffix.join("").trimStart()).slice(0, TELLING)
  if (left.length < NEIGHBOURS || right.length < NEIGHBOURS) return false
  for (const at of placesOf(text, left)) {
    const end = at + left.length
    if (text.slice(end, end + right.length + NEIGHBOURS).join("").trimStart().startsWith(right.join(""))) return true
  }
  return false
}

function once(text, quote) {
  const at = indexOf(text, quote)
  return quote.length >= ONCE && at >= 0 && indexOf(text, quote, at + 1) < 0 ? [at, at + quote.length] : null
}

function between(text, quote, prefix, suffix, position) {
  const left = prefix.slice(-TELLING)
  const right = suffix.slice(0, TELLING)
  if (left.length < NEIGHBOURS || right.length < NEIGHBOURS) return null
  const longest = 2 * quote.length + TELLING
  let best = null
  for (const at of placesOf(text, left)) {
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

/** The words of a text, and at which numbers each stands. */
function indexed(words) {
  const places = new Map()
  words.forEach(([word], number) => {
    if (!places.has(word)) places.set(word, [])
    places.get(word).push(number)
  })
  return { words, places }
}

function alike(asked, text, position) {
  const count = asked.length
  if (count < FEWEST_WORDS) return null
  const wanted = new Map()
  for (const [word] of asked) wanted.set(word, (wanted.get(word) ?? 0) + 1)
  const { words, places } = text()
  const hits = [...wanted.keys()].flatMap((word) => places.get(word) ?? []).sort((one, other) => one - other)
  const seen = new Map()
  let common = 0
  let first = 0
  let best = null
  for (const number of hits) {
    const [word, , end] = words[number]
    seen.set(word, (seen.get(word) ?? 0) + 1)
    if (seen.get(word) <= wanted.get(word)) common++
    for (; hits[first] <= number - count; first++) {
      const [gone] = words[hits[first]]
      if (seen.get(gone) <= wanted.get(gone)) common--
      seen.set(gone, seen.get(gone) - 1)
    }
    const begin = words[hits[first]][1]
    const score = [common, -Math.abs(begin - position), begin, end]
    if (common >= LIKE * count && (!best || more(score, best))) best = score
  }
  return best && [best[2], best[3]]
}
