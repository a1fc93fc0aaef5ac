// Lines of words on their way into our vocabulary: what is pasted is written through a Sink, never copied.
const page = document.implementation.createHTMLDocument("")
export const make = (tag) => page.createElement(tag)
// From the outermost to the innermost.
const ORDER = ["strong", "em", "s", "sub", "sup", "code"]
// These are bold by themselves: emphasis on all of one is none.
const BOLD = /^h\d$|^th$/

export class Sink {
  constructor(parent) {
    this.parent = parent
    this.tag = "p"
    this.line = []
    this.open = [] // Word's lists that may go on: {level, ordered, id, list}
  }

  text(data, marks) {
    // A single no-break space between two words was meant; others come from how programs keep spaces.
    let text = data.replace(/[\u200b\ufeff]/g, "").replace(/[\t\n\r\f]+/g, " ").replace(/^\u00a0+|\u00a0+$/g, " ").replace(/[ \u00a0]{2,}/g, " ")
    const last = this.line.at(-1)
    if (!last || last.turn || last.text?.endsWith(" ")) text = text.trimStart()
    if (text) this.line.push({ text, marks })
  }

  note(footnote) {
    const last = this.line.at(-1)
    if (last?.text) last.text = last.text.trimEnd()
    this.line.push({ note: footnote })
  }

  turn() { this.line.push({ turn: true }) }

  /** A block of its own. */
  put(element) {
    this.end()
    this.open = []
    this.parent.append(element)
  }

  /** What stands in the line becomes a block, or several where two breaks follow one another. */
  end() {
    const line = this.line
    this.line = []
    let part = []
    for (let i = 0; i <= line.length; i += 1) {
      const split = i === line.length || (line[i].turn && line[i + 1]?.turn)
      if (!split) { part.push(line[i]); continue }
      const block = this.written(trimmed(part))
      if (block) { this.open = []; this.parent.append(block) }
      part = []
      while (line[i]?.turn && line[i + 1]?.turn) i += 1
    }
  }

  written(line) {
    if (!line.length) return null
    const block = make(this.tag)
    const plain = (BOLD.test(this.tag) || BOLD.test(this.parent.localName)) && line.every((one) => !one.text?.trim() || one.marks.strong)
    for (const one of line) {
      if (one.turn) block.append(make("br"))
      else if (one.note) block.append(Object.assign(make("sup"), {}))
      else block.append(marked(one.text, plain ? { ...one.marks, strong: false } : one.marks))
      if (one.note) block.lastChild.dataset.footnote = one.note
    }
    return block
  }

  /** A sink for one more item of a list that Word only numbers: lists are made and closed as the depth asks. */
  item({ level, ordered, id, start }) {
    const open = this.open
    this.end()
    this.open = open
    while (open.length && open.at(-1).level > level) open.pop()
    const same = open.at(-1)
    if (same?.level === level && (same.ordered !== ordered || (level === 1 && same.id !== id))) open.pop()
    if (open.at(-1)?.level !== level) {
      const list = make(ordered ? "ol" : "ul")
      if (ordered && start > 1) list.setAttribute("start", start)
      ;(open.at(-1)?.list.lastElementChild ?? this.parent).append(list)
      open.push({ level, ordered, id, list })
    }
    const li = make("li")
    open.at(-1).list.append(li)
    return new Sink(li)
  }

  lastItem() {
    const li = this.open.at(-1)?.list.lastElementChild
    return li ? new Sink(li) : null
  }
}

function trimmed(line) {
  const part = [...line]
  while (part[0]?.turn || (part[0]?.text && !part[0].text.trim())) part.shift()
  while (part.at(-1)?.turn || (part.at(-1)?.text && !part.at(-1).text.trim())) part.pop()
  const [first, last] = [part[0], part.at(-1)]
  if (first?.text) part[0] = { ...first, text: first.text.trimStart() }
  if (last?.text) part[part.length - 1] = { ...part.at(-1), text: part.at(-1).text.trimEnd() }
  return part
}

function marked(text, marks) {
  let node = page.createTextNode(text)
  const wrap = (tag, href) => {
    const around = make(tag)
    if (href) around.setAttribute("href", href)
    around.append(node)
    node = around
  }
  // Emphasis on nothing but a space is a slip of the hand, and would stand beside the words.
  if (text.trim()) for (const name of [...ORDER].reverse()) if (marks[name]) wrap(name)
  if (marks.href) wrap("a", marks.href)
  return node
}
