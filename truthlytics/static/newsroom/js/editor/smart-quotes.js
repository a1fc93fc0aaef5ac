// Replace straight quotation marks, two hyphens and three dots with typographic characters while typing. Backspace or
// undo restores what was typed.
import { Extension, InputRule } from "django-prose-editor/editor";
import { typographic } from "./quote-marks.js";

export const SmartQuotes = Extension.create({
  name: "smartQuotes",
  priority: 200, // before the history extension, for undo
  addInputRules: () => [
    new InputRule({
      // The whole match is replaced: what stands before the typed character is in the document already.
      find: (text) => {
        const found = typographic(text.at(-1), text.slice(0, -1));
        return found && { index: text.length - 1 - found[0], text: text.slice(-1 - found[0]), data: found[1] };
      },
      handler: ({ state, range, match }) => {
        state.tr.insertText(match.data, range.from, range.to);
      },
    }),
  ],
  addKeyboardShortcuts() {
    return { "Mod-z": () => this.editor.commands.undoInputRule() };
  },
});
