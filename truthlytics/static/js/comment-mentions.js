// Mentions in comments: the names in the conversation.
import { offerMentions } from "./mentions.js";

const section = document.querySelector("#comments");
offerMentions(section, {
  selector: "textarea[name=text]",
  label: section.querySelector("form[data-names]").dataset.names,
  names() {
    const found = [...section.querySelectorAll(".comment__head > b > bdi")].map((name) => name.textContent.trim());
    return [...new Set(found)].filter(Boolean);
  },
});
