// A gallery: two to six images of the library in one block. Each keeps its own caption.
import { Node, Plugin } from "django-prose-editor/editor";
import { focusEditor, insertBlock, pickSeveral, remember } from "./helpers.js";
import { moveChildren } from "./move-blocks.js";

// As in articles/richtext/vocabulary.py.
const MIN_IMAGES = 2;
const MAX_IMAGES = 6;

/** Returns the depth of the gallery that holds the selection, or null. */
function galleryDepth({ $from }) {
  for (let depth = $from.depth; depth > 0; depth--) if ($from.node(depth).type.name === "gallery") return depth;
  return null;
}
const figures = (schema, items) =>
  items.map((image) => schema.nodes.libraryFigure.create({ image: remember(image).uuid }));

export const Gallery = Node.create({
  name: "gallery",
  group: "block",
  content: "libraryFigure+",
  defining: true,
  parseHTML: () => [{ tag: "div[data-gallery]" }],
  renderHTML: () => ["div", { "data-gallery": "" }, 0],
  addNodeView:
    () =>
    ({ node: { type, childCount } }) => {
      const dom = Object.assign(document.createElement("div"), { className: `gallery gallery--${childCount}` });
      return { dom, contentDOM: dom, update: (next) => next.type === type && next.childCount === childCount };
    },
  addCommands: () => ({
    insertGallery:
      () =>
      ({ editor }) => {
        pickSeveral({ min: MIN_IMAGES, max: MAX_IMAGES }).then((items) => {
          if (!items) return focusEditor(editor).run();
          const { schema } = editor;
          insertBlock(editor, schema.nodes.gallery.create(null, figures(schema, items)));
        });
        return true;
      },
    /** Adds images behind the selected one. */
    addToGallery:
      () =>
      ({ editor, state, dispatch }) => {
        const depth = galleryDepth(state.selection);
        if (depth === null) return false;
        const { $from, $to } = state.selection;
        const room = MAX_IMAGES - $from.node(depth).childCount;
        if (room < 1) return false;
        if (!dispatch) return true;
        const position = $to.posAtIndex($to.indexAfter(depth), depth);
        pickSeveral({ min: 1, max: room }).then((items) => {
          if (items) editor.view.dispatch(editor.state.tr.insert(position, figures(editor.schema, items)));
          focusEditor(editor).run();
        });
        return true;
      },
    /** Moves the selected image of a gallery towards its start (-1) or end (1). */
    moveInGallery:
      (step) =>
      ({ state, tr, dispatch }) => {
        const depth = galleryDepth(state.selection);
        return depth !== null && moveChildren({ selection: state.selection, tr, dispatch }, depth, step);
      },
  }),
  addProseMirrorPlugins: () => [
    // What is left of a gallery with one image is that image; images beyond the sixth stand below the gallery.
    new Plugin({
      appendTransaction: (transactions, _, state) => {
        if (!transactions.some((transaction) => transaction.docChanged)) return null;
        const { tr } = state;
        state.doc.forEach((node, offset) => {
          if (node.type.name !== "gallery") return;
          const [at, end] = [tr.mapping.map(offset), tr.mapping.map(offset + node.nodeSize)];
          const images = [];
          node.forEach((figure) => {
            images.push(figure);
          });
          if (images.length < MIN_IMAGES) tr.replaceWith(at, end, node.content);
          else if (images.length > MAX_IMAGES) {
            const surplus = images.slice(MAX_IMAGES);
            const size = surplus.reduce((sum, figure) => sum + figure.nodeSize, 0);
            tr.insert(end, surplus).delete(end - 1 - size, end - 1);
          }
        });
        return tr.docChanged ? tr : null;
      },
    }),
  ],
});
