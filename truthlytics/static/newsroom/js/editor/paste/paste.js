// Converts pasted HTML to the content that articles allow: text and structure are rewritten, no markup is copied.
// The content security policy blocks `style=""`, so the styles of Word and Google Docs are read as text.
import { Extension, Plugin } from "django-prose-editor/editor";
import { BlockWriter, createTag } from "./lines.js";
import { fromMarkdown } from "./markdown.js";
import { MediaReader, moveToTopLevel } from "./media.js";
import { convertLinkedNotes, insertSliceNotes, removeLostNotes } from "./notes.js";
import { hideNotice, showNotice } from "../../shared/notices.js";
import { PendingImage } from "./pending-images.js";
import { isHidden, parseClipboard, resolveUrl, stylesOf, styleRules } from "./source.js";

const SLICE_TYPE = "application/x-vnd.google-docs-document-slice-clip+wrapped";
const SKIPPED = new Set(
  "script style title meta link xml template noscript svg math source canvas button input select textarea form colgroup caption head".split(
    " ",
  ),
);
const EMBED_CODE =
  /^\s*<(iframe\s|blockquote\s+class=|div\s+class="flourish-)[\s\S]*<\/(iframe|blockquote|div|script)>\s*$/i;
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
const EMBEDS = new Set(["iframe", "video", "audio", "embed", "object"]);
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
  constructor(body, styles, media) {
    this.media = media;
    this.captions = new Set(); // elements that are already the caption of an image
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
    if (this.captions.has(element)) return;
    if (EMBEDS.has(tag) && !isHidden(element)) return this.media.embed(element, writer);
    if (SKIPPED.has(tag) || isHidden(element) || (this.isWord && tag === "del")) return;
    if (this.media.scriptedEmbed(element, writer)) return;
    if (tag === "img") return this.media.image(element, marks, writer);
    if (tag === "figure" || element.matches(".wp-caption")) return this.figure(element, marks, writer);
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

  /** Writes a figure: its caption belongs to its last image, unless it has no image but a table, for example. */
  figure(element, marks, writer) {
    const caption = element.querySelector("figcaption, .wp-caption-text");
    const image = this.media.imagesIn(element).at(-1);
    if (caption && image && !caption.contains(image) && !element.querySelector("figure, table, iframe")) {
      const box = createTag("div");
      const captionWriter = new BlockWriter(box);
      this.children(caption, {}, captionWriter);
      captionWriter.endBlock();
      this.media.captions.set(image, [...box.children].map((line) => line.innerHTML).join(" "));
      this.captions.add(caption);
    }
    this.container(element, marks, writer);
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
    markHeaderRow(body);
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

/** Makes header cells of a first row that is bold throughout, as Word and Google Docs write it, unless there are some. */
function markHeaderRow(body) {
  const [first, second] = body.rows;
  if (!second || body.querySelector("th") || !isBold(first) || isBold(second)) return;
  for (const cell of first.querySelectorAll("td")) {
    const header = createTag("th");
    for (const { name, value } of cell.attributes) header.setAttribute(name, value);
    header.append(...cell.childNodes);
    for (const strong of header.querySelectorAll("strong")) strong.replaceWith(...strong.childNodes);
    cell.replaceWith(header);
  }
}
function isBold(row) {
  const light = row.cloneNode(true);
  for (const strong of light.querySelectorAll("strong")) strong.remove();
  return Boolean(row.textContent.trim()) && !light.textContent.trim();
}

/** Says what of a pasted text was changed or left out. */
function report({ images, embeds, cards, notes }) {
  const parts = [
    cards && interpolate(ngettext("%s embed became a card.", "%s embeds became cards.", cards), [cards]),
    images && interpolate(ngettext("%s image was not pasted.", "%s images were not pasted.", images), [images]),
    embeds && interpolate(ngettext("%s embed was not pasted.", "%s embeds were not pasted.", embeds), [embeds]),
    notes &&
      interpolate(
        ngettext(
          "%s footnote was left out: its text was not copied.",
          "%s footnotes were left out: their text was not copied.",
          notes,
        ),
        [notes],
      ),
  ].filter(Boolean);
  if (parts.length && document.querySelector("[data-notices]"))
    showNotice("paste", parts.join(" "), [[gettext("Close"), () => hideNotice("paste")]]);
}

/**
 * Returns clipboard `html` as clean HTML and `counts` of what was left out. `slice` is Google Docs' extra format, which
 * has the footnotes, `rtf` Word's, which has the images.
 */
function cleanPaste(html, { slice, rtf, schema }) {
  const styles = styleRules(html);
  const body = parseClipboard(html);
  let notes = insertSliceNotes(body, slice);
  convertLinkedNotes(body);
  notes += removeLostNotes(body);
  const page = createTag("div");
  const writer = new BlockWriter(page);
  const media = new MediaReader(body, { rtf, schema });
  new Converter(body, styles, media).children(body, {}, writer);
  writer.endBlock();
  moveToTopLevel(page);
  const counts = { images: media.lostImages, embeds: media.lostEmbeds, cards: media.cards, notes };
  return { html: page.innerHTML, counts };
}

export const CleanPaste = Extension.create({
  name: "cleanPaste",
  // The library would convert asterisks in pasted text to emphasis.
  onBeforeCreate() {
    this.editor.options.enablePasteRules = ["link"];
  },
  addExtensions: () => [PendingImage],
  addStorage: () => ({ counts: null }),
  onTransaction({ transaction }) {
    // Only now it is certain that the text was inserted; a pasted file, for example, is not.
    const { counts } = this.storage;
    if (!counts || !(transaction.getMeta("paste") || transaction.getMeta("uiEvent") === "drop")) return;
    this.storage.counts = null;
    report(counts);
  },
  addProseMirrorPlugins() {
    const { storage } = this;
    let formats = { slice: "", rtf: "" };
    return [
      new Plugin({
        props: {
          handleDOMEvents: {
            paste: (_, event) => {
              const read = (type) => event.clipboardData?.getData(type) ?? "";
              // Reading large formats takes time.
              const isLocal = /<img\b[^>]*\ssrc=["']?file:/i.test(read("text/html"));
              formats = { slice: read(SLICE_TYPE), rtf: isLocal ? read("text/rtf") : "" };
              return false;
            },
          },
          // Content copied from this editor is clean already.
          transformPastedHTML: (html, view) => {
            storage.counts = null;
            if (/\sdata-pm-slice=/.test(html)) return html;
            const pasted = cleanPaste(html, { ...formats, schema: view.state.schema });
            storage.counts = pasted.counts;
            return pasted.html;
          },
          handlePaste: (view, event) => {
            const data = event.clipboardData;
            if (
              !data ||
              data.types.includes("text/html") ||
              view.input?.shiftKey ||
              view.state.selection.$from.parent.type.spec.code
            )
              return false;
            const text = data.getData("text/plain");
            // The code that sites offer for embedding, or Markdown.
            const converted = EMBED_CODE.test(text) ? text : fromMarkdown(text);
            return Boolean(converted) && view.pasteHTML(converted);
          },
        },
      }),
    ];
  },
});
