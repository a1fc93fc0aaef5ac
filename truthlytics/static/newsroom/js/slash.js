// "/" in an empty line offers everything that can be inserted. What is chosen is a button of the toolbar that is pressed.
import { Extension, Plugin } from "django-prose-editor/editor"

const MORE = { rule: ["Horizontal line", (c) => c.setHorizontalRule()], codeBlock: ["Code block", (c) => c.toggleCodeBlock()] }
const COMMANDS = ["h2", "h3", "bulletList", "orderedList", "blockquote", "pullQuote", "table", "picture", "footnote", "embed", "document", "gate"]

/** What this desk can insert: `{name, label, keys}`, the toolbar's own words. */
function offered() {
  const buttons = COMMANDS.map((name) => [name, document.querySelector(`[data-toolbar] [data-cmd="${name}"]`)]).filter(([, button]) => button)
  const tools = buttons.map(([name, button]) => ({ name, label: button.getAttribute("aria-label") ?? button.textContent.trim(), keys: /\((.*)\)/.exec(button.title)?.[1] ?? "", run: () => button.click() }))
  return [...tools, ...Object.entries(MORE).map(([name, [label, command]]) => ({ name, label, keys: "", command }))]
}

export const InsertMenu = Extension.create({
  name: "insertMenu",
  priority: 300, // Enter and the arrows are the menu's while it is open
  addProseMirrorPlugins() {
    const { editor } = this
    const box = Object.assign(document.createElement("ul"), { id: "insert-menu", className: "insert", hidden: true })
    box.setAttribute("role", "listbox")
    box.setAttribute("aria-label", "Insert")
    let shown = []
    let at = 0
    let dismissed = null // the place where Escape was pressed: not offered there again

    const query = ({ selection }) => {
      const { $from, empty } = selection
      const text = $from.parent.textContent
      return empty && $from.depth === 1 && $from.parent.type.name === "paragraph" && $from.parent.childCount === 1 && $from.parentOffset === text.length ? /^\/([\p{L} ]{0,20})$/u.exec(text)?.[1] ?? null : null
    }
    const close = () => { box.hidden = true; shown = []; for (const name of ["aria-activedescendant", "aria-controls"]) editor.view.dom.removeAttribute(name) }
    const mark = () => {
      ;[...box.children].forEach((item, i) => item.setAttribute("aria-selected", i === at))
      box.children[at]?.scrollIntoView({ block: "nearest" })
      editor.view.dom.setAttribute("aria-activedescendant", box.children[at]?.id ?? "")
    }
    const choose = (i) => {
      const one = shown[i]
      const { $from } = editor.state.selection
      close()
      editor.view.dispatch(editor.state.tr.delete($from.start(), $from.end()))
      if (one.command) one.command(editor.chain().focus()).run()
      else one.run()
    }
    const draw = (words) => {
      const sought = words.toLowerCase()
      shown = offered().filter(({ label }) => label.toLowerCase().split(" ").some((word) => word.startsWith(sought)) || label.toLowerCase().startsWith(sought))
      if (!shown.length) return close()
      at = 0
      box.replaceChildren(...shown.map((one, i) => {
        const item = Object.assign(document.createElement("li"), { id: `insert-${one.name}`, onmousedown: (e) => { e.preventDefault(); choose(i) } })
        item.setAttribute("role", "option")
        item.append(one.label, Object.assign(document.createElement("kbd"), { textContent: one.keys }))
        return item
      }))
      if (!box.isConnected) document.querySelector(".canvas").append(box)
      box.hidden = false
      editor.view.dom.setAttribute("aria-controls", box.id)
      const { left, bottom, top } = editor.view.coordsAtPos(editor.state.selection.from)
      const above = bottom + box.offsetHeight + 8 > innerHeight && top > box.offsetHeight
      // Set one by one: the policy refuses a style that is written as text, not this.
      box.style.left = `${Math.max(8, Math.min(left, innerWidth - box.offsetWidth - 8))}px`
      box.style.top = `${above ? top - box.offsetHeight - 4 : bottom + 4}px`
      mark()
    }
    return [new Plugin({
      view: () => ({
        update: (view, before) => {
          const words = view.hasFocus() ? query(view.state) : null
          if (words === null) { dismissed = null; if (!box.hidden) close() }
          else if (dismissed === null && (box.hidden || !before.doc.eq(view.state.doc))) draw(words)
        },
        destroy: () => box.remove(),
      }),
      props: {
        handleDOMEvents: { blur: () => { close(); return false } },
        handleKeyDown: (_, e) => {
          if (box.hidden || e.isComposing) return false
          const step = { ArrowDown: 1, ArrowUp: -1 }[e.key]
          if (step) { at = (at + step + shown.length) % shown.length; mark() }
          else if (e.key === "Enter" || e.key === "Tab") choose(at)
          else if (e.key === "Escape") { dismissed = true; close() }
          else return false
          e.preventDefault()
          return true
        },
      },
    })]
  },
})
