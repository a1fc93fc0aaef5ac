// Converts footnotes of other programs: the reference becomes an element that contains the note.
import { isHidden, resolveUrl } from "./source.js";

const REFERENCE = /^[[(]?(\d{1,4}|[ivxlcdm]{1,8}|[a-z]|[*†‡§¶]{1,4})[\])]?$/i;
const FOLLOWS = Node.DOCUMENT_POSITION_FOLLOWING;
const withoutScheme = (href) => href.replace(/^\w+:(\/\/)?|\/$/g, "");
const line = (text) => text.replace(/[\p{Cc}\s]+/gu, " ").trim();

function createFootnote(text) {
  const sup = document.createElement("sup");
  sup.dataset.footnote = text;
  return sup;
}

/** Converts numbered links to notes further down: Word, LibreOffice, exported Google Docs, web pages. */
export function convertLinkedNotes(body) {
  const targets = new Map();
  for (const element of body.querySelectorAll("[id], a[name]"))
    for (const name of [element.id, element.getAttribute("name")])
      if (name && !targets.has(name)) targets.set(name, element);
  const targetOf = (a) => {
    try {
      return targets.get(decodeURIComponent(a.getAttribute("href").split("#").pop()));
    } catch {
      return null;
    }
  };
  const notes = [];
  for (const a of body.querySelectorAll('a[href*="#"]')) {
    const target = targetOf(a);
    if (
      !target ||
      !REFERENCE.test(line(a.textContent)) ||
      !(a.compareDocumentPosition(target) & FOLLOWS) ||
      a.contains(target)
    )
      continue;
    const block = noteBlock(target, body);
    if (block) notes.push({ a, block });
  }
  const texts = new Map();
  for (const { block } of notes)
    if (!texts.has(block)) texts.set(block, textOf(wholeNote(block, notes, body), targetOf));
  for (const { a, block } of notes) a.replaceWith(createFootnote(texts.get(block) || "?"));
  for (const { block } of notes) removeNote(wholeNote(block, notes, body), body);
}

// Addresses of notes in Word, LibreOffice, Google Docs, Wikipedia, Markdown; not those of the places that refer to them.
const NOTE_ID = /(^|[_:.-])(ftn|edn|ftnt|fn|footnote|endnote|note|cite_note|sdfootnote|sdendnote)/i;
const REFERENCE_ID = /ref|anc|back/i;

/** Removes references to notes that were not copied with the text. Returns how many there were. */
export function removeLostNotes(body) {
  let lost = 0;
  for (const a of body.querySelectorAll('a[href*="#"]')) {
    const id = a.getAttribute("href").split("#").pop();
    if (!NOTE_ID.test(id) || REFERENCE_ID.test(id) || !REFERENCE.test(line(a.textContent)) || isHidden(a)) continue;
    lost += 1;
    const sup = a.parentElement.closest("sup");
    (sup && line(sup.textContent) === line(a.textContent) ? sup : a).remove();
  }
  return lost;
}

const noteBlock = (target, body) => {
  const block = target.closest("p, li, dd, td, div");
  return block && block !== body && body.contains(block) ? block : null;
};

/** Returns the element with the whole note, which may have several paragraphs. */
function wholeNote(block, notes, body) {
  let element = block;
  for (
    let parent = block.parentElement;
    parent && parent !== body && parent.localName === "div";
    parent = parent.parentElement
  ) {
    const isSeparate = notes.every(
      ({ a, block: other }) => !parent.contains(a) && (other === block || !parent.contains(other)),
    );
    if (!isSeparate || !line(parent.textContent).startsWith(line(block.textContent))) break;
    element = parent;
  }
  return element;
}

function textOf(note, targetOf) {
  const copy = note.cloneNode(true);
  for (const a of copy.querySelectorAll("a[href]")) {
    if (a.getAttribute("href").includes("#") && targetOf(a)) {
      a.remove();
      continue;
    }
    const href = resolveUrl(a.getAttribute("href"));
    const label = line(a.textContent);
    if (href) a.replaceWith(withoutScheme(label) === withoutScheme(href) || !label ? href : `${label} (${href})`);
  }
  for (const block of copy.querySelectorAll("p, br, li, div")) block.prepend(" ");
  return line(copy.textContent).replace(/^[\^↑↩]\s*/, "");
}

/** Removes a note below the text, with the rule above it and elements that are empty then. */
function removeNote(note, body) {
  const rule = note.previousElementSibling;
  let parent = note.parentElement;
  note.remove();
  if (rule?.localName === "hr") rule.remove();
  while (parent && parent !== body && !parent.textContent.trim()) {
    const empty = parent;
    parent = parent.parentElement;
    empty.remove();
  }
}

/**
 * Inserts the notes of Google Docs, which are not in the HTML but in a separate clipboard format with their offsets.
 * Returns how many have no text there.
 */
export function insertSliceNotes(body, raw) {
  let slice;
  try {
    slice = JSON.parse(JSON.parse(raw).data).resolved;
  } catch {
    return 0;
  }
  const textOfSlice = (part) => [part?.dsl_spacers ?? ""].flat().join("");
  const text = textOfSlice(slice);
  const notes = [];
  const styles = slice?.dsl_styleslices?.find?.((style) => style?.stsl_type === "footnote")?.stsl_styles ?? [];
  let lost = 0;
  styles.forEach((style, at) => {
    if (!style?.fs_id) return;
    const note = line(textOfSlice(slice.dsl_relateddocslices?.[style.fs_id]));
    if (note) notes.push({ at, note });
    else lost += 1;
  });
  if (!notes.length) return lost;
  const positions = locateReferences(
    body,
    text,
    notes.every(({ at }) => text[at] === "#") ? new Set(notes.map(({ at }) => at)) : null,
  );
  notes.forEach((note, i) => {
    note.position = positions[i] ?? positions.at(-1) ?? null;
  });
  for (const { note, position } of notes.reverse()) {
    if (position) position.node.splitText(position.at).before(createFootnote(note));
    else body.append(createFootnote(note));
  }
  return lost;
}

/** Returns where the references of `text` are in `body`, and the end. `offsets` are their offsets, if reliable. */
function locateReferences(body, text, offsets) {
  const positions = [];
  const nodes = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const isReference = (at) => (offsets ? offsets.has(at) : text[at] === "#");
  let last = null;
  let at = 0;
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    for (let i = 0; i < node.data.length; i += 1) {
      if (/[\s\u00a0]/.test(node.data[i])) continue;
      let next = at;
      while (next < text.length && next - at < 60 && (text[next] !== node.data[i] || offsets?.has(next))) next += 1;
      // A character that is only in the HTML belongs to an image or a list number: skip it.
      if (text[next] === node.data[i]) {
        for (; at < next; at += 1) if (isReference(at)) positions.push(last ?? { node, at: i });
        at = next + 1;
      }
      last = { node, at: i + 1 };
    }
  }
  for (; at < text.length; at += 1) if (isReference(at)) positions.push(last);
  if (last) positions.push(last);
  return positions;
}
