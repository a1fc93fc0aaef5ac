// Converts pasted HTML to the content that articles allow: text and structure are rewritten, no markup is copied.
// The content security policy blocks `style=""`, so the styles of Word and Google Docs are read as text.
import { Extension, Plugin } from "django-prose-editor/editor";
import { BlockWriter, createTag } from "./lines.js";
import { fromMarkdown } from "./markdown.js";
import { convertLinkedNotes, insertSliceNotes } from "./notes.js";
import { hideNotice, showNotice } from "../../shared/notices.js";
import { disarm, isHidden, resolveUrl, stylesOf } from "./source.js";

const SLICE_TYPE = "application/x-vnd.google-docs-document-slice-clip+wrapped";
const STYLE_ELEMENTS = /<style\b[^>]*>([\s\S]*?)<\/style>/gi;
const SKIPPED = new Set(
  "script style title meta link xml template noscript object svg math img picture video audio canvas button input select textarea form colgroup caption head".split(
    " ",
  ),
);
const HEADINGS = { h1: 1, h2: 2, h3: 3, h4: 4, h5: 5, h6: 6 };
const MARKS = {
  b: "strong",
  strong: "strong",
  i: "em",
  em: "em",
  cite: "em",
  dfn: "em",
  var: "em",
  s: "s",
  strike: "s",
  del: "s",
  sub: "sub",
  sup: "sup",
  code: "code",
  kbd: "code",
  samp: "code",
  tt: "code",
};
const CONTAINERS = new Set(
  "div section article main header footer nav aside address figure figcaption dl dt dd details summary center fieldset body".split(
    " ",
  ),
);

/** Returns the marks inside `element`: those of its tag, changed by its style (Google wraps everything in a light `<b>`). */
function marksOf(element, inherited) {
  const marks = { ...inherited };
  const mark = MARKS[element.localName];
  if (mark) marks[mark] = true;
  const style = stylesOf(element);
  const weight = style["font-weight"];
  if (weight) marks.strong = /^bold/.test(weight) || Number(weight) >= 600;
  if (style["font-style"]) marks.em = /^(italic|oblique)/.test(style["font-style"]);
  if (/line-through/.test(style["text-decoration"] ?? style["text-decoration-line"] ?? "")) marks.s = true;
  const position = { super: "sup", sub: "sub", baseline: "" }[style["vertical-align"]];
  if (position !== undefined) {
    marks.sup = position === "sup";
    marks.sub = position === "sub";
  }
  if (element.localName === "a" && element.hasAttribute("href"))
    marks.href = resolveUrl(element.getAttribute("href")) || marks.href;
  return marks;
}

/** Returns the list item that a paragraph of Word is, as `{level, id, ordered, start}`, or null. */
function listItemOf(paragraph, lists) {
  const match = /^(l\d+)\s+level(\d)\s*(lfo\d+)?/.exec(stylesOf(paragraph)["mso-list"] ?? "");
  if (!match) return null;
  const marker = [...paragraph.querySelectorAll("[data-css]")].find(
    (element) => stylesOf(element)["mso-list"] === "ignore",
  );
  const bullet = marker?.textContent.trim();
  // Symbols and Word's "o" are bullets; numbers and letters have a full stop or bracket, numbers sometimes nothing.
  const ordered = bullet
    ? /^[([]?(\d+|[ivxlcdm]+|[a-z]{1,2})[.)\]]|^\d+$/i.test(bullet)
    : lists.get(`${match[1]}:${match[2]}`) === "number";
  return {
    level: Number(match[2]),
    id: `${match[1]} ${match[3]}`,
    ordered,
    start: Number.parseInt(bullet?.replace(/^\D/, ""), 10),
  };
}

class Converter {
  constructor(body, styles) {
    // The headline is the h1 of the page: the headings of a document with an h1 are moved down by one.
    this.headingOffset = body.querySelector('h1, [role="heading"][aria-level="1"], .MsoTitle') ? 1 : 0;
    this.lists = new Map();
    for (const [, list, level, rules] of styles.matchAll(/@list\s+(l\d+):level(\d)\s*\{([^}]*)\}/g))
      this.lists.set(`${list}:${level}`, /number-format:\s*(bullet|image)/.test(rules) ? "bullet" : "number");
    this.isWord =
      /\bmso-|urn:schemas-microsoft-com/i.test(styles) ||
      Boolean(body.querySelector('[class^="Mso"], [data-css*="mso-"]'));
  }

  children(node, marks, writer) {
    for (const child of node.childNodes) {
      if (child.nodeType === 3) writer.text(child.data, marks);
      else if (child.nodeType === 1) this.element(child, marks, writer);
    }
  }

  /** Writes `element` as one block with the given tag. */
  block(element, marks, writer, tag = "p") {
    writer.endBlock();
    writer.tag = tag;
    this.children(element, marks, writer);
    writer.endBlock();
    writer.tag = "p";
  }

  element(element, marks, writer) {
    const tag = element.localName;
    if (element.dataset.footnote) return writer.note(element.dataset.footnote);
    if (SKIPPED.has(tag) || isHidden(element) || (this.isWord && tag === "del")) return;
    if (tag === "br") return writer.lineBreak();
    if (tag === "hr") return writer.addBlock(createTag("hr"));
    if (tag === "pre") return this.code(element, writer);
    if (tag === "table") return this.table(element, writer);
    if (tag === "ul" || tag === "ol") return this.list(element, marks, writer);
    if (tag === "li") return this.children(element, marks, writer.item({ level: 1, ordered: false, id: "loose" })); // without its list
    if (tag === "blockquote" || /\bMso\w*Quote/.test(element.className)) return this.quotation(element, marks, writer);
    const rank =
      HEADINGS[tag] ??
      (element.getAttribute("role") === "heading"
        ? Number(element.getAttribute("aria-level"))
        : element.matches(".MsoTitle")
          ? 1
          : 0);
    if (rank) return this.block(element, marks, writer, `h${Math.min(4, Math.max(2, rank + this.headingOffset))}`);
    if (tag === "p") return this.paragraph(element, marks, writer);
    if (CONTAINERS.has(tag)) return this.container(element, marks, writer);
    this.children(element, marksOf(element, marks), writer);
    if (stylesOf(element)["mso-spacerun"] === "yes") writer.text(" ", marks);
  }

  paragraph(element, marks, writer) {
    const item = listItemOf(element, this.lists);
    // Further paragraphs of an item have its class but no number.
    const itemWriter = item ? writer.item(item) : /MsoListParagraph/.test(element.className) ? writer.lastItem() : null;
    this.block(element, marks, itemWriter ?? writer);
  }

  container(element, marks, writer) {
    writer.endBlock();
    // Word writes a horizontal rule as the border of an empty paragraph.
    if (stylesOf(element)["mso-element"] === "para-border-div" && !element.textContent.trim())
      return writer.addBlock(createTag("hr"));
    this.children(element, marks, writer);
    writer.endBlock();
  }

  list(element, marks, writer) {
    const ordered = element.localName === "ol";
    if (element.querySelector(":scope > li[data-aria-level]")) {
      // Word Online puts each item into a separate list and gives its level as a number.
      for (const li of element.children) {
        const item = {
          level: Number(li.dataset.ariaLevel) || 1,
          id: li.dataset.listid ?? "",
          ordered,
          start: Number(element.getAttribute("start") ?? 1),
        };
        const itemWriter = writer.item(item);
        this.children(li, marks, itemWriter);
        itemWriter.endBlock();
      }
      return;
    }
    const list = createTag(ordered ? "ol" : "ul");
    if (element.start > 1) list.setAttribute("start", element.start);
    for (const child of element.childNodes) {
      if (child.nodeType === 3 ? !child.data.trim() : child.nodeType !== 1) continue;
      // A list directly inside a list, or an item that contains only a list, belongs to the previous item.
      const nested = /^[uo]l$/.test(child.localName ?? "")
        ? child
        : child.localName === "li" && !ownText(child)
          ? child.querySelector("ul, ol")
          : null;
      let li = list.lastElementChild;
      if (!li || !nested) {
        li = createTag("li");
        list.append(li);
      }
      const itemWriter = new BlockWriter(li);
      if (nested) this.list(nested, marks, itemWriter);
      else if (child.nodeType === 3) itemWriter.text(child.data, marks);
      else this.children(child, marks, itemWriter);
      itemWriter.endBlock();
      if (!li.hasChildNodes()) li.remove();
    }
    if (list.hasChildNodes()) writer.addBlock(list);
  }

  quotation(element, marks, writer) {
    const quote = createTag("blockquote");
    const itemWriter = new BlockWriter(quote);
    this.children(element, marks, itemWriter);
    itemWriter.endBlock();
    if (quote.hasChildNodes()) writer.addBlock(quote);
  }

  code(element, writer) {
    for (const br of element.querySelectorAll("br")) br.replaceWith("\n");
    const pre = createTag("pre");
    pre.append(createTag("code"));
    pre.firstChild.textContent = element.textContent.replace(/\n$/, "");
    writer.addBlock(pre);
  }

  table(element, writer) {
    const caption = element.caption?.textContent.trim();
    if (caption) {
      writer.endBlock();
      writer.text(caption, {});
      writer.endBlock();
    }
    const body = createTag("tbody");
    for (const row of element.rows) {
      const line = createTag("tr");
      for (const cell of row.cells) {
        const box = createTag(cell.localName === "th" || row.parentElement.localName === "thead" ? "th" : "td");
        for (const name of ["colspan", "rowspan"])
          if (cell.getAttribute(name) > 1) box.setAttribute(name, cell.getAttribute(name));
        const itemWriter = new BlockWriter(box);
        this.children(cell, {}, itemWriter);
        itemWriter.endBlock();
        if (!box.hasChildNodes()) box.append(createTag("p"));
        line.append(box);
      }
      if (line.hasChildNodes()) body.append(line);
    }
    if (!body.hasChildNodes()) return;
    const table = createTag("table");
    table.append(body);
    writer.addBlock(table);
  }
}

const ownText = (item) =>
  [...item.childNodes].some((node) =>
    node.nodeType === 3
      ? node.data.trim()
      : node.nodeType === 1 && !/^[uo]l$/.test(node.localName) && node.textContent.trim(),
  );

const LEFT_OUT = [
  ["img, picture:not(:has(img))", "image", "images"],
  ["iframe, video, audio, embed, object", "embed", "embeds"],
];

/** Says how many images and embeds of `body` were not pasted. */
function sayWhatIsMissing(body) {
  const counts = LEFT_OUT.map(([selector, one, more]) => {
    const { length } = [...body.querySelectorAll(selector)].filter((element) => !isHidden(element));
    return [length, `${length} ${length === 1 ? one : more}`];
  }).filter(([count]) => count);
  if (!counts.length || !document.querySelector("[data-notices]")) return;
  const isOne = counts.length === 1 && counts[0][0] === 1;
  const text = `${counts.map(([, words]) => words).join(" and ")} ${isOne ? "was" : "were"} not pasted.`;
  showNotice("paste", text, [["Close", () => hideNotice("paste")]]);
}

/** Returns clipboard `html` as clean HTML; `slice` is Google Docs' extra format, which has the footnotes. */
export function cleanPaste(html, slice = "") {
  const styles = [...html.matchAll(STYLE_ELEMENTS)].map(([, rules]) => rules).join("\n");
  const source = new DOMParser().parseFromString(disarm(html.replace(STYLE_ELEMENTS, "")), "text/html");
  sayWhatIsMissing(source.body);
  insertSliceNotes(source.body, slice);
  convertLinkedNotes(source.body);
  const page = createTag("div");
  const writer = new BlockWriter(page);
  new Converter(source.body, styles).children(source.body, {}, writer);
  writer.endBlock();
  return page.innerHTML;
}

export const CleanPaste = Extension.create({
  name: "cleanPaste",
  // The library would convert asterisks in pasted text to emphasis.
  onBeforeCreate() {
    this.editor.options.enablePasteRules = ["link"];
  },
  addProseMirrorPlugins() {
    let slice = "";
    return [
      new Plugin({
        props: {
          handleDOMEvents: {
            paste: (_, event) => {
              slice = event.clipboardData?.getData(SLICE_TYPE) ?? "";
              return false;
            },
          },
          // Content copied from this editor is clean already.
          transformPastedHTML: (html) => (/\sdata-pm-slice=/.test(html) ? html : cleanPaste(html, slice)),
          handlePaste: (view, event) => {
            const data = event.clipboardData;
            if (
              !data ||
              data.types.includes("text/html") ||
              view.input?.shiftKey ||
              view.state.selection.$from.parent.type.spec.code
            )
              return false;
            const converted = fromMarkdown(data.getData("text/plain"));
            return Boolean(converted) && view.pasteHTML(converted);
          },
        },
      }),
    ];
  },
});
