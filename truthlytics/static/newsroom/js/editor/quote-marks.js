// Typographic quotation marks by language.
import { articleLanguage } from "./language.js";

const QUOTES = {
  en: ["“", "”", "‘", "’"],
  de: ["„", "“", "‚", "‘"],
  fr: ["«\u00a0", "\u00a0»", "‹\u00a0", "\u00a0›"],
  ch: ["«", "»", "‹", "›"],
  pl: ["„", "”", "‚", "’"],
  sv: ["”", "”", "’", "’"],
  da: ["»", "«", "›", "‹"],
  ja: ["「", "」", "『", "』"],
  gb: ["‘", "’", "“", "”"],
};
const SAME_AS = {
  cs: "de",
  sk: "de",
  sl: "de",
  bg: "de",
  is: "de",
  et: "de",
  lt: "de",
  mk: "de",
  sr: "de",
  ka: "de",
  sq: "de",
  es: "ch",
  ca: "ch",
  eu: "ch",
  gl: "ch",
  it: "ch",
  pt: "ch",
  el: "ch",
  ru: "ch",
  be: "ch",
  uk: "ch",
  hy: "ch",
  fa: "ch",
  ar: "ch",
  no: "ch",
  nb: "ch",
  nn: "ch",
  hu: "pl",
  ro: "pl",
  hr: "pl",
  bs: "pl",
  fi: "sv",
  zh: "en",
  nl: "en",
  tr: "en",
};
const REGIONS = { "fr-ch": "ch", "de-ch": "ch", "it-ch": "ch", "pt-br": "en", "zh-hant": "ja" };
const STORAGE_KEY = "newsroom-quotes";
const BEFORE_OPENING = /[\s([{<–—/\u00a0“‘„‚«‹「『-]$/;

const storageKey = () => `${STORAGE_KEY}:${articleLanguage().split("-")[0]}`;
/** Returns the style of the article's language, or another chosen for it in this browser; "straight" for none. */
export function quoteStyle() {
  let stored;
  try {
    stored = localStorage.getItem(storageKey());
  } catch {
    /* storage is not available */
  }
  if (stored === "straight" || QUOTES[stored]) return stored;
  const language = articleLanguage();
  const [main] = language.split("-");
  return REGIONS[language] ?? (main !== "ch" && QUOTES[main] ? main : (SAME_AS[main] ?? "en"));
}
export const setQuoteStyle = (value) => {
  try {
    localStorage.setItem(storageKey(), value);
  } catch {
    /* storage is not available */
  }
};

/** Returns the replacement of the straight quote `typed` (" or ') after the text `before`; null to keep it. */
function typographicQuote(typed, before) {
  const quotes = QUOTES[quoteStyle()];
  if (!quotes) return null;
  const [open, close] = typed === '"' ? quotes : quotes.slice(2);
  if (!before || BEFORE_OPENING.test(before)) return open;
  if (typed === '"') return close;
  // Without an opening quote it is an apostrophe, the same in every language.
  const count = (quote) => before.split(quote.trim()).length - 1;
  return close !== "’" && count(open) > count(close) ? close : "’";
}

/** Returns [how many characters before the cursor to replace, text] for `typed` after the text `before`, or null. */
export function typographic(typed, before) {
  if (typed === '"' || typed === "'") {
    const quote = typographicQuote(typed, before);
    return quote && [0, quote];
  }
  // Not at the start of a line, where three hyphens are a horizontal line.
  if (typed === "-" && /[^-]-$/.test(before)) return [1, "–"];
  if (typed === "-" && before.endsWith("–")) return [1, "—"];
  if (typed === "." && /(^|[^.])\.\.$/.test(before)) return [2, "…"];
  return null;
}
