// While images are on their way into the text, the form waits before it is submitted, and leaving the page asks first.
import { hideNotice, showNotice } from "../shared/notices.js";

const running = new Set();

/** Registers an upload until `promise` ends, and returns `promise`. */
export function whileRunning(promise) {
  running.add(promise);
  const end = () => running.delete(promise);
  promise.then(end, end);
  return promise;
}

let waiting = null; // the form, and the button that was pressed
addEventListener(
  "submit",
  async (e) => {
    if (!running.size || !e.target.querySelector(".prose-editor")) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    const isFirst = !waiting;
    waiting = { form: e.target, button: e.submitter };
    if (!isFirst) return;
    showNotice("waiting-for-images", gettext("The text will be saved when its images are in the library."), [
      [gettext("Save without them"), submit],
    ]);
    while (running.size) await Promise.allSettled(running);
    submit();
  },
  { capture: true },
);
function submit() {
  hideNotice("waiting-for-images");
  if (!waiting) return;
  const { form, button } = waiting;
  waiting = null;
  running.clear();
  form.requestSubmit(button);
}
addEventListener("beforeunload", (e) => {
  if (running.size) e.preventDefault();
});
