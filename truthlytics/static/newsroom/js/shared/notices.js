// Notices above the form, in a polite live region, with buttons for what the user can do about them.
const CLOSE = gettext("Close");
const shown = new Map();

/**
 * Shows a notice and replaces the one of the same `name`. `actions` are [label, function or URL]; each notice can be
 * closed. A closed one is not repeated until its text changes or `hideNotice` says that its reason has gone.
 */
export function showNotice(name, text, actions = []) {
  const previous = shown.get(name);
  if (previous?.text === text) return;
  previous?.box.remove();
  const closable = actions.some(([label]) => label === CLOSE)
    ? actions
    : [...actions, [CLOSE, () => shown.get(name).box.remove()]];
  const box = Object.assign(document.createElement("div"), { className: "unsaved-notice" });
  const message = Object.assign(document.createElement("p"), { textContent: text });
  const buttons = Object.assign(document.createElement("p"), { className: "unsaved-notice__buttons" });
  buttons.append(
    ...closable.map(([label, action]) => {
      if (typeof action === "string")
        return Object.assign(document.createElement("a"), {
          className: "btn btn--small",
          href: action,
          textContent: label,
        });
      const button = Object.assign(document.createElement("button"), {
        type: "button",
        className: "btn btn--small",
        textContent: label,
      });
      button.addEventListener("click", action);
      return button;
    }),
  );
  box.append(message, buttons);
  document.querySelector("[data-notices]").append(box);
  shown.set(name, { text, box });
}
export function hideNotice(name) {
  shown.get(name)?.box.remove();
  shown.delete(name);
}
const list = new Intl.ListFormat(document.documentElement.lang);
/** Shows who else has the article open. */
export function showPresence(names) {
  const box = document.querySelector("[data-presence]");
  const message = ngettext("%(names)s also has this open", "%(names)s also have this open", names.length);
  const text = names.length ? interpolate(message, { names: list.format(names) }, true) : "";
  if (box.textContent !== text) box.textContent = text;
}
