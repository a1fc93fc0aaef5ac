// Forms without autosave: input stays in this browser until it was saved. Ctrl S saves.
import { fillForm, readForm, serialiseContent } from "./form-data.js";
import { formatTime } from "./formats.js";
import * as localDrafts from "./local-drafts.js";
import { hideNotice, showNotice } from "./notices.js";
import { keep, recall } from "./session.js";

const SUBMITTED_KEY = "newsroom:submitted";
const INPUT_DELAY = 300;
const $ = (selector) => document.querySelector(selector);
const { user } = $("#form-recovery").dataset;
const pageUrl = location.href.split("#")[0];
const hasErrors = $(".errornote, .errorlist, .box[role=alert]") !== null;

removeSubmittedDraft();
const form =
  $("[data-notices]") && !$("#autosave") ? $(".change-form #content-main > form, form[data-recoverable]") : null;
if (form?.matches(":has([name=_save]), [data-recoverable]")) {
  // The rich text editor replaces its text field a moment after the page has loaded.
  const isLoading =
    form.querySelector("[data-django-prose-editor-configurable]") && !form.querySelector(".editor-content");
  if (isLoading) document.addEventListener("newsroom:ready", start, { once: true });
  else start();
}

/** Removes the draft of a submitted form once the next page has loaded without errors. */
function removeSubmittedDraft() {
  const submitted = recall(SUBMITTED_KEY);
  if (!submitted || $("[data-recovered-form]")) return;
  keep(SUBMITTED_KEY, null);
  const isResponse =
    performance.getEntriesByType("navigation")[0]?.type === "navigate" && document.referrer === submitted.from;
  if (isResponse && !hasErrors) localDrafts.remove(submitted.name);
}

function start() {
  const name = `${pageUrl}:${crypto.randomUUID?.() ?? Math.random()}`;
  const values = () => readForm(form).filter(([field]) => !/^(password|hidden)$/.test(form.elements[field]?.type));
  const initial = hasErrors ? null : serialiseContent(values());
  let timer;
  const store = () => {
    clearTimeout(timer);
    if (serialiseContent(values()) === initial) return localDrafts.remove(name);
    return localDrafts.store(name, { form: pageUrl, user, values: values() });
  };
  for (const type of ["input", "change"])
    form.addEventListener(type, () => {
      clearTimeout(timer);
      timer = setTimeout(store, INPUT_DELAY);
    });
  addEventListener("pagehide", store);
  form.addEventListener("submit", (e) => {
    const isStored = store();
    if (navigator.onLine) keep(SUBMITTED_KEY, { name, from: pageUrl });
    else {
      e.preventDefault();
      hideNotice("offline");
      showNotice(
        "offline",
        isStored
          ? gettext("No connection. Your changes are kept in this browser; save when you are back online.")
          : gettext("No connection. Keep this window open; save when you are back online."),
      );
    }
  });
  addEventListener("online", () => hideNotice("offline"));
  document.addEventListener("keydown", (e) => {
    const saveButton = form.querySelector("[name=_continue]") ?? form.querySelector("[name=_save], [data-save]");
    if (!saveButton || !(e.ctrlKey || e.metaKey) || e.shiftKey || e.key.toLowerCase() !== "s") return;
    e.preventDefault();
    form.requestSubmit(saveButton);
  });
  offerDraft(name, serialiseContent(values()), store);
  if (hasErrors) store();
  document.documentElement.dataset.recovering = "true";
}

function offerDraft(ownName, shown, store) {
  const drafts = localDrafts
    .all()
    .filter((draft) => draft.form === pageUrl && draft.user === user && draft.name !== ownName);
  for (const draft of drafts) if (serialiseContent(draft.values) === shown) localDrafts.remove(draft.name);
  const draft = drafts.find(({ values }) => serialiseContent(values) !== shown);
  if (!draft || hasErrors) return;
  const at = formatTime(draft.at);
  const done = () => {
    localDrafts.remove(draft.name);
    hideNotice("local-draft");
  };
  showNotice("local-draft", interpolate(gettext("This browser has unsaved changes from %(at)s."), { at }, true), [
    [
      gettext("Restore"),
      () => {
        fillForm(form, draft.values);
        store();
        done();
      },
    ],
    [gettext("Discard"), done],
  ]);
}
