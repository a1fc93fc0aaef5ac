// The words of the desk's form: taken out of it, and put back.
const NOT_WORDS = /^(csrfmiddlewaretoken$|_)/
const ROWS_OWN = /(^key$|^based_on$|^seen$|-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$|-id$|^bylines-\d+-article$)/

/** Names and values as the form would send them, in its order. */
export function collect(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_WORDS.test(name))
}
export const asText = (words) => new URLSearchParams(words).toString()
/** `words` without what the form says of itself: two forms with the same text in them are the same. */
export const textAlone = (words) => asText(words.filter(([name]) => !ROWS_OWN.test(name)))

/** Puts `words` into the form; what is not among them is emptied, where it is a box that can be ticked. */
export function fill(form, words) {
  const values = new Map()
  for (const [name, value] of words) values.set(name, [...(values.get(name) ?? []), value])
  for (const element of form.elements) {
    const { name } = element
    if (!name || NOT_WORDS.test(name) || ROWS_OWN.test(name)) continue
    if (element.type === "checkbox" || element.type === "radio") element.checked = (values.get(name) ?? []).includes(element.value)
    else if (values.has(name)) put(element, values.get(name))
    else continue
    for (const type of ["input", "change"]) element.dispatchEvent(new Event(type, { bubbles: true }))
  }
}

function put(element, [...given]) {
  if (element.tagName === "SELECT") {
    for (const value of given) if (![...element.options].some((option) => option.value === value)) element.add(new Option("Previous choice", value))
    for (const option of element.options) option.selected = given.includes(option.value)
    if (element.value) element.closest("[data-spare]")?.removeAttribute("hidden")
    return
  }
  element.value = given[0]
  element.closest(".prose-editor")?.querySelector(".tiptap")?.editor?.commands.setContent(given[0])
}
