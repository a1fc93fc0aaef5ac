// Read the values of an editor form, and write them back.
const INTERNAL_FIELDS = /^(csrfmiddlewaretoken$|_)/;
const STATE_FIELDS = /(^key$|^based_on$|^seen$|-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$|-id$|^bylines-\d+-article$)/;

/** Returns [name, value] pairs as the form would submit them, in order. */
export function readForm(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !INTERNAL_FIELDS.test(name));
}
export const serialise = (values) => new URLSearchParams(values).toString();
/** Serialises `values` without the form's own state, so that equal content compares as equal. */
export const serialiseContent = (values) => serialise(values.filter(([name]) => !STATE_FIELDS.test(name)));

/** Posts `values` to `url` in another tab. */
export function postInNewTab(url, values) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: url, target: "_blank" });
  form.hidden = true;
  form.append(
    ...values.map(([name, value]) => Object.assign(document.createElement("input"), { type: "hidden", name, value })),
  );
  document.body.append(form);
  form.submit();
  form.remove();
}

/** Writes `values` into the form; unchecks boxes that are not among them. */
export function fillForm(form, pairs) {
  const values = new Map();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  for (const element of form.elements) {
    const { name } = element;
    if (!name || INTERNAL_FIELDS.test(name) || STATE_FIELDS.test(name)) continue;
    if (element.type === "checkbox" || element.type === "radio")
      element.checked = (values.get(name) ?? []).includes(element.value);
    else if (values.has(name)) setValue(element, values.get(name));
    else continue;
    for (const type of ["input", "change"]) element.dispatchEvent(new Event(type, { bubbles: true }));
  }
}

function setValue(element, [...values]) {
  if (element.tagName === "SELECT") {
    for (const value of values)
      if (![...element.options].some((option) => option.value === value))
        element.add(new Option(gettext("Previous choice"), value));
    for (const option of element.options) option.selected = values.includes(option.value);
    if (element.value) element.closest("[data-extra-row]")?.removeAttribute("hidden");
    return;
  }
  element.value = values[0];
  element.closest(".prose-editor")?.querySelector(".tiptap")?.editor?.commands.setContent(values[0]);
}
