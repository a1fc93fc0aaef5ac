// What stands elsewhere: an address, said as the editor says it. Nothing of it is loaded, here or on the site.
import { Node } from "django-prose-editor/editor"
import { ask, back, data, insertBlock, pick, pictures } from "./asking.js"

const host = (href) => { try { return new URL(href).hostname.replace(/^www\./, "") } catch { return "" } }
/** What was typed as articles/richtext/embeds.py takes it, or an empty text. */
function address(said) {
  try {
    const { href } = new URL(/^[a-z][a-z0-9+.-]*:/i.test(said.trim()) ? said.trim() : `https://${said.trim()}`)
    return /^https:\/\/([a-z0-9-]+\.)+[a-z][a-z0-9-]*[a-z0-9]([/?#][^\s"<>\\^`{|}]*)?$/.test(href) ? href : ""
  } catch { return "" }
}
const wrong = ({ embed }) => (address(embed) ? "" : "Enter a full URL that starts with https://.")

export const Embed = Node.create({
  name: "embed", group: "block", atom: true, selectable: true, draggable: true,
  addAttributes: () => ({ embed: data("embed"), title: data("title"), image: data("image") }),
  parseHTML: () => [{ tag: "div[data-embed]" }],
  renderHTML: ({ HTMLAttributes }) => ["div", HTMLAttributes],
  addNodeView() {
    return ({ node, getPos }) => {
      const button = (text, act) => Object.assign(document.createElement("button"), { type: "button", className: "btn btn--small", textContent: text, onclick: act })
      const dom = Object.assign(document.createElement("div"), { className: "elsewhere" })
      const picture = document.createElement("img")
      const said = document.createElement("b")
      const where = document.createElement("span")
      const words = Object.assign(document.createElement("p"), { className: "elsewhere__said" })
      words.append(said, where)
      const set = (image) => this.editor.view.dispatch(this.editor.state.tr.setNodeMarkup(getPos(), null, { ...node.attrs, image }))
      const choose = button("", () => (node.attrs.image ? set(null) : pick().then((found) => { if (found) { pictures[found.uuid] = found; set(found.uuid) } back(this.editor).run() })))
      const change = button("Edit", () => this.editor.commands.editEmbed(getPos()))
      const draw = (now) => {
        node = now
        const shown = pictures[now.attrs.image]
        picture.hidden = !shown?.large
        if (shown?.large) Object.assign(picture, { src: shown.large, alt: shown.alt, draggable: false })
        said.textContent = now.attrs.title || now.attrs.embed
        where.textContent = `Opens ${host(now.attrs.embed)}`
        choose.textContent = now.attrs.image ? "Remove image" : "Add image"
      }
      dom.append(picture, words, change, choose)
      draw(node)
      return { dom, ignoreMutation: () => true, stopEvent: (e) => e.target.closest?.("button") !== null && !e.type.startsWith("drag"), update: (next) => next.type === node.type && (draw(next), true) }
    }
  },
  addCommands() {
    const question = (node, yes) => ask({
      title: "External link", yes, wrong,
      fields: [{ name: "embed", label: "URL", value: node?.attrs.embed }, { name: "title", label: "Title (optional)", value: node?.attrs.title }],
      hint: "Readers see a link. Nothing is loaded from the other site until they open it.",
    }).then((given) => given && { embed: address(given.embed), title: given.title.trim() || null })
    return {
      insertEmbed: () => ({ editor }) => {
        question(null, "Insert").then((attrs) => {
          if (attrs) insertBlock(editor, editor.schema.nodes.embed.create(attrs))
          else back(editor).run()
        })
        return true
      },
      editEmbed: (at) => ({ editor, state }) => {
        const node = state.doc.nodeAt(at)
        question(node, "Save").then((attrs) => {
          if (attrs) editor.view.dispatch(editor.state.tr.setNodeMarkup(at, null, { ...node.attrs, ...attrs }))
          back(editor).run()
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
