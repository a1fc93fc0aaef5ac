// Converts pasted Markdown to HTML. Text without Markdown syntax is left to the editor.
import { createTag } from "./lines.js";

const SYNTAX =
  /^(#{1,6} |[*+-] |\d+[.)] |> |```|\|?[^\n|]+\|[^\n]*\n\|?[ :|-]+\|)|\[[^\]\n]+\]\(https?:[^)\s]+\)|\[\^[\w-]+\]/m;
const INLINE =
  /`([^`]+)`|!?\[([^\]]+)\]\(((?:https?:|mailto:)[^)\s]+)\)|\[\^([\w-]+)\]|\*\*(?=\S)(.+?)\*\*|__(?=\S)(.+?)__|~~(?=\S)(.+?)~~|(?<![\w*])\*(?=[^\s*])(.+?)\*(?!\w)|(?<!\w)_(?=\S)(.+?)_(?!\w)/;

function appendInline(text, parent, notes) {
  const match = INLINE.exec(text);
  if (!match) {
    parent.append(text);
    return parent;
  }
  const [all, code, label, href, note, ...rest] = match;
  parent.append(text.slice(0, match.index));
  if (code) parent.append(Object.assign(createTag("code"), { textContent: code }));
  else if (href && all.startsWith("!")) parent.append(Object.assign(createTag("img"), { src: href, alt: label }));
  else if (href) {
    const a = appendInline(label, createTag("a"), notes);
    a.setAttribute("href", href);
    parent.append(a);
  } else if (note) {
    if (notes.has(note)) {
      const sup = createTag("sup");
      sup.dataset.footnote = notes.get(note);
      parent.append(sup);
    } else parent.append(all);
  } else {
    const i = rest.findIndex(Boolean);
    parent.append(appendInline(rest[i], createTag(["strong", "strong", "s", "em", "em"][i]), notes));
  }
  return appendInline(text.slice(match.index + all.length), parent, notes);
}

/** Returns the text of a note, which has no formatting; the addresses of links follow in brackets. */
function plainNote(text) {
  const note = appendInline(text, createTag("p"), new Map());
  for (const a of note.querySelectorAll("a")) {
    const href = a.getAttribute("href");
    a.replaceWith(a.textContent === href ? href : `${a.textContent} (${href})`);
  }
  return note.textContent;
}

const cells = (row) =>
  row
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

/** Returns HTML, or an empty string if the text has no Markdown syntax. */
export function fromMarkdown(text) {
  if (!SYNTAX.test(text)) return "";
  const notes = new Map();
  const lines = text
    .replace(/\r\n?/g, "\n")
    .split("\n")
    .filter((line) => {
      const note = /^\[\^([\w-]+)\]:\s*(.+)$/.exec(line);
      if (note) notes.set(note[1], plainNote(note[2].trim()));
      return !note;
    });
  const page = createTag("div");
  const headingOffset = lines.some((line) => line.startsWith("# ")) ? 1 : 0;
  write(lines, page, notes, headingOffset);
  return page.innerHTML;
}

function write(lines, page, notes, headingOffset) {
  const addBlock = (tag, text) => page.append(appendInline(text, createTag(tag), notes));
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i];
    const heading = /^(#{1,6}) +(.+?) *#*$/.exec(line);
    if (!line.trim()) continue;
    if (heading) addBlock(`h${Math.min(4, Math.max(2, heading[1].length + headingOffset))}`, heading[2]);
    else if (/^ {0,3}([-*_] *){3,}$/.test(line)) page.append(createTag("hr"));
    else if (line.startsWith("```")) {
      const end = lines.findIndex((other, at) => at > i && other.startsWith("```"));
      const code = Object.assign(createTag("code"), {
        textContent: lines.slice(i + 1, end < 0 ? lines.length : end).join("\n"),
      });
      page.append(createTag("pre"));
      page.lastChild.append(code);
      i = end < 0 ? lines.length : end;
    } else if (line.startsWith(">")) {
      const quoted = takeWhile(lines, i, (other) => other.startsWith(">"));
      page.append(createTag("blockquote"));
      write(
        quoted.map((other) => other.replace(/^> ?/, "")),
        page.lastChild,
        notes,
        headingOffset,
      );
      i += quoted.length - 1;
    } else if (ITEM.test(line)) {
      const items = takeWhile(lines, i, (other) => ITEM.test(other) || /^\s+\S/.test(other));
      addList(items, page, notes);
      i += items.length - 1;
    } else if (line.includes("|") && /^[\s:|-]*-[\s:|-]*\|[\s:|-]*$/.test(lines[i + 1] ?? "")) {
      const rows = takeWhile(lines, i, (other) => other.includes("|"));
      addTable(rows, page, notes);
      i += rows.length - 1;
    } else {
      // Line breaks in a paragraph are kept.
      const text = takeWhile(
        lines,
        i,
        (other, at) => at === i || (other.trim() && !/^(#{1,6} |>|```)/.test(other) && !ITEM.test(other)),
      );
      const paragraph = createTag("p");
      text.forEach((other, at) => {
        if (at) paragraph.append(createTag("br"));
        appendInline(other.trim(), paragraph, notes);
      });
      page.append(paragraph);
      i += text.length - 1;
    }
  }
}

const ITEM = /^(\s*)([*+-]|\d{1,9}[.)])\s+(.*)$/;
const takeWhile = (lines, from, continues) => {
  let to = from;
  while (to < lines.length && continues(lines[to], to)) to += 1;
  return lines.slice(from, Math.max(to, from + 1));
};

function addList(lines, page, notes) {
  const open = []; // {indent, list}
  for (const line of lines) {
    const [, space, bullet, text] = ITEM.exec(line) ?? [];
    const indent = (space ?? "").replaceAll("\t", "    ").length;
    if (bullet === undefined) {
      appendInline(` ${line.trim()}`, open.at(-1).list.lastElementChild.firstElementChild, notes);
      continue;
    }
    while (open.length > 1 && open.at(-1).indent > indent) open.pop();
    const tag = /\d/.test(bullet) ? "ol" : "ul";
    const isNested = open.length && indent > open.at(-1).indent;
    if (!open.length || isNested || open.at(-1).list.localName !== tag) {
      const element = createTag(tag);
      if (Number.parseInt(bullet, 10) > 1) element.setAttribute("start", Number.parseInt(bullet, 10));
      if (open.length && !isNested) open.pop();
      (open.at(-1)?.list.lastElementChild ?? page).append(element);
      open.push({ indent, list: element });
    }
    const li = createTag("li");
    li.append(appendInline(text, createTag("p"), notes));
    open.at(-1).list.append(li);
  }
}

function addTable(rows, page, notes) {
  const element = createTag("table");
  element.append(createTag("tbody"));
  rows.forEach((row, at) => {
    if (at === 1) return;
    const line = createTag("tr");
    for (const text of cells(row)) {
      const cell = createTag(at ? "td" : "th");
      cell.append(appendInline(text, createTag("p"), notes));
      line.append(cell);
    }
    element.firstChild.append(line);
  });
  page.append(element);
}
