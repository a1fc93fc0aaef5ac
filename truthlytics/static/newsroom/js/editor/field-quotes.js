// Typographic characters in the headline, the standfirst and other plain text fields.
import { typographic } from "./quote-marks.js";

for (const area of document.querySelectorAll("[data-grow], textarea[lang], input[lang]")) {
  let last = null; // the last replacement, which Backspace reverts
  // `insertText` keeps the browser's undo history.
  const write = (from, to, text) => {
    area.setSelectionRange(from, to);
    document.execCommand("insertText", false, text);
  };
  area.addEventListener("input", (e) => {
    if (e.inputType !== "insertText" || !/^["'.-]$/.test(e.data ?? "")) {
      if (e.data !== null || !e.isTrusted) last = null;
      return;
    }
    const at = area.selectionStart;
    const found = typographic(e.data, area.value.slice(0, at - 1));
    if (!found) return;
    const [length, text] = found;
    const typed = area.value.slice(at - 1 - length, at);
    write(at - 1 - length, at, text);
    last = { at: area.selectionStart, typed, length: text.length };
  });
  area.addEventListener("keydown", (e) => {
    if (e.key === "Backspace" && last && area.selectionStart === last.at && area.selectionEnd === last.at) {
      e.preventDefault();
      const { at, typed, length } = last;
      area.setSelectionRange(at - length, at);
      last = null;
      // Not with `insertText`: it would be replaced again.
      area.setRangeText(typed, at - length, at, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (e.key.length === 1 || /^Arrow|^Home|^End/.test(e.key)) last = /^["'.-]$/.test(e.key) ? last : null;
  });
}
