// Replace straight quotation marks with typographic ones while typing. Backspace or undo restores the straight one.
import { Extension, InputRule } from "django-prose-editor/editor";
import { typographicQuote } from "./quote-marks.js";

export const SmartQuotes = Extension.create({
  name: "smartQuotes",
  priority: 200, // before the history extension, for undo
  addInputRules: () => [
    new InputRule({
      find: /["']$/,
      handler: ({ state, range, match }) => {
        const $at = state.doc.resolve(range.from);
        const quote = typographicQuote(match[0], $at.parent.textBetween(0, $at.parentOffset, undefined, "\ufffc"));
        if (!quote) return null;
        state.tr.insertText(quote, range.from, range.to);
      },
    }),
  ],
  addKeyboardShortcuts() {
    return { "Mod-z": () => this.editor.commands.undoInputRule() };
  },
});
