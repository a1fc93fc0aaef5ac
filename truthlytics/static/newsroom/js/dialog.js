// What the dialogs of the desk are made with.
export const $ = (selector, root = document) => root.querySelector(selector)
export const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** Shows `dialog`; `answer(value)` closes it and hands the value on at once, Escape hands on null. */
export function open(dialog, done) {
  let waiting = true
  const answer = (value) => {
    if (!waiting) return
    waiting = false
    if (dialog.open) dialog.close()
    done(value)
  }
  dialog.onclose = () => answer(null)
  dialog.showModal()
  return answer
}
