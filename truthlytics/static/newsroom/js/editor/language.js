// The language of the text that is written here: quotation marks, the browser's spelling check and the direction of
// writing follow it.
const select = document.querySelector("#id_language");
const fields = document.querySelectorAll("textarea[lang], input[lang]");
const ofPublication = document.querySelector("#shortcuts")?.dataset.language ?? fields[0]?.lang ?? "en";

/** Returns its code in lower case, such as "de" or "en-gb"; that of the publication unless the article has its own. */
export const articleLanguage = () => (select?.value || ofPublication).toLowerCase();

const RIGHT_TO_LEFT = /^(Arab|Hebr|Thaa|Syrc|Nkoo|Adlm)$/;
const directionOf = (language) => (RIGHT_TO_LEFT.test(new Intl.Locale(language).maximize().script) ? "rtl" : "ltr");

function mark() {
  const lang = articleLanguage();
  const dir = directionOf(lang);
  for (const field of [...fields, ...document.querySelectorAll(".editor-content")]) Object.assign(field, { lang, dir });
}

select?.addEventListener("change", mark);
document.addEventListener("newsroom:ready", mark);
mark();
