// Editor extensions for the content that the server accepts (articles/richtext/vocabulary.py).
// Loaded by the editor through the import map. Dialogs are requested by events; dialogs.js answers them.
import { Extension, Node, Plugin, Table as BaseTable, mergeAttributes, wrappingInputRule } from "django-prose-editor/editor"
import { dataAttribute, focusEditor, images, pick, prompt } from "./editor-helpers.js"

export const Footnote = Node.create({
  name: "footnote", group: "inline", inline: true, atom: true, selectable: true,
  addAttributes: () => ({ footnote: dataAttribute("footnote") }),
  // Before superscript, which is a <sup> as well.
  parseHTML: () => [{ tag: "sup[data-footnote]", priority: 70 }],
  renderHTML: ({ HTMLAttributes }) => ["sup", mergeAttributes(HTMLAttributes)],
  addNodeView() {
    return ({ node, getPos }) => {
      // The number is a CSS counter (sheet.css); it is not stored.
      const dom = document.createElement("span")
      const render = (current) => { dom.title = current.attrs.footnote; dom.dataset.note = current.attrs.footnote }
      dom.className = "footnote-mark"
      dom.addEventListener("click", () => this.editor.commands.editFootnote(getPos()))
      render(node)
      return { dom, update: (next) => next.type === node.type && (render(next), true) }
    }
  },
  addCommands() {
    const askForText = (value, submit) => prompt({ title: "Footnote", fields: [{ name: "footnote", label: "Footnote text", rows: 4, value }], submit })
    return {
      insertFootnote: () => ({ editor }) => {
        askForText("", "Insert").then((values) => {
          const footnote = values?.footnote.trim()
          const chain = focusEditor(editor)
          if (footnote) chain.insertContent({ type: "footnote", attrs: { footnote } })
          chain.run()
        })
        return true
      },
      editFootnote: (at) => ({ editor, state }) => {
        askForText(state.doc.nodeAt(at).attrs.footnote, "Save").then((values) => {
          if (!values) return focusEditor(editor).run()
          const footnote = values.footnote.trim()
          const { tr } = editor.state
          editor.view.dispatch(footnote ? tr.setNodeMarkup(at, null, { footnote }) : tr.delete(at, at + 1))
          focusEditor(editor).run()
        })
        return true
      },
    }
  },
  addKeyboardShortcuts() {
    return {
      "Mod-Alt-n": () => this.editor.commands.insertFootnote(),
      Enter: () => {
        const { selection } = this.editor.state
        return selection.node?.type.name === "footnote" && this.editor.commands.editFootnote(selection.from)
      },
    }
  },
})

export const PullQuote = Node.create({
  name: "pullQuote", group: "block", content: "inline*", defining: true,
  addAttributes: () => ({ by: dataAttribute("by") }),
  // The source HTML may contain paragraphs: only their text is kept.
  parseHTML: () => [{ tag: "aside" }],
  renderHTML: ({ HTMLAttributes }) => ["aside", mergeAttributes({ class: "pullquote" }, HTMLAttributes), 0],
  addNodeView() {
    return ({ node, getPos }) => {
      const dom = document.createElement("aside")
      const contentDOM = document.createElement("p")
      const by = Object.assign(document.createElement("button"), { type: "button", className: "pullquote__by", contentEditable: "false" })
      const render = (current) => { by.textContent = current.attrs.by || "Add attribution" }
      dom.className = "pullquote"
      dom.role = "note" // an aside is a landmark otherwise, and landmarks need unique names
      by.addEventListener("click", () => this.editor.commands.attributePullQuote(getPos()))
      dom.append(contentDOM, by)
      render(node)
      return { dom, contentDOM, ignoreMutation: (change) => !contentDOM.contains(change.target), stopEvent: (e) => by.contains(e.target), update: (next) => next.type === node.type && (render(next), true) }
    }
  },
  addCommands: () => ({
    togglePullQuote: () => ({ editor, commands }) => {
      const isNew = !editor.isActive("pullQuote")
      const done = commands.toggleNode("pullQuote", "paragraph")
      if (isNew && done) setTimeout(() => editor.isActive("pullQuote") && editor.commands.attributePullQuote(editor.state.selection.$from.before()))
      return done
    },
    attributePullQuote: (at) => ({ editor, state }) => {
      const value = state.doc.nodeAt(at)?.attrs.by ?? ""
      prompt({ title: "Pull quote", fields: [{ name: "by", label: "Attribution (optional)", value }], submit: "Save" }).then((values) => {
        if (values) editor.view.dispatch(editor.state.tr.setNodeMarkup(at, null, { by: values.by.trim() || null }))
        focusEditor(editor).run()
      })
      return true
    },
  }),
})

// An image of the library by its UUID. Alt text and credit are stored in the library; the caption belongs to the article.
export const LibraryFigure = Node.create({
  name: "libraryFigure", group: "block", content: "inline*", draggable: true, isolating: true,
  addAttributes: () => ({ image: dataAttribute("image") }),
  parseHTML: () => [{ tag: "figure[data-image]", contentElement: (figure) => figure.querySelector("figcaption") ?? document.createElement("figcaption") }],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes, ["figcaption", 0]],
  addNodeView: () => ({ node }) => {
    const dom = document.createElement("figure")
    const contentDOM = document.createElement("figcaption")
    const image = images[node.attrs.image]
    const preview = document.createElement(image?.large ? "img" : "span")
    if (image?.large) Object.assign(preview, { src: image.large, alt: image.alt, width: image.width, height: image.height, draggable: false })
    else Object.assign(preview, { className: "no-image", textContent: image ? `${image.title}: processing` : "This image is no longer in the library." })
    preview.contentEditable = "false"
    const credit = Object.assign(document.createElement("span"), { className: "figure-credit", contentEditable: "false", textContent: image?.credit ?? "" })
    contentDOM.dataset.placeholder = image?.caption ? `From the library: ${image.caption}` : "Caption"
    dom.append(preview, contentDOM, credit)
    return { dom, contentDOM, ignoreMutation: (change) => !contentDOM.contains(change.target) }
  },
  addCommands: () => ({
    insertImage: () => ({ editor }) => {
      pick().then((image) => {
        if (!image) return focusEditor(editor).run()
        images[image.uuid] = image
        focusEditor(editor).insertContent({ type: "libraryFigure", attrs: { image: image.uuid } }).run()
      })
      return true
    },
  }),
  addKeyboardShortcuts() { return { "Mod-Alt-p": () => this.editor.commands.insertImage() } },
})

// The paywall marker: the free part of the article ends here.
export const Gate = Node.create({
  name: "gate", group: "block", atom: true, selectable: true,
  // Before the horizontal rule, which is an <hr> as well.
  parseHTML: () => [{ tag: "hr[data-gate]", priority: 70 }],
  renderHTML: () => ["hr", { "data-gate": "" }],
  addNodeView: () => () => ({ dom: Object.assign(document.createElement("div"), { className: "paywall-marker", textContent: "Paywall starts here" }) }),
  addCommands: () => ({
    /** Moves the marker to after the block at the cursor, or removes it if it is there already. */
    toggleGate: () => ({ state, tr, dispatch }) => {
      const { $from } = state.selection
      const after = $from.depth ? $from.after(1) : state.selection.to
      const next = state.doc.nodeAt(after)
      if (!dispatch) return true
      if (state.selection.node?.type.name === "gate") tr.deleteSelection()
      else if (next?.type.name === "gate") tr.delete(after, after + next.nodeSize)
      else {
        const previous = []
        state.doc.descendants((node, at) => { if (node.type.name === "gate") previous.push([at, at + node.nodeSize]) })
        tr.insert(after, state.schema.nodes.gate.create())
        // At the end of the text, continue in a new paragraph after the marker.
        if (after === state.doc.content.size) {
          tr.insert(tr.doc.content.size, state.schema.nodes.paragraph.create())
          tr.setSelection(state.selection.constructor.near(tr.doc.resolve(tr.doc.content.size)))
        }
        for (const [from, to] of previous.reverse()) tr.delete(tr.mapping.map(from), tr.mapping.map(to))
      }
      return true
    },
  }),
  addProseMirrorPlugins() {
    // Pasting may add another marker, or one inside a block: keep the first one at the top level.
    return [new Plugin({
      appendTransaction: (transactions, _, state) => {
        if (!transactions.some((transaction) => transaction.docChanged)) return null
        const surplus = []
        let seen = false
        state.doc.descendants((node, at, parent) => {
          if (node.type.name !== "gate") return
          if (seen || parent !== state.doc) surplus.push([at, at + node.nodeSize])
          seen ||= parent === state.doc
        })
        if (!surplus.length) return null
        const tr = state.tr
        for (const [from, to] of surplus.reverse()) tr.delete(from, to)
        return tr
      },
    })]
  },
})

// Tiptap's table writes column widths into a style attribute, which the content security policy blocks.
export const Table = BaseTable.extend({
  renderHTML: ({ HTMLAttributes }) => ["table", mergeAttributes(HTMLAttributes), ["tbody", 0]],
})

// ARIA attributes of the text box, a trailing paragraph after tables and images, and "1." to start a list, which the
// library does not offer. No other number does: a paragraph may begin with a year.
export const NewsTools = Extension.create({
  name: "newsTools",
  addInputRules() {
    return [wrappingInputRule({ find: /^1\.\s$/, type: this.editor.schema.nodes.orderedList })]
  },
  addProseMirrorPlugins: () => [new Plugin({
    appendTransaction: (transactions, _, state) => {
      const last = state.doc.lastChild
      if (!last || last.type.name === "paragraph" || !transactions.some((transaction) => transaction.docChanged)) return null
      return state.tr.insert(state.doc.content.size, state.schema.nodes.paragraph.create())
    },
  })],
  onCreate() {
    const { dom } = this.editor.view
    const attributes = { role: "textbox", "aria-multiline": "true", "aria-labelledby": "body-label", id: "body-editor", spellcheck: "true" }
    for (const [name, value] of Object.entries(attributes)) dom.setAttribute(name, value)
    if (!document.getElementById("body-label")) dom.setAttribute("aria-label", "Text")
    dom.classList.add("editor-content")
    document.dispatchEvent(new CustomEvent("newsroom:ready", { detail: { editor: this.editor } }))
  },
})
