// Typographic quotation marks by language.
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
  es: "ch",
  it: "ch",
  pt: "ch",
  el: "ch",
  ru: "ch",
  uk: "ch",
  no: "ch",
  nb: "ch",
  hu: "pl",
  ro: "pl",
  hr: "pl",
  fi: "sv",
  zh: "en",
  nl: "en",
  tr: "en",
};
const STORAGE_KEY = "newsroom-quotes";
const BEFORE_OPENING = /[\s([{<–—/\u00a0“‘„‚«‹「『-]$/;

/** Returns the style chosen in this browser, else that of the site's language; "straight" turns replacement off. */
export function quoteStyle() {
  let stored;
  try {
    stored = localStorage.getItem(STORAGE_KEY);
  } catch {
    /* storage is not available */
  }
  if (stored === "straight" || QUOTES[stored]) return stored;
  const locale = (document.querySelector("#shortcuts")?.dataset.language ?? "en").toLowerCase();
  const language = locale.split("-")[0];
  return locale.endsWith("-ch") ? "ch" : QUOTES[language] ? language : (SAME_AS[language] ?? "en");
}
export const setQuoteStyle = (value) => {
  try {
    localStorage.setItem(STORAGE_KEY, value);
  } catch {
    /* storage is not available */
  }
};

/** Returns the replacement of the straight quote `typed` (" or ') after the text `before`; null to keep it. */
export function typographicQuote(typed, before) {
  const quotes = QUOTES[quoteStyle()];
  if (!quotes) return null;
  const [open, close] = typed === '"' ? quotes : quotes.slice(2);
  if (!before || BEFORE_OPENING.test(before)) return open;
  if (typed === '"') return close;
  // Without an opening quote it is an apostrophe, the same in every language.
  const count = (quote) => before.split(quote.trim()).length - 1;
  return close !== "’" && count(open) > count(close) ? close : "’";
}
