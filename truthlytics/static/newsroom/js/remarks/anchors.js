// Passage anchors: find the passage that a remark quotes again after the text was edited. The same algorithm as
// articles/richtext/anchors.py, tested with the same cases. Positions are counted in code points, so texts are arrays.
export const CONTEXT_LENGTH = 48;
export const MAX_QUOTE_LENGTH = 1000;
const DISTINCTIVE_LENGTH = 24;
const MIN_CONTEXT = 8;
const UNIQUE_LENGTH = 12;
const MAX_MATCHES = 2000;
const MIN_SIMILARITY = 0.6;
const MIN_WORDS = 4;
const EQUIVALENTS = { "\u00a0": " ", "\n": " ", "\t": " ", "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"' };

const normalise = (text) => Array.from(text, (character) => EQUIVALENTS[character] ?? character);

/** Returns the anchor of the code points from `start` to `end` of `text`. */
export function anchorAt(text, start, end) {
  const characters = Array.from(text);
  const slice = (from, to) => characters.slice(Math.max(0, from), to).join("");
  return {
    quote: slice(start, end),
    prefix: slice(start - CONTEXT_LENGTH, start),
    suffix: slice(end, end + CONTEXT_LENGTH),
    position: start,
  };
}

/** Returns a function that finds an anchor in `text`: its [start, end], or null if the passage was deleted. */
export function anchorFinder(text) {
  const characters = normalise(text);
  let index;
  const getIndex = () => {
    index ??= wordIndex(wordsOf(characters));
    return index;
  };
  return (anchor) => find(characters, anchor, getIndex);
}

function find(text, anchor, getIndex) {
  if (!anchor.quote.trim()) return null;
  const { position } = anchor;
  const [quote, prefix, suffix] = [anchor.quote, anchor.prefix, anchor.suffix].map(normalise);
  const exact = findExact(text, quote, prefix, suffix, position);
  if (exact || isDeleted(text, prefix, suffix)) return exact;
  return (
    findUnique(text, quote) ??
    findBetween(text, quote, prefix, suffix, position) ??
    findSimilar(wordsOf(quote), getIndex, position)
  );
}

/** Returns where the array `part` occurs in `text` between `from` and `end`, or -1. */
function indexOf(text, part, from = 0, end = text.length) {
  const last = Math.min(end, text.length) - part.length;
  for (let at = from; at <= last; at++) {
    let i = 0;
    while (i < part.length && text[at + i] === part[i]) i++;
    if (i === part.length) return at;
  }
  return -1;
}

/** Yields where `part` occurs, at most MAX_MATCHES times: a single character may occur thousands of times. */
function* matchesOf(text, part) {
  let at = indexOf(text, part);
  for (let count = 0; at >= 0 && count < MAX_MATCHES; count++) {
    yield at;
    at = indexOf(text, part, at + 1);
  }
}

function commonPrefix(a, b) {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count++;
  return count;
}
const commonSuffix = (a, b) => commonPrefix([...a].reverse(), [...b].reverse());

/** Compares two scores (arrays of numbers) lexicographically. */
const isGreater = (a, b) => {
  const i = a.findIndex((value, at) => value !== b[at]);
  return i >= 0 && a[i] > b[i];
};

function findExact(text, quote, prefix, suffix, position) {
  // If the whole context matches, no other match can be better.
  const distance = (start) => Math.abs(start - position);
  let start;
  for (const at of matchesOf(text, [...prefix, ...quote, ...suffix])) {
    const candidate = at + prefix.length;
    if (
      start === undefined ||
      distance(candidate) < distance(start) ||
      (distance(candidate) === distance(start) && candidate > start)
    )
      start = candidate;
  }
  if (start !== undefined) return [start, start + quote.length];
  const required = Math.min(MIN_CONTEXT, prefix.length + suffix.length);
  let best = null;
  for (const at of matchesOf(text, quote)) {
    const end = at + quote.length;
    const context =
      commonSuffix(text.slice(Math.max(0, at - CONTEXT_LENGTH), at), prefix) +
      commonPrefix(text.slice(end, end + CONTEXT_LENGTH), suffix);
    if (quote.length < DISTINCTIVE_LENGTH && context < required) continue;
    const score = [context, -distance(at), at];
    if (!best || isGreater(score, best)) best = score;
  }
  return best && [best[2], best[2] + quote.length];
}

/** Whether prefix and suffix are now adjacent: then the passage was deleted, and equal text elsewhere is another one. */
function isDeleted(text, prefix, suffix) {
  const left = Array.from(prefix.join("").trimEnd()).slice(-DISTINCTIVE_LENGTH);
  const right = Array.from(suffix.join("").trimStart()).slice(0, DISTINCTIVE_LENGTH);
  if (left.length < MIN_CONTEXT || right.length < MIN_CONTEXT) return false;
  for (const at of matchesOf(text, left)) {
    const end = at + left.length;
    if (
      text
        .slice(end, end + right.length + MIN_CONTEXT)
        .join("")
        .trimStart()
        .startsWith(right.join(""))
    )
      return true;
  }
  return false;
}

function findUnique(text, quote) {
  const at = indexOf(text, quote);
  return quote.length >= UNIQUE_LENGTH && at >= 0 && indexOf(text, quote, at + 1) < 0 ? [at, at + quote.length] : null;
}

function findBetween(text, quote, prefix, suffix, position) {
  const left = prefix.slice(-DISTINCTIVE_LENGTH);
  const right = suffix.slice(0, DISTINCTIVE_LENGTH);
  if (left.length < MIN_CONTEXT || right.length < MIN_CONTEXT) return null;
  const maxLength = 2 * quote.length + DISTINCTIVE_LENGTH;
  let best = null;
  for (const at of matchesOf(text, left)) {
    const start = at + left.length;
    const end = indexOf(text, right, start, start + maxLength + right.length);
    const distance = Math.abs(start - position);
    if (end >= 0 && text.slice(start, end).join("").trim() && (!best || distance < best.distance))
      best = { distance, span: [start, end] };
  }
  return best?.span ?? null;
}

/** Returns the words of `text` as [word in lower case, start, end]. */
function wordsOf(text) {
  const words = [];
  let start = -1;
  for (let at = 0; at <= text.length; at++) {
    const character = text[at] ?? " ";
    if (/[\p{L}\p{N}]/u.test(character) || (character === "'" && start >= 0)) {
      if (start < 0) start = at;
    } else if (start >= 0) {
      words.push([text.slice(start, at).join("").toLowerCase(), start, at]);
      start = -1;
    }
  }
  return words;
}

/** The words of a text, and the indexes at which each occurs. */
function wordIndex(words) {
  const occurrences = new Map();
  words.forEach(([word], index) => {
    if (!occurrences.has(word)) occurrences.set(word, []);
    occurrences.get(word).push(index);
  });
  return { words, occurrences };
}

function findSimilar(quoted, getIndex, position) {
  const count = quoted.length;
  if (count < MIN_WORDS) return null;
  const wanted = new Map();
  for (const [word] of quoted) wanted.set(word, (wanted.get(word) ?? 0) + 1);
  const { words, occurrences } = getIndex();
  const hits = [...wanted.keys()].flatMap((word) => occurrences.get(word) ?? []).sort((a, b) => a - b);
  const seen = new Map();
  let common = 0;
  let first = 0;
  let best = null;
  for (const hit of hits) {
    const [word, , end] = words[hit];
    seen.set(word, (seen.get(word) ?? 0) + 1);
    if (seen.get(word) <= wanted.get(word)) common++;
    for (; hits[first] <= hit - count; first++) {
      const [dropped] = words[hits[first]];
      if (seen.get(dropped) <= wanted.get(dropped)) common--;
      seen.set(dropped, seen.get(dropped) - 1);
    }
    const start = words[hits[first]][1];
    const score = [common, -Math.abs(start - position), start, end];
    if (common >= MIN_SIMILARITY * count && (!best || isGreater(score, best))) best = score;
  }
  return best && [best[2], best[3]];
}
