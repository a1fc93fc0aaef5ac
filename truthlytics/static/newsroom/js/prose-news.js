// The newsroom's own words of the text: what the server lets through (articles/richtext/vocabulary.py), and nothing else.
// Loaded by the editor through the import map. Dialogs are asked for by events; dialogs.js answers them.
import { Extension, Node, Plugin, Table as PlainTable, mergeAttributes, wrappingInputRule } from "django-prose-editor/editor"
import { ask, back, data, pick, pictures } from "./asking.js"

export const Footnote = Node.create({
  name: "footnote", group: "inline", inline: true, atom: true, selectable: true,
  addAttributes: () => ({ footnote: data("footnote") }),
  // Before the raised letters, which are a <sup> as well.
  parseHTML: () => [{ tag: "sup[data-footnote]", priority: 70 }],
  renderHTML: ({ HTMLAttributes }) => ["sup", mergeAttributes(HTMLAttributes)],
  addNodeView() {
    return ({ node, getPos }) => {
      // The number is drawn from its place in the text (sheet.css) and never stored.
      const dom = document.createElement("span")
      const draw = (now) => { dom.title = now.attrs.footnote; dom.dataset.note = now.attrs.footnote }
      dom.className = "note-mark"
      dom.addEventListener("click", () => this.editor.commands.editFootnote(getPos()))
      draw(node)
      return { dom, update: (next) => next.type === node.type && (draw(next), true) }
    }
  },
  addCommands() {
    const question = (value, yes) => ask({ title: "Footnote", fields: [{ name: "footnote", label: "Footnote text", rows: 4, value }], yes })
    return {
      insertFootnote: () => ({ editor }) => {
        question("", "Insert").then((said) => {
          const footnote = said?.footnote.trim()
          const chain = back(editor)
          if (footnote) chain.insertContent({ type: "footnote", attrs: { footnote } })
          chain.run()
        })
        return true
      },
      editFootnote: (at) => ({ editor, state }) => {
        question(state.doc.nodeAt(at).attrs.footnote, "Save").then((said) => {
          if (!said) return back(editor).run()
          const footnote = said.footnote.trim()
          const change = editor.state.tr
          editor.view.dispatch(footnote ? change.setNodeMarkup(at, null, { footnote }) : change.delete(at, at + 1))
          back(editor).run()
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
  addAttributes: () => ({ by: data("by") }),
  // What stands in the page may hold paragraphs (typed as HTML): its words are taken, not its blocks.
  parseHTML: () => [{ tag: "aside" }],
  renderHTML: ({ HTMLAttributes }) => ["aside", mergeAttributes({ class: "pullquote" }, HTMLAttributes), 0],
  addNodeView() {
    return ({ node, getPos }) => {
      const dom = document.createElement("aside")
      const contentDOM = document.createElement("p")
      const by = Object.assign(document.createElement("button"), { type: "button", className: "pullquote__by", contentEditable: "false" })
      const draw = (now) => { by.textContent = now.attrs.by || "Add attribution" }
      dom.className = "pullquote"
      dom.role = "note" // an aside is a landmark otherwise, and two of one name confuse
      by.addEventListener("click", () => this.editor.commands.namePullQuote(getPos()))
      dom.append(contentDOM, by)
      draw(node)
      return { dom, contentDOM, ignoreMutation: (change) => !contentDOM.contains(change.target), stopEvent: (e) => by.contains(e.target), update: (next) => next.type === node.type && (draw(next), true) }
    }
  },
  addCommands: () => ({
    togglePullQuote: () => ({ editor, commands }) => {
      const on = !editor.isActive("pullQuote")
      const done = commands.toggleNode("pullQuote", "paragraph")
      if (on && done) setTimeout(() => editor.isActive("pullQuote") && editor.commands.namePullQuote(editor.state.selection.$from.before()))
      return done
    },
    namePullQuote: (at) => ({ editor, state }) => {
      const value = state.doc.nodeAt(at)?.attrs.by ?? ""
      ask({ title: "Pull quote", fields: [{ name: "by", label: "Attribution (optional)", value }], yes: "Save" }).then((said) => {
        if (said) editor.view.dispatch(editor.state.tr.setNodeMarkup(at, null, { by: said.by.trim() || null }))
        back(editor).run()
      })
      return true
    },
  }),
})

// A picture by its name in the library. Alt and credit live there; only the caption is of this use.
export const LibraryFigure = Node.create({
  name: "libraryFigure", group: "block", content: "inline*", draggable: true, isolating: true,
  addAttributes: () => ({ image: data("image") }),
  parseHTML: () => [{ tag: "figure[data-image]", contentElement: (figure) => figure.querySelector("figcaption") ?? document.createElement("figcaption") }],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes, ["figcaption", 0]],
  addNodeView: () => ({ node }) => {
    const dom = document.createElement("figure")
    const contentDOM = document.createElement("figcaption")
    const picture = pictures[node.attrs.image]
    const shown = document.createElement(picture?.large ? "img" : "span")
    if (picture?.large) Object.assign(shown, { src: picture.large, alt: picture.alt, width: picture.width, height: picture.height, draggable: false })
    else Object.assign(shown, { className: "no-picture", textContent: picture ? `${picture.title}: processing` : "This image is no longer in the library." })
    shown.contentEditable = "false"
    const credit = Object.assign(document.createElement("span"), { className: "figure-credit", contentEditable: "false", textContent: picture?.credit ?? "" })
    contentDOM.dataset.empty = picture?.caption ? `From the library: ${picture.caption}` : "Caption"
    dom.append(shown, contentDOM, credit)
    return { dom, contentDOM, ignoreMutation: (change) => !contentDOM.contains(change.target) }
  },
  addCommands: () => ({
    insertPicture: () => ({ editor }) => {
      pick().then((picture) => {
        if (!picture) return back(editor).run()
        pictures[picture.uuid] = picture
        back(editor).insertContent({ type: "libraryFigure", attrs: { image: picture.uuid } }).run()
      })
      return true
    },
  }),
  addKeyboardShortcuts() { return { "Mod-Alt-p": () => this.editor.commands.insertPicture() } },
})

export const Gate = Node.create({
  name: "gate", group: "block", atom: true, selectable: true,
  // Before the plain rule, which is an <hr> as well.
  parseHTML: () => [{ tag: "hr[data-gate]", priority: 70 }],
  renderHTML: () => ["hr", { "data-gate": "" }],
  addNodeView: () => () => ({ dom: Object.assign(document.createElement("div"), { className: "gate-mark", textContent: "Paywall starts here" }) }),
  addCommands: () => ({
    /** Sets the mark after the block with the cursor, or takes it away where it stands there already. */
    toggleGate: () => ({ state, tr, dispatch }) => {
      const { $from } = state.selection
      const after = $from.depth ? $from.after(1) : state.selection.to
      const next = state.doc.nodeAt(after)
      if (!dispatch) return true
      if (state.selection.node?.type.name === "gate") tr.deleteSelection()
      else if (next?.type.name === "gate") tr.delete(after, after + next.nodeSize)
      else {
        const old = []
        state.doc.descendants((node, at) => { if (node.type.name === "gate") old.push([at, at + node.nodeSize]) })
        tr.insert(after, state.schema.nodes.gate.create())
        // At the end of the text one goes on behind the mark.
        if (after === state.doc.content.size) {
          tr.insert(tr.doc.content.size, state.schema.nodes.paragraph.create())
          tr.setSelection(state.selection.constructor.near(tr.doc.resolve(tr.doc.content.size)))
        }
        for (const [from, to] of old.reverse()) tr.delete(tr.mapping.map(from), tr.mapping.map(to))
      }
      return true
    },
  }),
  addProseMirrorPlugins() {
    // Pasting may bring a second one, or one inside of a quotation: the first at the top level stays.
    return [new Plugin({
      appendTransaction: (changes, _, state) => {
        if (!changes.some((change) => change.docChanged)) return null
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

// The library's table writes widths into a style attribute, which the policy refuses (and readers do not need).
export const Table = PlainTable.extend({
  renderHTML: ({ HTMLAttributes }) => ["table", mergeAttributes(HTMLAttributes), ["tbody", 0]],
})

// Names and roles of the text box; always a line to go on in, behind a table or a picture too; and "1." begins a list,
// which the library leaves out. No other number does: a paragraph may begin with a year.
export const NewsTools = Extension.create({
  name: "newsTools",
  addInputRules() {
    return [wrappingInputRule({ find: /^1\.\s$/, type: this.editor.schema.nodes.orderedList })]
  },
  addProseMirrorPlugins: () => [new Plugin({
    appendTransaction: (changes, _, state) => {
      const last = state.doc.lastChild
      if (!last || last.type.name === "paragraph" || !changes.some((change) => change.docChanged)) return null
      return state.tr.insert(state.doc.content.size, state.schema.nodes.paragraph.create())
    },
  })],
  onCreate() {
    const box = this.editor.view.dom
    const names = { role: "textbox", "aria-multiline": "true", "aria-labelledby": "body-label", id: "body-editor", spellcheck: "true" }
    for (const [name, value] of Object.entries(names)) box.setAttribute(name, value)
    if (!document.getElementById("body-label")) box.setAttribute("aria-label", "Text")
    box.classList.add("written")
    document.dispatchEvent(new CustomEvent("newsroom:ready", { detail: { editor: this.editor } }))
  },
})
