// Progressive enhancement for shared drafts: remarks quote the selected text.
import { fillPassage, followSelection } from "./passage.js";

const link = document.querySelector("[data-remark-link]");
const form = document.querySelector("[data-remark-form]");
if (link) {
  const label = link.textContent;
  followSelection(link, (selected) => {
    link.textContent = selected ? link.dataset.onSelection : label;
  });
}
if (form) fillPassage(form);
