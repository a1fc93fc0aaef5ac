// Straight quotation marks become the language's while one types. Backspace or undo right after brings the straight one.
import { Extension, InputRule } from "django-prose-editor/editor"
import { turned } from "./marks.js"

export const SmartQuotes = Extension.create({
  name: "smartQuotes",
  priority: 200, // its undo comes before the history's
  addInputRules: () => [new InputRule({
    find: /["']$/,
    handler: ({ state, range, match }) => {
      const $at = state.doc.resolve(range.from)
      const mark = turned(match[0], $at.parent.textBetween(0, $at.parentOffset, undefined, "\ufffc"))
      if (!mark) return null
      state.tr.insertText(mark, range.from, range.to)
    },
  })],
  addKeyboardShortcuts() { return { "Mod-z": () => this.editor.commands.undoInputRule() } },
})
