// Helpers shared by the editor extensions: dialogs (answered by dialogs.js), focus, block insertion, attributes.

/** Opens the prompt dialog. Resolves to the values by name, or to null if it was cancelled. */
export const prompt = (detail) => new Promise((done) => document.dispatchEvent(new CustomEvent("newsroom:prompt", { detail: { ...detail, done } })))
/** Opens the library. Resolves to the chosen image or document, or to null. */
export const pick = (kind = "image") => new Promise((done) => document.dispatchEvent(new CustomEvent("newsroom:pick", { detail: { done, kind } })))

/** Focuses the editor immediately and returns a command chain: Tiptap's `focus()` waits for a frame, which loses keys. */
export const focusEditor = (editor) => { editor.view.focus(); return editor.chain().focus() }

/** Inserts `node` after the top-level block at the cursor, or instead of an empty paragraph, and moves the cursor below it. */
export function insertBlock(editor, node) {
  const { state } = editor
  const { $from, to } = state.selection
  const [start, end] = $from.depth ? [$from.before(1), $from.after(1)] : [to, to]
  const empty = $from.depth === 1 && $from.parent.type.name === "paragraph" && !$from.parent.content.size
  const tr = empty ? state.tr.replaceWith(start, end, node) : state.tr.insert(end, node)
  const after = (empty ? start : end) + node.nodeSize
  if (tr.doc.nodeAt(after)?.type.name !== "paragraph") tr.insert(after, state.schema.nodes.paragraph.create())
  editor.view.dispatch(tr.setSelection(state.selection.constructor.near(tr.doc.resolve(after + 1))).scrollIntoView())
  editor.view.focus()
}

/** A node attribute that is stored as `data-<name>`; omitted if it has no value. */
export const dataAttribute = (name) => ({
  default: null,
  parseHTML: (element) => element.getAttribute(`data-${name}`),
  renderHTML: (attributes) => (attributes[name] ? { [`data-${name}`]: attributes[name] } : {}),
})

/** Images by UUID: those of the page, and those picked since. */
export const images = JSON.parse(document.getElementById("images")?.textContent || "{}")
