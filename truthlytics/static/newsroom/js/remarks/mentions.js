// Mentions in remarks: the users with access to the article.
import { offerMentions } from "../../../js/mentions.js";

let loaded = null;

async function load() {
  const response = await fetch(document.querySelector("[data-names-url]").dataset.namesUrl, {
    headers: { Accept: "application/json" },
  }).catch(() => null);
  if (response?.ok && !response.redirected) return (await response.json()).names;
  loaded = null; // asks again with the next letter
  return [];
}

offerMentions(document, {
  selector: "[data-mentions], .remarks-page textarea[name=text]",
  className: "remark-mentions",
  label: gettext("Names"),
  names() {
    loaded ??= load();
    return loaded;
  },
});
