// Marks links and footnotes as sources of the article. A footnote with a URL is one unless it is marked "no".
import { Extension } from "django-prose-editor/editor";

const ADDRESS = /https?:\/\/\S/;
export const hasAddress = (text) => ADDRESS.test(text);

/** Whether a footnote is a source, by its text and its mark. */
export const isSource = (text, mark) => mark !== "no" && (mark !== null || hasAddress(text));
/** The mark that a footnote needs to be a source, or not to be one; null if it needs no mark. */
export const markFor = (text, wanted) => (wanted === hasAddress(text) ? null : wanted ? "" : "no");

/** The footnote that is selected or next to the cursor, and its position. */
function footnoteAt({ node, from, empty, $from }) {
  if (node?.type.name === "footnote") return [node, from];
  if (!empty) return null;
  const { nodeBefore, nodeAfter } = $from;
  if (nodeBefore?.type.name === "footnote") return [nodeBefore, from - nodeBefore.nodeSize];
  return nodeAfter?.type.name === "footnote" ? [nodeAfter, from] : null;
}

/** The mark of the selected link, or of the one at the cursor, even right behind it, and a position in the link. */
function linkAt(editor) {
  const { empty, from } = editor.state.selection;
  for (const at of empty ? [from - 1, from] : [from]) {
    const mark = editor.state.doc.nodeAt(Math.max(at, 0))?.marks.find(({ type }) => type.name === "link");
    if (mark && (empty || editor.isActive("link"))) return [mark, at];
  }
  return null;
}

/** Whether the link or footnote at the cursor is a source; null if there is neither. */
export function sourceAt(editor) {
  const link = linkAt(editor);
  if (link) return link[0].attrs.source !== null;
  const found = footnoteAt(editor.state.selection);
  return found && isSource(found[0].attrs.footnote, found[0].attrs.source);
}

export const sourceAttribute = {
  default: null,
  parseHTML: (element) => element.getAttribute("data-source"),
  renderHTML: ({ source }) => (source === null || source === undefined ? {} : { "data-source": source }),
};

export const SourceMarks = Extension.create({
  name: "sourceMarks",
  addGlobalAttributes: () => [{ types: ["link"], attributes: { source: sourceAttribute } }],
  addCommands: () => ({
    toggleSource:
      () =>
      ({ editor, chain, state }) => {
        const { from, to } = state.selection;
        const link = linkAt(editor);
        if (link) {
          const [mark, at] = link;
          const source = mark.attrs.source === null ? "" : null;
          return chain()
            .setTextSelection(at)
            .extendMarkRange("link")
            .updateAttributes("link", { source })
            .setTextSelection({ from, to })
            .run();
        }
        const found = footnoteAt(state.selection);
        if (!found) return false;
        const [node, at] = found;
        const source = markFor(node.attrs.footnote, !isSource(node.attrs.footnote, node.attrs.source));
        return chain()
          .command(({ tr }) => {
            tr.setNodeAttribute(at, "source", source);
            return true;
          })
          .run();
      },
  }),
  addKeyboardShortcuts() {
    return { "Mod-Alt-r": () => this.editor.commands.toggleSource() };
  },
});
