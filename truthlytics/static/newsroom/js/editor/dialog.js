// Helpers of the editor's dialogs.
export const $ = (selector, root = document) => root.querySelector(selector);
export const create = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/** Opens `dialog`. The returned function closes it and passes a value to `done`; Escape passes null. */
export function openDialog(dialog, done) {
  let isPending = true;
  const answer = (value) => {
    if (!isPending) return;
    isPending = false;
    if (dialog.open) dialog.close();
    done(value);
  };
  // The event comes later: by then the dialog may be open again, with another question.
  dialog.onclose = () => dialog.open || answer(null);
  dialog.showModal();
  return answer;
}
