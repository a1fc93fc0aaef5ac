// Autosave: half a second after the last input, one request at a time, newest state last.
import { fillForm, postInNewTab, readForm, serialise, serialiseContent } from "../shared/form-data.js";
import { formatTime } from "../shared/formats.js";
import * as localDrafts from "../shared/local-drafts.js";
import { hideNotice, showNotice, showPresence } from "../shared/notices.js";
import { askToLogIn, closeDialog, isLoggedIn } from "../shared/relogin.js";

const $ = (selector) => document.querySelector(selector);
const form = $(".canvas").closest("form");
const config = { ...$("#autosave").dataset };
// A random ID per page view. sessionStorage would not do: a duplicated tab inherits it and would overwrite the other one.
const tab = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
  "",
);
const INPUT_DELAY = 500;
const MAX_DELAY = 5000;
const HEARTBEAT_INTERVAL = 20_000;

let lastSent = serialise(readForm(form));
const initial = lastSent;
let sequence = 0;
let firstChangeAt = 0;
let dirty = "invalid" in config;
let failures = 0;
let request = null;
let timer;
let restored = null;
let leaving = false;
let submitting = false;
let dismissed = false;

form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "_tab", value: tab }));
const articleKey = () => config.key ?? form.elements.key.value;
const draftName = () => `${articleKey()}:${tab}`;
const urlOf = (action) => (config.article ? `${config.baseUrl}${config.article}/${action}/` : config.createUrl);

function showStatus(text, tone = "") {
  const box = $("[data-save-status]");
  box.dataset.tone = tone;
  if (box.textContent !== text) box.textContent = text;
}

/** Shows in the side panel that the text on this page is not what was saved. */
function showState() {
  const isUnsaved = dirty || serialiseContent(readForm(form)) !== serialiseContent(savedValues);
  for (const part of document.querySelectorAll("[data-when-saved]")) part.hidden = isUnsaved;
  for (const part of document.querySelectorAll("[data-when-unsaved]")) part.hidden = !isUnsaved;
}

function scheduleSave(delay = INPUT_DELAY) {
  clearTimeout(timer);
  timer = setTimeout(save, delay);
}
function onChange() {
  dirty = true;
  showState();
  firstChangeAt ||= Date.now();
  if (!failures) scheduleSave(Math.max(0, Math.min(INPUT_DELAY, firstChangeAt + MAX_DELAY - Date.now())));
}

/** Returns false if the draft is too large or the browser's storage is blocked. */
const storeLocally = (values) =>
  localDrafts.store(draftName(), {
    values,
    key: articleKey(),
    user: config.user,
    edition: form.elements.based_on.value,
    isNew: !config.article,
    baseUrl: config.baseUrl,
  });

/** Returns the first of two messages if the values could be stored in this browser, else the second. */
const whereKept = (stored, notStored) => (storeLocally(readForm(form)) ? stored : notStored);

/** Resolves to true once the server has the current values; false while they are only in this browser. */
function save(options = {}) {
  clearTimeout(timer);
  request ??= send(options).finally(() => {
    request = null;
  });
  return request;
}

async function send({ takeOver = false, isRetry = false } = {}) {
  const values = readForm(form);
  const text = serialise(values);
  firstChangeAt = 0;
  if (text === lastSent && !takeOver && !restored) {
    dirty = "invalid" in config && sequence === 0;
    if (!dirty) return true;
  }
  storeLocally(values);
  const body = new URLSearchParams(values);
  body.append("_tab", tab);
  body.append("_sequence", ++sequence);
  if (takeOver) body.append("_take", "1");
  if (restored) for (const [field, value] of Object.entries(restored)) body.append(`_${field}`, value);
  const response = await post(urlOf("autosave"), body);
  if (!response || response.status >= 500) return onNotSaved(response);
  failures = 0;
  if (response.type === "opaqueredirect" || response.status === 403)
    return isRetry ? onLoggedOut() : reconnect(() => send({ takeOver, isRetry: true }));
  const data = await response.json().catch(() => ({}));
  if (response.status === 409) return onOtherChanges(data.held);
  if (!response.ok) return onRejected(response.status, data.said);
  return onSaved(text, data);
}

async function post(url, body) {
  try {
    return await fetch(url, {
      method: "POST",
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(15_000),
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
    });
  } catch {
    return null;
  }
}

function onSaved(text, data) {
  restored = null;
  lastSent = text;
  if (!config.article) {
    const previousName = draftName();
    Object.assign(config, { article: data.article, key: articleKey() });
    localDrafts.remove(previousName);
    // The new article now has a URL: reloading and the back button return to it.
    history.replaceState(null, "", data.change);
  }
  dirty = serialise(readForm(form)) !== text;
  if (dirty) scheduleSave();
  else localDrafts.remove(draftName());
  showState();
  showStatus(interpolate(gettext("Saved %(at)s"), { at: data.saved }, true));
  hideNotice("other-changes");
  document.dispatchEvent(
    new CustomEvent("newsroom:autosaved", { detail: { article: config.article, baseUrl: config.baseUrl, tab } }),
  );
  showOthers(data);
  return true;
}

function showOthers(data) {
  showPresence(data.others);
  if (!data.newer) return hideNotice("newer");
  const text = data.newer.own
    ? gettext("You saved this in another window at %(at)s.")
    : gettext("%(by)s saved a newer version at %(at)s.");
  const message = interpolate(text, data.newer, true);
  const isUnchanged = lastSent === initial && !dirty;
  if (isUnchanged) showNotice("newer", message, [[gettext("Load it"), () => location.reload()]]);
  else
    showNotice(
      "newer",
      `${message} ${gettext("Your changes are kept separately; you can merge them when you save.")}`,
      [[gettext("Compare"), `${config.baseUrl}${config.article}/merge/`]],
    );
}

/** Without a connection there is no response. */
function onNotSaved(response) {
  failures += 1;
  const isDiskFull = response?.headers.get("X-Problem") === "disk-full";
  const texts = isDiskFull
    ? [
        gettext("The server’s disk is full. Saved in this browser, retrying"),
        gettext("The server’s disk is full. Keep this window open, retrying"),
      ]
    : response
      ? [
          gettext("The server cannot save now. Saved in this browser, retrying"),
          gettext("The server cannot save now. Keep this window open, retrying"),
        ]
      : [
          gettext("No connection. Saved in this browser, retrying"),
          gettext("No connection. Keep this window open, retrying"),
        ];
  showStatus(whereKept(...texts), "bad");
  scheduleSave(Math.min(30_000, 1000 * 2 ** (failures - 1)));
  return false;
}

function onRejected(status, message) {
  const messages = {
    404: gettext("You can no longer edit this."),
    413: gettext("This is too long for autosave. Save it."),
  };
  showStatus(gettext("Not saved"), "bad");
  const reason = messages[status] ?? gettext("Autosave failed. Save your changes.");
  const kept = whereKept(gettext("They are saved in this browser."), gettext("Keep this window open."));
  showNotice("rejected", message ?? `${reason} ${kept}`);
  return false;
}

function onOtherChanges(at) {
  showStatus(
    whereKept(gettext("Not saved. Saved in this browser"), gettext("Not saved. Keep this window open")),
    "bad",
  );
  const takeOver = () => {
    $("[data-unsaved]")?.remove();
    save({ takeOver: true });
  };
  showNotice(
    "other-changes",
    interpolate(
      gettext(
        "You have other unsaved changes from %(at)s (another tab or an earlier session). What you type here stays in this window until you choose.",
      ),
      { at },
      true,
    ),
    [
      [gettext("Continue here and move the others to the history"), takeOver],
      [gettext("Compare"), `${config.baseUrl}${config.article}/merge/`],
    ],
  );
  return "other-changes";
}

async function reconnect(then) {
  const loggedIn = await isLoggedIn(config.tokenUrl, config.user);
  if (loggedIn === null) return onNotSaved(null);
  if (!loggedIn) return onLoggedOut();
  closeDialog();
  return then();
}

function onLoggedOut() {
  showStatus(
    whereKept(gettext("Logged out. Saved in this browser"), gettext("Logged out. Keep this window open")),
    "bad",
  );
  if (dismissed) return false;
  dismissed = true;
  askToLogIn(async () => {
    if (await isLoggedIn(config.tokenUrl, config.user)) {
      dismissed = false;
      closeDialog();
      save();
    }
  });
  return false;
}

// --- triggers ------------------------------------------------------------------------------------------
for (const type of ["input", "change"]) form.addEventListener(type, onChange);
addEventListener("online", () => {
  if (dirty) save();
});
addEventListener("focus", () => {
  if (dirty && dismissed) save();
});
addEventListener("visibilitychange", () => {
  if (document.hidden && dirty) save();
});
addEventListener("pagehide", () => {
  if (dirty && !leaving) storeLocally(readForm(form));
});
addEventListener("beforeunload", (e) => {
  if (dirty && !leaving) e.preventDefault();
});
form.addEventListener("submit", async (e) => {
  if (leaving) return;
  // Autosave first and check the session, so that nothing is lost if the form cannot be submitted.
  e.preventDefault();
  if (submitting) return; // Enter, or a second click, while this is still waiting
  submitting = true;
  try {
    await submit(e.submitter);
  } finally {
    submitting = false;
  }
});
async function submit(button) {
  dismissed = false;
  // Submitting again while this event is still being dispatched has no effect: wait until it has ended.
  await new Promise((ended) => {
    setTimeout(ended);
  });
  await request;
  const isUnsent = dirty && serialise(readForm(form)) !== lastSent;
  const isSafe = isUnsent
    ? await save()
    : (await isLoggedIn(config.tokenUrl, config.user)) || (await reconnect(() => true));
  if (!isSafe) return;
  clearTimeout(timer);
  leaving = true;
  form.requestSubmit(button);
}
addEventListener("pageshow", (e) => {
  if (e.persisted) leaving = false;
});
async function sendHeartbeat() {
  if (!config.article) return;
  const response = await post(urlOf("presence"), new URLSearchParams({ based_on: form.elements.based_on.value }));
  if (response?.ok) showOthers(await response.json());
  else if (response?.type === "opaqueredirect" && !document.hidden && !request) reconnect(sendHeartbeat);
}
setInterval(sendHeartbeat, HEARTBEAT_INTERVAL);
sendHeartbeat();

// --- unsaved changes of an earlier session -------------------------------------------------------------
const unsaved = $("#unsaved") ? JSON.parse($("#unsaved").textContent) : null;
const unsavedValues = unsaved ? unsaved.fields.flatMap(([field, values]) => values.map((value) => [field, value])) : [];
let savedValues = [];
// The fields of a form that came back with errors: this page continues what the previous one had autosaved.
if (unsaved?.own) restored = { restored_tab: unsaved.tab, restored_sequence: unsaved.sequence };

function restore(values, edition) {
  fillForm(form, values);
  if (edition !== undefined) form.elements.based_on.value = edition;
  dirty = true;
  save();
}
/** Returns the button of a notice that compares `values` with what is saved; none if nothing is saved yet. */
function compareButton(values) {
  if (!config.article) return [];
  const token = ["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value];
  return [[gettext("Compare"), () => postInNewTab(`${config.baseUrl}${config.article}/compare/`, [...values, token])]];
}
/** Says that `values` were restored, and offers to go back to what is saved. */
function showRestored(values, at) {
  showNotice("restored", interpolate(gettext("Unsaved changes from %(at)s restored."), { at }, true), [
    ...compareButton(values),
    [
      gettext("Discard"),
      async () => {
        hideNotice("restored");
        clearTimeout(timer);
        await request;
        if (config.article)
          await post(`${config.baseUrl}${config.article}/merge/drop/`, new URLSearchParams({ tab, sequence }));
        fillForm(form, savedValues);
        clearTimeout(timer);
        lastSent = serialise(readForm(form));
        restored = null;
        dirty = false;
        showState();
        showStatus("");
        showNotice("discarded", gettext("Changes discarded."), [
          [
            gettext("Undo"),
            () => {
              hideNotice("discarded");
              restore(values);
            },
          ],
          [gettext("Close"), () => hideNotice("discarded")],
        ]);
      },
    ],
    [gettext("Close"), () => hideNotice("restored")],
  ]);
}
function restoreUnsaved() {
  restored = { restored_tab: unsaved.tab, restored_sequence: unsaved.sequence };
  $("[data-unsaved]").remove();
  restore(unsavedValues);
  showRestored(unsavedValues, unsaved.at);
}

// A lock per open page shows whether the page that unsaved changes come from is still open in this browser.
const lockName = (name) => `newsroom:editor:${name}`;
navigator.locks?.request(lockName(tab), () => new Promise(() => {}));
async function isOpen(name) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some((lock) => lock.name === lockName(name));
}

async function restoreDrafts() {
  savedValues = readForm(form);
  if (unsaved && !unsaved.own && !unsaved.stale && !("invalid" in config)) {
    const button = $("[data-restore]");
    button.hidden = false;
    button.addEventListener("click", restoreUnsaved);
    if (!(await isOpen(unsaved.tab)) && !dirty) restoreUnsaved();
  }
  restoreLocalDraft();
}
$("#discard-changes")?.addEventListener("submit", async (e) => {
  e.preventDefault();
  const response = await post(e.target.action, new URLSearchParams(new FormData(e.target)));
  if (!response) return showStatus(gettext("No connection"), "bad");
  $("[data-unsaved]").remove();
  showNotice("discarded", gettext("Changes discarded."), [
    [
      gettext("Undo"),
      () => {
        hideNotice("discarded");
        restore(unsavedValues);
      },
    ],
  ]);
});
async function restoreLocalDraft() {
  const drafts = localDrafts
    .all()
    .filter(
      (draft) =>
        draft.user === config.user &&
        (config.article ? draft.key === articleKey() : draft.isNew && draft.baseUrl === config.baseUrl),
    );
  const known = new Set([
    serialiseContent(readForm(form)),
    serialiseContent(savedValues),
    serialiseContent(unsavedValues),
  ]);
  for (const draft of drafts) if (known.has(serialiseContent(draft.values))) localDrafts.remove(draft.name);
  const draft = drafts.find(({ values }) => !known.has(serialiseContent(values)));
  if (!draft) return;
  const at = formatTime(draft.at);
  const accept = () => {
    hideNotice("local-draft");
    localDrafts.remove(draft.name);
    if (draft.isNew && !config.article) form.elements.key.value = draft.key;
    restore(draft.values, draft.edition);
  };
  const isCurrent = config.article && !unsaved && !dirty && draft.edition === form.elements.based_on.value;
  if (isCurrent && !(await isOpen(draft.name.split(":").at(-1)))) {
    accept();
    return showRestored(draft.values, at);
  }
  showNotice("local-draft", interpolate(gettext("This browser has unsaved changes from %(at)s."), { at }, true), [
    ...compareButton(draft.values),
    [gettext("Restore"), accept],
    [
      gettext("Discard"),
      () => {
        localDrafts.remove(draft.name);
        hideNotice("local-draft");
      },
    ],
  ]);
}
const editor = $(".prose-editor .editor-content")?.editor;
if (editor) restoreDrafts();
else document.addEventListener("newsroom:ready", restoreDrafts, { once: true });
if (dirty) scheduleSave();
document.documentElement.dataset.autosaving = "true";
