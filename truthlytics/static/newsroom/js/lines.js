// Quotation marks in the lines above the text, where there is no editor: the browser's own undo knows them.
import { turned } from "./marks.js"

for (const area of document.querySelectorAll("[data-grow]")) {
  let last = null // {at, sign}: what Backspace right after brings back
  const write = (from, to, text) => { area.setSelectionRange(from, to); document.execCommand("insertText", false, text) }
  area.addEventListener("input", (e) => {
    if (e.inputType !== "insertText" || !/^["']$/.test(e.data ?? "")) { if (e.data !== null || !e.isTrusted) last = null; return }
    const at = area.selectionStart
    const mark = turned(e.data, area.value.slice(0, at - 1))
    if (!mark) return
    const sign = e.data
    write(at - 1, at, mark)
    last = { at: area.selectionStart, sign, length: mark.length }
  })
  area.addEventListener("keydown", (e) => {
    if (e.key === "Backspace" && last && area.selectionStart === last.at && area.selectionEnd === last.at) {
      e.preventDefault()
      const { at, sign, length } = last
      area.setSelectionRange(at - length, at)
      last = null
      // Not as typed: it would be turned again.
      area.setRangeText(sign, at - length, at, "end")
      area.dispatchEvent(new Event("input", { bubbles: true }))
    } else if (e.key.length === 1 || /^Arrow|^Home|^End/.test(e.key)) last = e.key === "'" || e.key === '"' ? last : null
  })
}
