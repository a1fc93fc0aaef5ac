// A callout: background or a summary, set apart from the text. Holds paragraphs and lists.
import { Node } from "django-prose-editor/editor";

export const Callout = Node.create({
  name: "callout",
  group: "block",
  content: "(paragraph | bulletList | orderedList)+",
  defining: true,
  // Before the pull quote, which is an <aside> as well.
  parseHTML: () => [{ tag: "aside.callout", priority: 70 }],
  renderHTML: () => ["aside", { class: "callout" }, 0],
  addNodeView: () => () => {
    const dom = Object.assign(document.createElement("aside"), { className: "callout", role: "note" });
    return { dom, contentDOM: dom };
  },
  addCommands: () => ({
    /** Wraps the selected paragraphs and lists, or unwraps the callout at the cursor. */
    toggleCallout:
      () =>
      ({ commands, state, tr, dispatch }) => {
        const { $from } = state.selection;
        const depth = [...Array($from.depth).keys()]
          .map((n) => n + 1)
          .find((n) => $from.node(n).type.name === "callout");
        if (!depth) return commands.wrapIn("callout");
        if (dispatch) {
          tr.replaceWith($from.before(depth), $from.after(depth), $from.node(depth).content);
          tr.setSelection(state.selection.constructor.near(tr.doc.resolve($from.pos - 1)));
        }
        return true;
      },
  }),
  addKeyboardShortcuts() {
    return {
      // Enter in an empty last paragraph leaves the callout; in its only paragraph, it removes it.
      Enter: () => {
        const { $from, empty } = this.editor.state.selection;
        if (
          !empty ||
          $from.parent.content.size ||
          $from.parent.type.name !== "paragraph" ||
          $from.node(-1)?.type.name !== "callout"
        )
          return false;
        return $from.indexAfter(-1) === $from.node(-1).childCount && this.editor.commands.lift("callout");
      },
    };
  },
});
