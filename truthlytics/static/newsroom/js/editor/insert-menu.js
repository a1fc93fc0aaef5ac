// The insert menu: "/" on an empty line. Choosing an item presses the toolbar button of the same command.
import { Extension, Plugin } from "django-prose-editor/editor";
import { listbox, option } from "../../../js/listbox.js";

// By the node that they insert.
const EXTRA_ITEMS = {
  horizontalRule: [gettext("Horizontal line"), (chain) => chain.setHorizontalRule()],
  codeBlock: [gettext("Code block"), (chain) => chain.toggleCodeBlock()],
};
const COMMANDS = [
  "h2",
  "h3",
  "bulletList",
  "orderedList",
  "blockquote",
  "pullQuote",
  "callout",
  "table",
  "image",
  "gallery",
  "footnote",
  "embed",
  "button",
  "savedBlocks",
  "document",
  "gate",
];

const MIN_HEIGHT = 96; // px, about three items

/** Returns where the space for the menu ends: above the keyboard and the buttons at the bottom of phones. */
function bottomEdge() {
  const buttons = document.querySelector(".side-panel__buttons");
  const isFixed = buttons && getComputedStyle(buttons).position === "fixed";
  const view = globalThis.visualViewport;
  return Math.min(
    view ? view.offsetTop + view.height : innerHeight,
    isFixed ? buttons.getBoundingClientRect().top : innerHeight,
  );
}

/** Returns what this editor can insert as `{name, label, keys}`, with the labels of the toolbar. */
function menuItems({ nodes }) {
  const buttons = COMMANDS.map((name) => [name, document.querySelector(`[data-toolbar] [data-cmd="${name}"]`)]).filter(
    ([, button]) => button,
  );
  const items = buttons.map(([name, button]) => ({
    name,
    label: button.getAttribute("aria-label") ?? button.textContent.trim(),
    keys: /\((.*)\)/.exec(button.title)?.[1] ?? "",
    run: () => button.click(),
  }));
  return [
    ...items,
    ...Object.entries(EXTRA_ITEMS)
      .filter(([name]) => nodes[name])
      .map(([name, [label, command]]) => ({ name, label, keys: "", command })),
  ];
}

export const InsertMenu = Extension.create({
  name: "insertMenu",
  priority: 300, // takes Enter and the arrow keys while the menu is open
  addProseMirrorPlugins() {
    const { editor } = this;
    const menu = Object.assign(document.createElement("ul"), {
      id: "insert-menu",
      className: "insert-menu",
      hidden: true,
    });
    menu.tabIndex = 0; // It may scroll. The focus stays in the text, where the arrow keys and Tab choose.
    menu.setAttribute("role", "listbox");
    menu.setAttribute("aria-label", gettext("Insert"));
    const box = listbox(menu, { choose });
    let items = [];
    let dismissed = false; // by Escape, until the cursor leaves the line

    const query = ({ selection }) => {
      const { $from, empty } = selection;
      const text = $from.parent.textContent;
      return empty &&
        $from.depth === 1 &&
        $from.parent.type.name === "paragraph" &&
        $from.parent.childCount === 1 &&
        $from.parentOffset === text.length
        ? (/^\/([\p{L} ]{0,20})$/u.exec(text)?.[1] ?? null)
        : null;
    };
    function choose({ dataset }) {
      const item = items.find(({ name }) => name === dataset.name);
      const { $from } = editor.state.selection;
      box.close();
      editor.view.dispatch(editor.state.tr.delete($from.start(), $from.end()));
      if (item.command) item.command(editor.chain().focus()).run();
      else item.run();
    }
    const show = (text) => {
      const prefix = text.toLowerCase();
      items = menuItems(editor.schema).filter(
        ({ label }) =>
          label
            .toLowerCase()
            .split(" ")
            .some((word) => word.startsWith(prefix)) || label.toLowerCase().startsWith(prefix),
      );
      if (!items.length) return box.close();
      if (!menu.isConnected) document.querySelector(".canvas").append(menu);
      const keyOf = ({ keys }) => Object.assign(document.createElement("kbd"), { textContent: keys });
      box.open(
        items.map((item) => option({ name: item.name }, item.label, keyOf(item))),
        { to: editor.view.dom, selected: -1 },
      );
      const { left, bottom, top } = editor.view.coordsAtPos(editor.state.selection.from);
      const [above, below] = [top - 12, bottomEdge() - bottom - 12];
      // Properties instead of a style attribute, which the content security policy blocks.
      menu.style.maxHeight = "";
      const isAbove = menu.offsetHeight > below && above > below;
      menu.style.maxHeight = `${Math.max(MIN_HEIGHT, isAbove ? above : below)}px`;
      menu.style.left = `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`;
      menu.style.top = `${isAbove ? top - menu.offsetHeight - 4 : bottom + 4}px`;
      box.select(0);
    };
    return [
      new Plugin({
        view: () => ({
          update: (view, previous) => {
            const text = view.hasFocus() ? query(view.state) : null;
            if (text === null) {
              dismissed = false;
              if (box.isOpen) box.close();
            } else if (!dismissed && (!box.isOpen || !previous.doc.eq(view.state.doc))) show(text);
          },
          destroy: () => menu.remove(),
        }),
        props: {
          handleDOMEvents: {
            blur: () => {
              box.close();
              return false;
            },
          },
          handleKeyDown: (_, e) => {
            if (!box.isOpen) return false;
            dismissed = e.key === "Escape";
            return box.press(e);
          },
        },
      }),
    ];
  },
});
