// Quotation marks by language: what a straight one becomes, by what stands before it.
const TABLE = {
  en: ["“", "”", "‘", "’"], de: ["„", "“", "‚", "‘"], fr: ["«\u00a0", "\u00a0»", "‹\u00a0", "\u00a0›"], ch: ["«", "»", "‹", "›"],
  pl: ["„", "”", "‚", "’"], sv: ["”", "”", "’", "’"], da: ["»", "«", "›", "‹"], ja: ["「", "」", "『", "』"], gb: ["‘", "’", "“", "”"],
}
const LIKE = { cs: "de", sk: "de", sl: "de", bg: "de", is: "de", et: "de", lt: "de", es: "ch", it: "ch", pt: "ch", el: "ch", ru: "ch", uk: "ch", no: "ch", nb: "ch", hu: "pl", ro: "pl", hr: "pl", fi: "sv", zh: "en", nl: "en", tr: "en" }
const KEPT = "newsroom-quotes"
const OPENS = /[\s([{<–—/\u00a0“‘„‚«‹「『-]$/

/** The language of quotation marks: this browser's choice, else the site's; "straight" turns them off. */
export function chosen() {
  let kept
  try { kept = localStorage.getItem(KEPT) } catch { /* nothing is kept */ }
  if (kept === "straight" || TABLE[kept]) return kept
  const site = (document.querySelector("#keys")?.dataset.language ?? "en").toLowerCase()
  const language = site.split("-")[0]
  return site.endsWith("-ch") ? "ch" : TABLE[language] ? language : LIKE[language] ?? "en"
}
export const remember = (value) => { try { localStorage.setItem(KEPT, value) } catch { /* then it is not remembered */ } }

/** What `sign` (" or ') becomes after `before`, the text of its line so far; null where it stays. */
export function turned(sign, before) {
  const marks = TABLE[chosen()]
  if (!marks) return null
  const [open, close] = sign === '"' ? marks : marks.slice(2)
  if (!before || OPENS.test(before)) return open
  if (sign === '"') return close
  // Where nothing was opened it is an apostrophe, the same in every language.
  const count = (mark) => before.split(mark.trim()).length - 1
  return close !== "’" && count(open) > count(close) ? close : "’"
}
