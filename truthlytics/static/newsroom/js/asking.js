// What the editor's parts have in common: questions to the writer, answered by dialogs.js, and the way back into the text.

/** Asks the editor something. Resolves to the answers by name, or to null where they thought better of it. */
export const ask = (detail) => new Promise((done) => document.dispatchEvent(new CustomEvent("newsroom:ask", { detail: { ...detail, done } })))
/** A picture of the library, or null. */
export const pick = () => new Promise((done) => document.dispatchEvent(new CustomEvent("newsroom:pick", { detail: { done } })))

/** Back in the text at once: the library's own `focus()` waits for a frame, and the first keys are lost. */
export const back = (editor) => { editor.view.focus(); return editor.chain().focus() }

/** Puts `node` behind the outermost block with the cursor, or in the place of an empty line; one goes on writing after it. */
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

/** An attribute `name` of the node that is kept as `data-<name>`; without a value it is not written. */
export const data = (name) => ({
  default: null,
  parseHTML: (element) => element.getAttribute(`data-${name}`),
  renderHTML: (attributes) => (attributes[name] ? { [`data-${name}`]: attributes[name] } : {}),
})

/** Pictures by their uuid: those that the page named, and those that were chosen since. */
export const pictures = JSON.parse(document.getElementById("pictures")?.textContent || "{}")
