// Typographic quotation marks in the headline and standfirst, which are plain text fields.
import { typographicQuote } from "./quote-marks.js";

for (const area of document.querySelectorAll("[data-grow]")) {
  let last = null; // the last replacement, which Backspace reverts
  // `insertText` keeps the browser's undo history.
  const write = (from, to, text) => {
    area.setSelectionRange(from, to);
    document.execCommand("insertText", false, text);
  };
  area.addEventListener("input", (e) => {
    if (e.inputType !== "insertText" || !/^["']$/.test(e.data ?? "")) {
      if (e.data !== null || !e.isTrusted) last = null;
      return;
    }
    const at = area.selectionStart;
    const quote = typographicQuote(e.data, area.value.slice(0, at - 1));
    if (!quote) return;
    const typed = e.data;
    write(at - 1, at, quote);
    last = { at: area.selectionStart, typed, length: quote.length };
  });
  area.addEventListener("keydown", (e) => {
    if (e.key === "Backspace" && last && area.selectionStart === last.at && area.selectionEnd === last.at) {
      e.preventDefault();
      const { at, typed, length } = last;
      area.setSelectionRange(at - length, at);
      last = null;
      // Not with `insertText`: the quote would be replaced again.
      area.setRangeText(typed, at - length, at, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (e.key.length === 1 || /^Arrow|^Home|^End/.test(e.key))
      last = e.key === "'" || e.key === '"' ? last : null;
  });
}
