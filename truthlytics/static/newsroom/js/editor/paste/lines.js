// Builds clean HTML from pasted content: pasted nodes are never copied, their text is written through a BlockWriter.
const page = document.implementation.createHTMLDocument("");
export const createTag = (tag) => page.createElement(tag);
// From outermost to innermost.
const ORDER = ["strong", "em", "s", "sub", "sup", "code"];
// Headings and header cells are bold already: bold on all of their text is dropped.
const BOLD = /^h\d$|^th$/;

export class BlockWriter {
  constructor(parent) {
    this.parent = parent;
    this.tag = "p";
    this.line = [];
    this.openLists = []; // Word's lists that may continue: {level, ordered, id, list}
  }

  text(data, marks) {
    // A single no-break space between two words is intended; others are how programs preserve white space.
    let text = data
      .replace(/[\u200b\ufeff]/g, "")
      .replace(/[\t\n\r\f]+/g, " ")
      .replace(/^\u00a0+|\u00a0+$/g, " ")
      .replace(/[ \u00a0]{2,}/g, " ");
    const last = this.line.at(-1);
    if (!last || last.lineBreak || last.text?.endsWith(" ")) text = text.trimStart();
    if (text) this.line.push({ text, marks });
  }

  note(footnote) {
    const last = this.line.at(-1);
    if (last?.text) last.text = last.text.trimEnd();
    this.line.push({ note: footnote });
  }

  lineBreak() {
    this.line.push({ lineBreak: true });
  }

  /** Adds a complete block. */
  addBlock(element) {
    this.endBlock();
    this.openLists = [];
    this.parent.append(element);
  }

  /** Ends the current line and adds it as a block; two consecutive line breaks start another block. */
  endBlock() {
    const line = this.line;
    this.line = [];
    let part = [];
    for (let i = 0; i <= line.length; i += 1) {
      const split = i === line.length || (line[i].lineBreak && line[i + 1]?.lineBreak);
      if (!split) {
        part.push(line[i]);
        continue;
      }
      const block = this.createBlock(trimmed(part));
      if (block) {
        this.openLists = [];
        this.parent.append(block);
      }
      part = [];
      while (line[i]?.lineBreak && line[i + 1]?.lineBreak) i += 1;
    }
  }

  createBlock(line) {
    if (!line.length) return null;
    const block = createTag(this.tag);
    const dropBold =
      (BOLD.test(this.tag) || BOLD.test(this.parent.localName)) &&
      line.every((part) => !part.text?.trim() || part.marks.strong);
    for (const part of line) {
      if (part.lineBreak) block.append(createTag("br"));
      else if (part.note) block.append(createTag("sup"));
      else block.append(markedText(part.text, dropBold ? { ...part.marks, strong: false } : part.marks));
      if (part.note) block.lastChild.dataset.footnote = part.note;
    }
    return block;
  }

  /** Returns a writer for the next item of a Word list, whose paragraphs only have a level: opens and closes lists. */
  item({ level, ordered, id, start }) {
    const open = this.openLists;
    this.endBlock();
    this.openLists = open;
    while (open.length && open.at(-1).level > level) open.pop();
    const same = open.at(-1);
    if (same?.level === level && (same.ordered !== ordered || (level === 1 && same.id !== id))) open.pop();
    if (open.at(-1)?.level !== level) {
      const list = createTag(ordered ? "ol" : "ul");
      if (ordered && start > 1) list.setAttribute("start", start);
      (open.at(-1)?.list.lastElementChild ?? this.parent).append(list);
      open.push({ level, ordered, id, list });
    }
    const li = createTag("li");
    open.at(-1).list.append(li);
    return new BlockWriter(li);
  }

  lastItem() {
    const li = this.openLists.at(-1)?.list.lastElementChild;
    return li ? new BlockWriter(li) : null;
  }
}

function trimmed(line) {
  const part = [...line];
  while (part[0]?.lineBreak || (part[0]?.text && !part[0].text.trim())) part.shift();
  while (part.at(-1)?.lineBreak || (part.at(-1)?.text && !part.at(-1).text.trim())) part.pop();
  const [first, last] = [part[0], part.at(-1)];
  if (first?.text) part[0] = { ...first, text: first.text.trimStart() };
  if (last?.text) part[part.length - 1] = { ...part.at(-1), text: part.at(-1).text.trimEnd() };
  return part;
}

function markedText(text, marks) {
  let node = page.createTextNode(text);
  const wrap = (tag, href) => {
    const wrapper = createTag(tag);
    if (href) wrapper.setAttribute("href", href);
    wrapper.append(node);
    node = wrapper;
  };
  // Formatting on white space only is dropped.
  if (text.trim()) for (const name of [...ORDER].reverse()) if (marks[name]) wrap(name);
  if (marks.href) wrap("a", marks.href);
  return node;
}
