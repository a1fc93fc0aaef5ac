// Keyboard shortcuts of the editor, and the dialog that lists them.
import { quoteStyle, setQuoteStyle } from "./quote-marks.js";

const dialog = document.querySelector("#shortcuts");
const quotes = dialog.querySelector("[data-quote-style]");
const showDialog = () => {
  if (!document.querySelector("dialog[open]")) dialog.showModal();
};

document.querySelector("[data-shortcuts]").hidden = false;
const showQuotes = () => {
  quotes.value = quoteStyle();
};
document.querySelector("#id_language")?.addEventListener("change", showQuotes);
showQuotes();
quotes.addEventListener("change", () => setQuoteStyle(quotes.value));

// In the capture phase: the editor would insert a line break on Ctrl Enter.
document.addEventListener(
  "keydown",
  (e) => {
    const isCommand = (e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey;
    if (
      isCommand &&
      e.key === "Enter" &&
      !document.querySelector("dialog[open]") &&
      !e.target.closest("[data-find], [data-remarks]")
    ) {
      e.preventDefault();
      e.stopPropagation();
      const mainButton = document.querySelector(".side-panel__buttons .btn--main");
      mainButton?.form?.requestSubmit(mainButton);
    } else if (isCommand && e.key === "/") {
      e.preventDefault();
      showDialog();
    } else if (
      e.key === "?" &&
      !e.ctrlKey &&
      !e.metaKey &&
      !e.target.closest("input, textarea, select, [contenteditable=true]")
    ) {
      e.preventDefault();
      showDialog();
    }
  },
  true,
);
