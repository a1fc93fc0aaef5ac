// External content as a link card. Nothing is loaded from the other site, neither here nor for readers.
import { Node } from "django-prose-editor/editor"
import { dataAttribute, focusEditor, images, insertBlock, pick, prompt } from "./editor-helpers.js"

const hostOf = (href) => { try { return new URL(href).hostname.replace(/^www\./, "") } catch { return "" } }
/** Returns the URL as articles/richtext/embeds.py accepts it, or an empty string. */
function normaliseUrl(text) {
  try {
    const { href } = new URL(/^[a-z][a-z0-9+.-]*:/i.test(text.trim()) ? text.trim() : `https://${text.trim()}`)
    return /^https:\/\/([a-z0-9-]+\.)+[a-z][a-z0-9-]*[a-z0-9]([/?#][^\s"<>\\^`{|}]*)?$/.test(href) ? href : ""
  } catch { return "" }
}
const validate = ({ embed }) => (normaliseUrl(embed) ? "" : "Enter a full URL that starts with https://.")

export const Embed = Node.create({
  name: "embed", group: "block", atom: true, selectable: true, draggable: true,
  addAttributes: () => ({ embed: dataAttribute("embed"), title: dataAttribute("title"), image: dataAttribute("image") }),
  parseHTML: () => [{ tag: "div[data-embed]" }],
  renderHTML: ({ HTMLAttributes }) => ["div", HTMLAttributes],
  addNodeView() {
    return ({ node, getPos }) => {
      const button = (text, onclick) => Object.assign(document.createElement("button"), { type: "button", className: "btn btn--small", textContent: text, onclick })
      const dom = Object.assign(document.createElement("div"), { className: "embed-card" })
      const img = document.createElement("img")
      const title = document.createElement("b")
      const host = document.createElement("span")
      const text = Object.assign(document.createElement("p"), { className: "embed-card__text" })
      text.append(title, host)
      const setImage = (image) => this.editor.view.dispatch(this.editor.state.tr.setNodeMarkup(getPos(), null, { ...node.attrs, image }))
      const imageButton = button("", () => (node.attrs.image ? setImage(null) : pick().then((image) => { if (image) { images[image.uuid] = image; setImage(image.uuid) } focusEditor(this.editor).run() })))
      const editButton = button("Edit", () => this.editor.commands.editEmbed(getPos()))
      const render = (current) => {
        node = current
        const image = images[node.attrs.image]
        img.hidden = !image?.large
        if (image?.large) Object.assign(img, { src: image.large, alt: image.alt, draggable: false })
        title.textContent = node.attrs.title || node.attrs.embed
        host.textContent = `Opens ${hostOf(node.attrs.embed)}`
        imageButton.textContent = node.attrs.image ? "Remove image" : "Add image"
      }
      dom.append(img, text, editButton, imageButton)
      render(node)
      return { dom, ignoreMutation: () => true, stopEvent: (e) => e.target.closest?.("button") !== null && !e.type.startsWith("drag"), update: (next) => next.type === node.type && (render(next), true) }
    }
  },
  addCommands() {
    const askForEmbed = (node, submit) => prompt({
      title: "Embed", submit, validate,
      fields: [{ name: "embed", label: "URL", value: node?.attrs.embed }, { name: "title", label: "Title (optional)", value: node?.attrs.title }],
      hint: "Readers see a link. Nothing is loaded from the other site until they open it.",
    }).then((values) => values && { embed: normaliseUrl(values.embed), title: values.title.trim() || null })
    return {
      insertEmbed: () => ({ editor }) => {
        askForEmbed(null, "Insert").then((attrs) => {
          if (attrs) insertBlock(editor, editor.schema.nodes.embed.create(attrs))
          else focusEditor(editor).run()
        })
        return true
      },
      editEmbed: (at) => ({ editor, state }) => {
        const node = state.doc.nodeAt(at)
        askForEmbed(node, "Save").then((attrs) => {
          if (attrs) editor.view.dispatch(editor.state.tr.setNodeMarkup(at, null, { ...node.attrs, ...attrs }))
          focusEditor(editor).run()
        })
        return true
      },
    }
  },
  addKeyboardShortcuts() {
    return {
      "Mod-Alt-e": () => this.editor.commands.insertEmbed(),
      Enter: () => {
        const { selection } = this.editor.state
        return selection.node?.type.name === "embed" && this.editor.commands.editEmbed(selection.from)
      },
    }
  },
})
