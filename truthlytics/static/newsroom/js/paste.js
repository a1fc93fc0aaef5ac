// What is pasted from elsewhere comes in as our own words: nothing of the foreign mark-up is kept, all of it is written anew.
// The policy hides `style=""` from the browser's parser, so what Word and Google Docs say there is read as text.
import { Extension, Plugin } from "django-prose-editor/editor"
import { Sink, make } from "./paste-lines.js"
import { fromMarkdown } from "./paste-markdown.js"
import { linkedNotes, slicedNotes } from "./paste-notes.js"
import { address, css, hidden, quiet } from "./paste-source.js"

const SLICE = "application/x-vnd.google-docs-document-slice-clip+wrapped"
const STYLES = /<style\b[^>]*>([\s\S]*?)<\/style>/gi
const SKIPPED = new Set("script style title meta link xml template noscript object svg math img picture video audio canvas button input select textarea form colgroup caption head".split(" "))
const HEADINGS = { h1: 1, h2: 2, h3: 3, h4: 4, h5: 5, h6: 6 }
const MARKS = { b: "strong", strong: "strong", i: "em", em: "em", cite: "em", dfn: "em", var: "em", s: "s", strike: "s", del: "s", sub: "sub", sup: "sup", code: "code", kbd: "code", samp: "code", tt: "code" }
const CONTAINERS = new Set("div section article main header footer nav aside address figure figcaption dl dt dd details summary center fieldset body".split(" "))

/** The marks inside of `element`: its tag's, then what its style adds or takes away (Google wraps all in a thin `<b>`). */
function marksOf(element, before) {
  const now = { ...before }
  const mark = MARKS[element.localName]
  if (mark) now[mark] = true
  const style = css(element)
  const weight = style["font-weight"]
  if (weight) now.strong = /^bold/.test(weight) || Number(weight) >= 600
  if (style["font-style"]) now.em = /^(italic|oblique)/.test(style["font-style"])
  if (/line-through/.test(style["text-decoration"] ?? style["text-decoration-line"] ?? "")) now.s = true
  const raised = { super: "sup", sub: "sub", baseline: "" }[style["vertical-align"]]
  if (raised !== undefined) { now.sup = raised === "sup"; now.sub = raised === "sub" }
  if (element.localName === "a" && element.hasAttribute("href")) now.href = address(element.getAttribute("href")) || now.href
  return now
}

/** How Word numbers `paragraph`: `{level, id, ordered, start}`, or null where it is no item of a list. */
function itemOf(paragraph, lists) {
  const found = /^(l\d+)\s+level(\d)\s*(lfo\d+)?/.exec(css(paragraph)["mso-list"] ?? "")
  if (!found) return null
  const marker = [...paragraph.querySelectorAll("[data-css]")].find((one) => css(one)["mso-list"] === "ignore")
  const sign = marker?.textContent.trim()
  // Symbols and Word's hollow "o" are bullets; numbers and letters have a point or a bracket, numbers sometimes nothing.
  const ordered = sign ? /^[([]?(\d+|[ivxlcdm]+|[a-z]{1,2})[.)\]]|^\d+$/i.test(sign) : lists.get(`${found[1]}:${found[2]}`) === "number"
  return { level: Number(found[2]), id: `${found[1]} ${found[3]}`, ordered, start: Number.parseInt(sign?.replace(/^\D/, ""), 10) }
}

class Reader {
  constructor(body, styles) {
    // The headline is the page's first rank: a document that begins there is moved down by one.
    this.down = body.querySelector('h1, [role="heading"][aria-level="1"], .MsoTitle') ? 1 : 0
    this.lists = new Map()
    for (const [, list, level, rules] of styles.matchAll(/@list\s+(l\d+):level(\d)\s*\{([^}]*)\}/g)) this.lists.set(`${list}:${level}`, /number-format:\s*(bullet|image)/.test(rules) ? "bullet" : "number")
    this.word = /\bmso-|urn:schemas-microsoft-com/i.test(styles) || Boolean(body.querySelector('[class^="Mso"], [data-css*="mso-"]'))
  }

  children(node, marks, sink) {
    for (const child of node.childNodes) {
      if (child.nodeType === 3) sink.text(child.data, marks)
      else if (child.nodeType === 1) this.element(child, marks, sink)
    }
  }

  /** `element` as one block of `tag`, made of its own lines. */
  block(element, marks, sink, tag = "p") {
    sink.end()
    sink.tag = tag
    this.children(element, marks, sink)
    sink.end()
    sink.tag = "p"
  }

  element(element, marks, sink) {
    const tag = element.localName
    if (element.dataset.footnote) return sink.note(element.dataset.footnote)
    if (SKIPPED.has(tag) || hidden(element) || (this.word && tag === "del")) return
    if (tag === "br") return sink.turn()
    if (tag === "hr") return sink.put(make("hr"))
    if (tag === "pre") return this.code(element, sink)
    if (tag === "table") return this.table(element, sink)
    if (tag === "ul" || tag === "ol") return this.list(element, marks, sink)
    if (tag === "li") return this.children(element, marks, sink.item({ level: 1, ordered: false, id: "loose" })) // torn from its list
    if (tag === "blockquote" || /\bMso\w*Quote/.test(element.className)) return this.quotation(element, marks, sink)
    const rank = HEADINGS[tag] ?? (element.getAttribute("role") === "heading" ? Number(element.getAttribute("aria-level")) : element.matches(".MsoTitle") ? 1 : 0)
    if (rank) return this.block(element, marks, sink, `h${Math.min(4, Math.max(2, rank + this.down))}`)
    if (tag === "p") return this.paragraph(element, marks, sink)
    if (CONTAINERS.has(tag)) return this.container(element, marks, sink)
    this.children(element, marksOf(element, marks), sink)
    if (css(element)["mso-spacerun"] === "yes") sink.text(" ", marks)
  }

  paragraph(element, marks, sink) {
    const item = itemOf(element, this.lists)
    // A second paragraph of an item has the item's class and no number of its own.
    const inside = item ? sink.item(item) : /MsoListParagraph/.test(element.className) ? sink.lastItem() : null
    this.block(element, marks, inside ?? sink)
  }

  container(element, marks, sink) {
    sink.end()
    // Word draws a rule as the border of an empty paragraph.
    if (css(element)["mso-element"] === "para-border-div" && !element.textContent.trim()) return sink.put(make("hr"))
    this.children(element, marks, sink)
    sink.end()
  }

  list(element, marks, sink) {
    const ordered = element.localName === "ol"
    if (element.querySelector(":scope > li[data-aria-level]")) {
      // Word Online: each item in a list of its own, its depth as a number.
      for (const li of element.children) {
        const item = { level: Number(li.dataset.ariaLevel) || 1, id: li.dataset.listid ?? "", ordered, start: Number(element.getAttribute("start") ?? 1) }
        const inside = sink.item(item)
        this.children(li, marks, inside)
        inside.end()
      }
      return
    }
    const list = make(ordered ? "ol" : "ul")
    if (element.start > 1) list.setAttribute("start", element.start)
    for (const child of element.childNodes) {
      if (child.nodeType === 3 ? !child.data.trim() : child.nodeType !== 1) continue
      // A list straight in a list, and an item that holds nothing but a list, belong to the item before.
      const nested = /^[uo]l$/.test(child.localName ?? "") ? child : child.localName === "li" && !ownText(child) ? child.querySelector("ul, ol") : null
      let li = list.lastElementChild
      if (!li || !nested) { li = make("li"); list.append(li) }
      const inside = new Sink(li)
      if (nested) this.list(nested, marks, inside)
      else if (child.nodeType === 3) inside.text(child.data, marks)
      else this.children(child, marks, inside)
      inside.end()
      if (!li.hasChildNodes()) li.remove()
    }
    if (list.hasChildNodes()) sink.put(list)
  }

  quotation(element, marks, sink) {
    const quote = make("blockquote")
    const inside = new Sink(quote)
    this.children(element, marks, inside)
    inside.end()
    if (quote.hasChildNodes()) sink.put(quote)
  }

  code(element, sink) {
    for (const br of element.querySelectorAll("br")) br.replaceWith("\n")
    const pre = make("pre")
    pre.append(make("code"))
    pre.firstChild.textContent = element.textContent.replace(/\n$/, "")
    sink.put(pre)
  }

  table(element, sink) {
    const said = element.caption?.textContent.trim()
    if (said) { sink.end(); sink.text(said, {}); sink.end() }
    const body = make("tbody")
    for (const row of element.rows) {
      const line = make("tr")
      for (const cell of row.cells) {
        const box = make(cell.localName === "th" || row.parentElement.localName === "thead" ? "th" : "td")
        for (const name of ["colspan", "rowspan"]) if (cell.getAttribute(name) > 1) box.setAttribute(name, cell.getAttribute(name))
        const inside = new Sink(box)
        this.children(cell, {}, inside)
        inside.end()
        if (!box.hasChildNodes()) box.append(make("p"))
        line.append(box)
      }
      if (line.hasChildNodes()) body.append(line)
    }
    if (!body.hasChildNodes()) return
    const table = make("table")
    table.append(body)
    sink.put(table)
  }
}

const ownText = (item) => [...item.childNodes].some((node) => (node.nodeType === 3 ? node.data.trim() : node.nodeType === 1 && !/^[uo]l$/.test(node.localName) && node.textContent.trim()))

/** `html` of a clipboard in our vocabulary; `slice` is what Google Docs lays beside it, where its footnotes are. */
export function cleanPaste(html, slice = "") {
  const styles = [...html.matchAll(STYLES)].map(([, rules]) => rules).join("\n")
  const source = new DOMParser().parseFromString(quiet(html.replace(STYLES, "")), "text/html")
  slicedNotes(source.body, slice)
  linkedNotes(source.body)
  const page = make("div")
  const sink = new Sink(page)
  new Reader(source.body, styles).children(source.body, {}, sink)
  sink.end()
  return page.innerHTML
}

export const CleanPaste = Extension.create({
  name: "cleanPaste",
  // The library takes every two asterisks in what is pasted for emphasis, and drops them.
  onBeforeCreate() { this.editor.options.enablePasteRules = ["link"] },
  addProseMirrorPlugins() {
    let slice = ""
    return [new Plugin({
      props: {
        handleDOMEvents: { paste: (_, event) => { slice = event.clipboardData?.getData(SLICE) ?? ""; return false } },
        // What was copied here is ours already.
        transformPastedHTML: (html) => (/\sdata-pm-slice=/.test(html) ? html : cleanPaste(html, slice)),
        handlePaste: (view, event) => {
          const data = event.clipboardData
          if (!data || data.types.includes("text/html") || view.input?.shiftKey || view.state.selection.$from.parent.type.spec.code) return false
          const made = fromMarkdown(data.getData("text/plain"))
          return Boolean(made) && view.pasteHTML(made)
        },
      },
    })]
  },
})
