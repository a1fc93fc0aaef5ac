// Editor extensions for the content that the server accepts (articles/richtext/vocabulary.py).
// Loaded by the editor through the import map. Dialogs are requested by events; dialogs.js answers them.
import {
  Extension,
  Node,
  Plugin,
  Table as BaseTable,
  mergeAttributes,
  wrappingInputRule,
} from "django-prose-editor/editor";
import { dataAttribute, focusEditor, prompt } from "./helpers.js";
import { hasAddress, isSource, markFor, sourceAttribute } from "./sources.js";

export const Footnote = Node.create({
  name: "footnote",
  group: "inline",
  inline: true,
  atom: true,
  selectable: true,
  addAttributes: () => ({ footnote: dataAttribute("footnote"), source: sourceAttribute }),
  // Before superscript, which is a <sup> as well.
  parseHTML: () => [{ tag: "sup[data-footnote]", priority: 70 }],
  renderHTML: ({ HTMLAttributes }) => ["sup", mergeAttributes(HTMLAttributes)],
  addNodeView() {
    return ({ node, getPos }) => {
      // The number is a CSS counter (sheet.css); it is not stored.
      const dom = document.createElement("span");
      const render = ({ attrs: { footnote, source } }) => {
        dom.title = footnote;
        dom.dataset.note = footnote;
        dom.classList.toggle("footnote-mark--source", isSource(footnote, source));
      };
      dom.className = "cite footnote-mark";
      dom.addEventListener("click", () => this.editor.commands.editFootnote(getPos()));
      render(node);
      return {
        dom,
        update: (next) => {
          if (next.type !== node.type) return false;
          render(next);
          return true;
        },
      };
    };
  },
  addCommands() {
    // Pages have no list of sources.
    const fields = (value, mark) => [
      { name: "footnote", label: gettext("Footnote text"), rows: 4, value },
      ...(document.querySelector("[data-cmd=source]")
        ? [
            {
              name: "source",
              label: gettext("Source"),
              checkbox: true,
              value: isSource(value, mark),
              follow: mark === null ? hasAddress : null,
            },
          ]
        : []),
    ];
    const askForText = (value, mark, submit) =>
      prompt({ title: gettext("Footnote"), fields: fields(value, mark), submit });
    const attributes = ({ footnote, source }, mark) => ({
      footnote: footnote.trim(),
      source: source === undefined ? mark : markFor(footnote, source),
    });
    return {
      insertFootnote:
        () =>
        ({ editor }) => {
          askForText("", null, gettext("Insert")).then((values) => {
            const chain = focusEditor(editor);
            if (values?.footnote.trim()) chain.insertContent({ type: "footnote", attrs: attributes(values, null) });
            chain.run();
          });
          return true;
        },
      editFootnote:
        (at) =>
        ({ editor, state }) => {
          const { footnote, source } = state.doc.nodeAt(at).attrs;
          askForText(footnote, source, gettext("Save")).then((values) => {
            if (!values) return focusEditor(editor).run();
            const { tr } = editor.state;
            editor.view.dispatch(
              values.footnote.trim() ? tr.setNodeMarkup(at, null, attributes(values, source)) : tr.delete(at, at + 1),
            );
            focusEditor(editor).run();
          });
          return true;
        },
    };
  },
  addKeyboardShortcuts() {
    return {
      "Mod-Alt-n": () => this.editor.commands.insertFootnote(),
      Enter: () => {
        const { selection } = this.editor.state;
        return selection.node?.type.name === "footnote" && this.editor.commands.editFootnote(selection.from);
      },
    };
  },
});

// A quotation from the text. Enter moves on to the attribution, which is optional, and from there to the next paragraph.
export const PullQuote = Node.create({
  name: "pullQuote",
  group: "block",
  content: "inline*",
  defining: true,
  addAttributes: () => ({ by: dataAttribute("by") }),
  // The source HTML may contain paragraphs: only their text is kept.
  parseHTML: () => [{ tag: "aside" }],
  renderHTML: ({ HTMLAttributes }) => ["aside", mergeAttributes({ class: "pullquote" }, HTMLAttributes), 0],
  addNodeView() {
    return ({ node, getPos }) => {
      const { editor } = this;
      const dom = document.createElement("aside");
      const contentDOM = document.createElement("p");
      const by = Object.assign(document.createElement("input"), {
        type: "text",
        className: "pullquote__by",
        placeholder: gettext("Attribution (optional)"),
        maxLength: 200,
        autocomplete: "off",
        ariaLabel: gettext("Attribution of the pull quote"),
      });
      const render = (current) => {
        node = current;
        if (by.value.trim() !== (current.attrs.by ?? "")) by.value = current.attrs.by ?? "";
      };
      const moveTo = (at) =>
        editor
          .chain()
          .command(({ tr, state }) => {
            tr.setSelection(state.selection.constructor.near(tr.doc.resolve(at), 1));
            return true;
          })
          .run();
      dom.className = "pullquote";
      dom.role = "note"; // an aside is a landmark otherwise, and landmarks need unique names
      by.addEventListener("input", () =>
        editor.view.dispatch(editor.state.tr.setNodeMarkup(getPos(), null, { by: by.value.trim() || null })),
      );
      by.addEventListener("keydown", (e) => {
        const isBack = e.key === "ArrowUp" || e.key === "Escape";
        if (e.isComposing || !(isBack || e.key === "Enter" || e.key === "ArrowDown") || e.ctrlKey || e.metaKey) return;
        e.preventDefault();
        editor.view.focus();
        if (isBack) return moveTo(getPos() + 1 + node.content.size);
        const after = getPos() + node.nodeSize;
        if (editor.state.doc.nodeAt(after)?.isTextblock) moveTo(after + 1);
        else
          editor
            .chain()
            .insertContentAt(after, { type: "paragraph" })
            .setTextSelection(after + 1)
            .run();
      });
      dom.append(contentDOM, by);
      render(node);
      return {
        dom,
        contentDOM,
        ignoreMutation: (change) => !contentDOM.contains(change.target),
        stopEvent: (e) => e.target === by,
        update: (next) => {
          if (next.type !== node.type) return false;
          render(next);
          return true;
        },
      };
    };
  },
  addCommands: () => ({
    togglePullQuote:
      () =>
      ({ commands }) =>
        commands.toggleNode("pullQuote", "paragraph"),
  }),
  addKeyboardShortcuts() {
    return {
      Enter: () => {
        const { $from, empty } = this.editor.state.selection;
        if (!empty || $from.parent.type.name !== "pullQuote") return false;
        this.editor.view.nodeDOM($from.before())?.querySelector(".pullquote__by")?.focus();
        return true;
      },
    };
  },
});

// The paywall marker: the free part of the article ends here.
export const Gate = Node.create({
  name: "gate",
  group: "block",
  atom: true,
  selectable: true,
  // Before the horizontal rule, which is an <hr> as well.
  parseHTML: () => [{ tag: "hr[data-gate]", priority: 70 }],
  renderHTML: () => ["hr", { "data-gate": "" }],
  addNodeView: () => () => ({
    dom: Object.assign(document.createElement("div"), {
      className: "paywall-marker",
      textContent: gettext("Paywall starts here"),
    }),
  }),
  addCommands: () => ({
    /** Moves the marker to after the block at the cursor, or removes it if it is there already. */
    toggleGate:
      () =>
      ({ state, tr, dispatch }) => {
        const { $from } = state.selection;
        const after = $from.depth ? $from.after(1) : state.selection.to;
        const next = state.doc.nodeAt(after);
        if (!dispatch) return true;
        if (state.selection.node?.type.name === "gate") tr.deleteSelection();
        else if (next?.type.name === "gate") tr.delete(after, after + next.nodeSize);
        else {
          const previous = [];
          state.doc.descendants((node, at) => {
            if (node.type.name === "gate") previous.push([at, at + node.nodeSize]);
          });
          tr.insert(after, state.schema.nodes.gate.create());
          // At the end of the text, continue in a new paragraph after the marker.
          if (after === state.doc.content.size) {
            tr.insert(tr.doc.content.size, state.schema.nodes.paragraph.create());
            tr.setSelection(state.selection.constructor.near(tr.doc.resolve(tr.doc.content.size)));
          }
          for (const [from, to] of previous.reverse()) tr.delete(tr.mapping.map(from), tr.mapping.map(to));
          if (!previous.length) setTimeout(() => document.dispatchEvent(new Event("newsroom:gate")));
        }
        return true;
      },
  }),
  addProseMirrorPlugins() {
    // Pasting may add another marker, or one inside a block: keep the first one at the top level.
    return [
      new Plugin({
        appendTransaction: (transactions, _, state) => {
          if (!transactions.some((transaction) => transaction.docChanged)) return null;
          const surplus = [];
          let seen = false;
          state.doc.descendants((node, at, parent) => {
            if (node.type.name !== "gate") return;
            if (seen || parent !== state.doc) surplus.push([at, at + node.nodeSize]);
            seen ||= parent === state.doc;
          });
          if (!surplus.length) return null;
          const tr = state.tr;
          for (const [from, to] of surplus.reverse()) tr.delete(from, to);
          return tr;
        },
      }),
    ];
  },
});

// Tiptap's table writes column widths into a style attribute, which the content security policy blocks.
export const Table = BaseTable.extend({
  renderHTML: ({ HTMLAttributes }) => ["table", mergeAttributes(HTMLAttributes), ["tbody", 0]],
  addNodeView: () => () => {
    const dom = Object.assign(document.createElement("div"), { className: "table" });
    const scroll = Object.assign(document.createElement("div"), { className: "table__scroll" });
    const contentDOM = document.createElement("tbody");
    const table = document.createElement("table");
    table.append(contentDOM);
    scroll.append(table);
    dom.append(scroll);
    return { dom, contentDOM };
  },
});

// What readers get only between the blocks of the text. The server moves it as well (articles/richtext/vocabulary.py).
const TOP_LEVEL = new Set(["libraryFigure", "gallery", "embed", "pullQuote", "callout", "linkButton"]);

/** Returns the last node that must stand at the top level and does not, with its position and the end of its top block. */
function misplaced(doc) {
  let found = null;
  doc.forEach((block, start) => {
    if (block.type.name === "gallery" || block.isTextblock) return;
    block.descendants((node, at) => {
      if (!TOP_LEVEL.has(node.type.name)) return true;
      found = { node, at: start + 1 + at, end: start + block.nodeSize };
      return false;
    });
  });
  return found;
}

/** Moves what was inserted in a list, quotation or table behind it, with the cursor. Returns null if there is nothing. */
function toTopLevel({ doc, tr }) {
  for (let found = misplaced(doc); found; found = misplaced(tr.doc)) {
    const { node, at, end } = found;
    const { nodeSize } = node;
    const { selection } = tr;
    const size = tr.doc.content.size;
    tr.insert(end, node).delete(at, at + nodeSize);
    const moved = end - nodeSize + tr.doc.content.size - size; // What is left empty may get a paragraph.
    if (selection.from >= at && selection.from <= at + nodeSize)
      tr.setSelection(selection.constructor.near(tr.doc.resolve(moved + selection.from - at)));
  }
  return tr.docChanged ? tr : null;
}

// ARIA attributes of the text box, a trailing paragraph after tables and images, and "1." to start a list, which the
// library does not offer. No other number does: a paragraph may begin with a year.
export const NewsTools = Extension.create({
  name: "newsTools",
  addInputRules() {
    return [wrappingInputRule({ find: /^1\.\s$/, type: this.editor.schema.nodes.orderedList })];
  },
  addProseMirrorPlugins: () => [
    new Plugin({
      appendTransaction: (transactions, _, state) =>
        transactions.some((transaction) => transaction.docChanged) ? toTopLevel(state) : null,
    }),
    new Plugin({
      appendTransaction: (transactions, _, state) => {
        const last = state.doc.lastChild;
        if (!last || last.type.name === "paragraph" || !transactions.some((transaction) => transaction.docChanged))
          return null;
        return state.tr.insert(state.doc.content.size, state.schema.nodes.paragraph.create());
      },
    }),
  ],
  onCreate() {
    const { dom } = this.editor.view;
    const attributes = {
      role: "textbox",
      "aria-multiline": "true",
      "aria-labelledby": "body-label",
      id: "body-editor",
      spellcheck: "true",
    };
    for (const [name, value] of Object.entries(attributes)) dom.setAttribute(name, value);
    if (!document.getElementById("body-label")) dom.setAttribute("aria-label", gettext("Text"));
    const placeholder = gettext("Start writing. Type ## for a heading, - for a list, > for a quote.");
    dom.style.setProperty("--placeholder", JSON.stringify(placeholder));
    // Only articles begin with an initial: pages do not, and an issue is read as an email first.
    dom.classList.add("editor-content", "prose", ...(document.querySelector(".model-article") ? [] : ["prose--page"]));
    document.dispatchEvent(new CustomEvent("newsroom:ready", { detail: { editor: this.editor } }));
  },
});
