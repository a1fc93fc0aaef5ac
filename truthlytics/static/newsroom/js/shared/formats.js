// Numbers and times as the language of the page writes them.
const { lang } = document.documentElement;

export const formatNumber = (number) => number.toLocaleString(lang);
/** Formats milliseconds since 1970 as a time of day. */
export const formatTime = (at) => new Date(at).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit" });
