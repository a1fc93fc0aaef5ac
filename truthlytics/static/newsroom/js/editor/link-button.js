// A link that is shown as a button, such as “Read on”, on a line of its own. Its words are edited in place.
import { Node } from "django-prose-editor/editor";
import { focusEditor, insertBlock } from "./helpers.js";

const askForLink = (value) =>
  new Promise((done) => document.dispatchEvent(new CustomEvent("newsroom:link", { detail: { value, done } })));

/** Returns the position and the node of the button at the cursor, or null. */
function buttonAt({ selection: { $from } }) {
  return $from.parent.type.name === "linkButton" ? { at: $from.before(), node: $from.parent } : null;
}

export const LinkButton = Node.create({
  name: "linkButton",
  group: "block",
  content: "text*",
  marks: "",
  defining: true,
  draggable: true,
  addAttributes: () => ({
    href: { default: "", rendered: false, parseHTML: (element) => element.querySelector("a").getAttribute("href") },
  }),
  parseHTML: () => [
    {
      tag: "p[data-button]",
      priority: 70, // before the paragraph
      getAttrs: (element) => (element.querySelector("a[href]") ? null : false),
      contentElement: "a",
    },
  ],
  renderHTML: ({ node }) => ["p", { "data-button": "" }, ["a", { href: node.attrs.href }, 0]],
  addNodeView:
    () =>
    ({ node, getPos, editor }) => {
      const dom = Object.assign(document.createElement("div"), { className: "link-button-box" });
      const contentDOM = Object.assign(document.createElement("span"), { className: "link-button-box__words" });
      const address = Object.assign(document.createElement("button"), {
        type: "button",
        className: "btn btn--small",
        contentEditable: "false",
      });
      const render = ({ attrs: { href } }) => {
        address.textContent = href;
        address.ariaLabel = interpolate(gettext("Address of the button: %(href)s"), { href }, true);
      };
      address.addEventListener("click", () =>
        editor
          .chain()
          .setTextSelection(getPos() + 1)
          .setLinkButton()
          .run(),
      );
      dom.append(contentDOM, address);
      render(node);
      return {
        dom,
        contentDOM,
        ignoreMutation: (change) => !contentDOM.contains(change.target),
        stopEvent: (e) => e.target === address && !e.type.startsWith("drag"),
        update: (next) => {
          if (next.type !== node.type) return false;
          render(next);
          return true;
        },
      };
    },
  addCommands: () => ({
    /** Asks for an address, and inserts a button with its words selected; changes the address of the one at the cursor. */
    setLinkButton:
      () =>
      ({ editor, state }) => {
        const current = buttonAt(state);
        askForLink(current?.node.attrs.href ?? "").then((link) => {
          const { schema, tr } = editor.state;
          if (!link || !(link.href || current)) return focusEditor(editor).run();
          if (current && link.href) editor.view.dispatch(tr.setNodeMarkup(current.at, null, { href: link.href }));
          else if (current) editor.view.dispatch(tr.setNodeMarkup(current.at, schema.nodes.paragraph, {}));
          else {
            const words = link.text === link.href ? gettext("Read on") : link.text;
            const node = schema.nodes.linkButton.create({ href: link.href }, schema.text(words));
            insertBlock(editor, node);
            const end = editor.state.selection.$from.before() - 1;
            editor.commands.setTextSelection({ from: end - words.length, to: end });
          }
          focusEditor(editor).run();
        });
        return true;
      },
  }),
  addKeyboardShortcuts: () => ({
    // Enter goes on below the button.
    Enter: ({ editor }) => {
      const current = buttonAt(editor.state);
      if (!current) return false;
      const after = current.at + current.node.nodeSize;
      const chain = editor.chain();
      if (editor.state.doc.nodeAt(after)?.type.name !== "paragraph")
        chain.insertContentAt(after, { type: "paragraph" });
      return chain.setTextSelection(after + 1).run();
    },
  }),
});
