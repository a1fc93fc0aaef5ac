// The sheet on which an article or a page is written: Ctrl S, lines that grow, how long it is.
const $ = (selector, root = document) => root.querySelector(selector)
export const form = $(".canvas").closest("form")

document.addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && !e.shiftKey && e.key.toLowerCase() === "s") {
    e.preventDefault()
    form.requestSubmit($("[name=_save]"))
  }
})

for (const area of document.querySelectorAll("[data-grow]")) {
  const grow = () => {
    if (CSS.supports("field-sizing", "content")) return
    area.style.height = "auto"
    area.style.height = `${area.scrollHeight}px`
  }
  area.addEventListener("input", grow)
  area.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing) return
    e.preventDefault()
    const next = area.id === "id_headline" ? $("#id_standfirst") : $(".written") ?? $("#id_body")
    next.focus()
  })
  grow()
}
const echo = $("[data-echo]")
const unnamed = echo.dataset.echo || "New article"
form.elements.headline.addEventListener("input", () => { echo.textContent = form.elements.headline.value || unnamed })

// Nobody looks for where a new piece begins.
if (!form.elements.headline.value && document.activeElement === document.body) form.elements.headline.focus()

const LINES = "p, h2, h3, h4, pre, figcaption"
export const words = (block) => (block.matches(LINES) ? [block] : [...block.querySelectorAll(LINES)]).reduce((sum, line) => sum + line.textContent.split(/\s+/).filter(Boolean).length, 0)

/** Says how long the text is, now and a moment after each change; `also(blocks, total)` may say more. Returns what counts again. */
export function counting(also = () => {}) {
  let soon, box
  const count = () => {
    const blocks = [...box.children]
    const total = blocks.reduce((sum, block) => sum + words(block), 0)
    $("[data-count]").hidden = false
    $("[data-count]").textContent = `${total.toLocaleString("en-GB")} ${total === 1 ? "word" : "words"} · ${Math.max(1, Math.round(total / 230))} min`
    also(blocks, total)
  }
  const later = () => { clearTimeout(soon); if (box) soon = setTimeout(count, 150) }
  const watch = (editor) => {
    box = editor.view.dom
    editor.on("update", later)
    count()
    document.documentElement.dataset.ready = "true"
  }
  document.addEventListener("newsroom:ready", (e) => watch(e.detail.editor))
  const early = $(".prose-editor .written")?.editor
  if (early) watch(early)
  return later
}
