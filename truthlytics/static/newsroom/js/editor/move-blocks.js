// Moves blocks by keys: the paragraph, heading, list, quote, box, table or image at the cursor.
import { Extension } from "django-prose-editor/editor";

/**
 * Moves the children of the node at `depth` that hold the selection by one place, up (-1) or down (1). Returns false at
 * the end of the node. The neighbour is moved past them, so that the selection stays in them.
 */
export function moveChildren({ selection, tr, dispatch }, depth, step) {
  const { $from, $to } = selection;
  const parent = $from.node(depth);
  const [first, end] = [$from.index(depth), $to.indexAfter(depth)];
  const neighbour = parent.maybeChild(step < 0 ? first - 1 : end);
  if (first === end || !neighbour) return false;
  if (!dispatch) return true;
  const [start, stop] = [$from.posAtIndex(first, depth), $from.posAtIndex(end, depth)];
  if (step < 0) tr.delete(start - neighbour.nodeSize, start).insert(stop - neighbour.nodeSize, neighbour);
  else tr.delete(stop, stop + neighbour.nodeSize).insert(start, neighbour);
  dispatch(tr.scrollIntoView());
  return true;
}

export const MoveBlocks = Extension.create({
  name: "moveBlocks",
  addCommands: () => ({
    /** Moves the selected top-level blocks up (-1) or down (1). */
    moveBlocks:
      (step) =>
      ({ state, tr, dispatch }) =>
        moveChildren({ selection: state.selection, tr, dispatch }, 0, step),
  }),
  addKeyboardShortcuts() {
    const move = (step) => () => {
      this.editor.commands.moveBlocks(step);
      return true; // At the end of the text too, where the browser would extend the selection.
    };
    return { "Alt-Shift-ArrowUp": move(-1), "Alt-Shift-ArrowDown": move(1) };
  },
});
