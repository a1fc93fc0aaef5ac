// The language of the text that is written here: quotation marks and the browser's spelling check follow it.
const select = document.querySelector("#id_language");
const fields = document.querySelectorAll("textarea[lang], input[lang]");
const ofPublication = document.querySelector("#shortcuts")?.dataset.language ?? fields[0]?.lang ?? "en";

/** Returns its code in lower case, such as "de" or "en-gb"; that of the publication unless the article has its own. */
export const articleLanguage = () => (select?.value || ofPublication).toLowerCase();

function mark() {
  const language = articleLanguage();
  for (const field of [...fields, ...document.querySelectorAll(".editor-content")]) field.lang = language;
}

select?.addEventListener("change", mark);
document.addEventListener("newsroom:ready", mark);
mark();
