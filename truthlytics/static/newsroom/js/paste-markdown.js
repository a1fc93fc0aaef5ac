// Plain text in which somebody wrote Markdown. Text without its signs is left to the editor.
import { make } from "./paste-lines.js"

const SIGNS = /^(#{1,6} |[*+-] |\d+[.)] |> |```|\|?[^\n|]+\|[^\n]*\n\|?[ :|-]+\|)|\[[^\]\n]+\]\(https?:[^)\s]+\)|\[\^[\w-]+\]/m
const INLINE = /`([^`]+)`|!?\[([^\]]+)\]\(((?:https?:|mailto:)[^)\s]+)\)|\[\^([\w-]+)\]|\*\*(?=\S)(.+?)\*\*|__(?=\S)(.+?)__|~~(?=\S)(.+?)~~|(?<![\w*])\*(?=[^\s*])(.+?)\*(?!\w)|(?<!\w)_(?=\S)(.+?)_(?!\w)/

function inline(text, into, notes) {
  const found = INLINE.exec(text)
  if (!found) { into.append(text); return into }
  const [all, code, said, href, note, ...rest] = found
  into.append(text.slice(0, found.index))
  if (code) into.append(Object.assign(make("code"), { textContent: code }))
  else if (href) { const a = inline(said, make("a"), notes); a.setAttribute("href", href); into.append(a) }
  else if (note) {
    if (notes.has(note)) { const sup = make("sup"); sup.dataset.footnote = notes.get(note); into.append(sup) } else into.append(all)
  } else {
    const i = rest.findIndex(Boolean)
    into.append(inline(rest[i], make(["strong", "strong", "s", "em", "em"][i]), notes))
  }
  return inline(text.slice(found.index + all.length), into, notes)
}

const cells = (row) => row.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"))

/** HTML in our vocabulary, or an empty text where there is nothing of Markdown in it. */
export function fromMarkdown(text) {
  if (!SIGNS.test(text)) return ""
  const notes = new Map()
  const lines = text.replace(/\r\n?/g, "\n").split("\n").filter((line) => {
    const note = /^\[\^([\w-]+)\]:\s*(.+)$/.exec(line)
    if (note) notes.set(note[1], note[2].trim())
    return !note
  })
  const page = make("div")
  const down = lines.some((line) => line.startsWith("# ")) ? 1 : 0
  write(lines, page, notes, down)
  return page.innerHTML
}

function write(lines, page, notes, down) {
  const block = (tag, said) => page.append(inline(said, make(tag), notes))
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i]
    const heading = /^(#{1,6}) +(.+?) *#*$/.exec(line)
    if (!line.trim()) continue
    if (heading) block(`h${Math.min(4, Math.max(2, heading[1].length + down))}`, heading[2])
    else if (/^ {0,3}([-*_] *){3,}$/.test(line)) page.append(make("hr"))
    else if (line.startsWith("```")) {
      const end = lines.findIndex((one, at) => at > i && one.startsWith("```"))
      const code = Object.assign(make("code"), { textContent: lines.slice(i + 1, end < 0 ? lines.length : end).join("\n") })
      page.append(make("pre"))
      page.lastChild.append(code)
      i = end < 0 ? lines.length : end
    } else if (line.startsWith(">")) {
      const quoted = run(lines, i, (one) => one.startsWith(">"))
      page.append(make("blockquote"))
      write(quoted.map((one) => one.replace(/^> ?/, "")), page.lastChild, notes, down)
      i += quoted.length - 1
    } else if (ITEM.test(line)) {
      const items = run(lines, i, (one) => ITEM.test(one) || /^\s+\S/.test(one))
      list(items, page, notes)
      i += items.length - 1
    } else if (line.includes("|") && /^[\s:|-]*-[\s:|-]*\|[\s:|-]*$/.test(lines[i + 1] ?? "")) {
      const rows = run(lines, i, (one) => one.includes("|"))
      table(rows, page, notes)
      i += rows.length - 1
    } else {
      // A line is ended by its writer: the next one begins anew, in the same paragraph.
      const said = run(lines, i, (one, at) => at === i || (one.trim() && !/^(#{1,6} |>|```)/.test(one) && !ITEM.test(one)))
      const paragraph = make("p")
      said.forEach((one, at) => { if (at) paragraph.append(make("br")); inline(one.trim(), paragraph, notes) })
      page.append(paragraph)
      i += said.length - 1
    }
  }
}

const ITEM = /^(\s*)([*+-]|\d{1,9}[.)])\s+(.*)$/
const run = (lines, from, goesOn) => {
  let to = from
  while (to < lines.length && goesOn(lines[to], to)) to += 1
  return lines.slice(from, Math.max(to, from + 1))
}

function list(lines, page, notes) {
  const open = [] // {indent, list}
  for (const line of lines) {
    const [, space, sign, said] = ITEM.exec(line) ?? []
    const indent = (space ?? "").replaceAll("\t", "    ").length
    if (sign === undefined) { inline(` ${line.trim()}`, open.at(-1).list.lastElementChild.firstElementChild, notes); continue }
    while (open.length > 1 && open.at(-1).indent > indent) open.pop()
    const tag = /\d/.test(sign) ? "ol" : "ul"
    const deeper = open.length && indent > open.at(-1).indent
    if (!open.length || deeper || open.at(-1).list.localName !== tag) {
      const made = make(tag)
      if (Number.parseInt(sign, 10) > 1) made.setAttribute("start", Number.parseInt(sign, 10))
      if (open.length && !deeper) open.pop()
      ;(open.at(-1)?.list.lastElementChild ?? page).append(made)
      open.push({ indent, list: made })
    }
    const li = make("li")
    li.append(inline(said, make("p"), notes))
    open.at(-1).list.append(li)
  }
}

function table(rows, page, notes) {
  const made = make("table")
  made.append(make("tbody"))
  rows.forEach((row, at) => {
    if (at === 1) return
    const line = make("tr")
    for (const said of cells(row)) {
      const cell = make(at ? "td" : "th")
      cell.append(inline(said, make("p"), notes))
      line.append(cell)
    }
    made.firstChild.append(line)
  })
  page.append(made)
}
