// Progressive enhancement for comments: forms open under the comment and are sent without leaving the article, and more
// comments are added where they belong. Every link and form works without this script.
const section = document.querySelector("#comments");
const INLINE = ".comment__footer a[data-inline]";
const MORE = "a.thread__more, a.comment__more";
const JSON_TYPE = "application/json";
const REPLIES = ":scope > .comment__replies";
let forms = 0;

const status = document.createElement("p");
status.className = "visually-hidden";
status.setAttribute("role", "status");
section?.append(status);

/** Have screen readers say `text`, even if it is the same as before. */
function announce(text) {
  status.textContent = "";
  setTimeout(() => {
    status.textContent = text;
  }, 100);
}

async function fetchPage(url) {
  const response = await fetch(url);
  return response.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
}

/** Move the focus to a comment or message, and scroll only if it is out of sight. */
function focusOn(element) {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  (element.querySelector(":scope > .comment__head") ?? element).scrollIntoView({ block: "nearest" });
}

// --- forms ------------------------------------------------------------------------------------------------

/** Return `form`, from the page at `url`, so that it fits among the other forms of this page. */
function adopt(form, url) {
  if (!form.hasAttribute("action")) form.action = url;
  forms += 1;
  const prefix = `inline-${forms}-`;
  for (const element of form.querySelectorAll("[id]")) element.id = prefix + element.id;
  for (const name of ["for", "aria-describedby"]) {
    for (const element of form.querySelectorAll(`[${name}]`)) {
      element.setAttribute(
        name,
        element
          .getAttribute(name)
          .split(" ")
          .map((id) => prefix + id)
          .join(" "),
      );
    }
  }
  form.removeAttribute("id");
  return form;
}

const formsOf = (comment) => [...comment.children].filter((child) => child.matches(".comment__form"));

async function openForm(link) {
  const footer = link.closest(".comment__footer");
  let holder = formsOf(footer.parentElement).find((candidate) => candidate.dataset.for === link.href);
  if (holder && !holder.hidden) return closeForm(holder);
  if (!holder) {
    const form = (await fetchPage(link.href))?.querySelector("main form.boxed-form");
    if (!form) return location.assign(link.href);
    holder = document.createElement("div");
    holder.className = "comment__form";
    holder.dataset.for = link.href;
    holder.append(adopt(form, link.href));
    footer.after(holder);
    document.dispatchEvent(new CustomEvent("comments:form", { detail: form }));
  }
  // Closed forms keep what was typed.
  for (const other of formsOf(footer.parentElement)) other.hidden = other !== holder;
  holder.querySelector("textarea[name=text], select, input:not([type=hidden]), button")?.focus();
}

function closeForm(holder) {
  holder.hidden = true;
  [...holder.parentElement.querySelectorAll(":scope > .comment__footer a")]
    .find((link) => link.href === holder.dataset.for)
    ?.focus();
}

/** The element around a form that also has the messages about it. */
function slotOf(form) {
  const slot = form.closest(".comment__form, [data-slot]");
  if (slot) return slot;
  const wrapper = document.createElement("div");
  wrapper.dataset.slot = "";
  form.replaceWith(wrapper);
  wrapper.append(form);
  return wrapper;
}

function showMessages(form, messages) {
  const slot = slotOf(form);
  for (const old of slot.querySelectorAll(":scope > .notice")) old.remove();
  slot.prepend(...messages);
  // The focus makes screen readers read the message, so an alert would be read twice.
  for (const message of messages) message.removeAttribute("role");
  if (messages.length) focusOn(messages[0]);
  else form.querySelector("[aria-invalid=true], textarea[name=text], input:not([type=hidden]), button")?.focus();
}

function noticeOf(text) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.textContent = text;
  return notice;
}

function complain(form, text) {
  const message = noticeOf(text);
  message.classList.add("notice--error");
  showMessages(form, [message]);
}

/** Show the form as the server returned it, with its errors and what was typed. */
function redisplay(form, page) {
  const fresh = page.querySelector("main form.boxed-form");
  if (!fresh) return complain(form, form.dataset.refused);
  const messages = [...page.querySelectorAll("main .notice")];
  const id = form.id;
  slotOf(form);
  form.replaceWith(adopt(fresh, form.action));
  fresh.id = id;
  document.dispatchEvent(new CustomEvent("comments:form", { detail: fresh }));
  showMessages(fresh, messages);
}

async function send(form) {
  if (form.dataset.sending) return;
  form.dataset.sending = "";
  form.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: JSON_TYPE } });
    if (response.headers.get("Content-Type")?.startsWith(JSON_TYPE)) await finish(form, await response.json());
    else if (response.redirected) location.assign(response.url);
    else redisplay(form, new DOMParser().parseFromString(await response.text(), "text/html"));
  } catch {
    complain(form, form.dataset.unreachable);
  } finally {
    delete form.dataset.sending;
    form.removeAttribute("aria-busy");
  }
}

// --- comments ---------------------------------------------------------------------------------------------

function repliesOf(comment) {
  const replies = comment.querySelector(REPLIES);
  if (replies) return replies;
  const list = document.createElement("ol");
  list.className = "comment__replies";
  const more = comment.querySelector(":scope > .comment__more");
  if (more) more.before(list);
  else comment.append(list);
  return list;
}

/** Update a comment on this page, but not its replies and the forms that are open under it. */
function update(comment, fresh) {
  comment.className = fresh.className;
  const parts = (of) =>
    [...of.children].filter((part) => !part.matches(".comment__replies, .comment__form, .comment__more"));
  for (const part of parts(comment)) part.remove();
  comment.prepend(...parts(fresh));
}

/** Insert a new comment where its own page has it. Returns whether that place is on this page. */
function insert(fresh) {
  const parent = fresh.parentElement.closest(".comment");
  const above = parent && document.getElementById(parent.id);
  const list = parent ? above && repliesOf(above) : section.querySelector(".thread__list");
  if (!list) return false;
  const sort = parent ? null : new URLSearchParams(location.search).get("sort");
  if (sort) {
    // The newest comes first, and last where the most helpful come first: nobody has voted for it.
    if (sort === "newest") list.prepend(fresh);
    else list.append(fresh);
    return true;
  }
  const here = (sibling) => sibling?.id && [...list.children].find((item) => item.id === sibling.id);
  const [before, after] = [here(fresh.previousElementSibling), here(fresh.nextElementSibling)];
  if (before) before.after(fresh);
  else if (after) after.before(fresh);
  else if (fresh.previousElementSibling) list.append(fresh);
  else list.prepend(fresh);
  return true;
}

/** The parts of a section between its title and its comments: the form, or why there is none. */
function introduction(of) {
  const parts = [...of.children];
  const end = parts.findIndex((part) => part.matches(".thread__bar, .thread__list"));
  return parts.slice(1, end < 0 ? undefined : end).filter((part) => part !== status);
}

/** Show the comment at `url` after the server has stored what `form` sent. */
async function finish(form, { url, comment: id, message, changed }) {
  const holder = form.closest(".comment__form");
  if (!changed) return thank(holder, message);
  const page = await fetchPage(url).catch(() => null);
  const thread = page?.querySelector("#comments");
  if (!thread) return location.assign(url);
  const fresh = thread.querySelector(`#comment-${id}`);
  const shown = document.getElementById(`comment-${id}`);
  let target = shown;
  const neighbour = shown?.previousElementSibling ?? shown?.parentElement.closest(".comment");
  if (shown && fresh) update(shown, fresh);
  else if (shown) {
    shown.remove();
    target = neighbour ?? section.querySelector(".thread__title");
  } else if (fresh && !section.querySelector(".thread__list")) {
    section.append(
      ...[...thread.children].slice([...thread.children].findIndex((part) => part.matches(".thread__bar"))),
    );
    section.append(status);
    target = document.getElementById(`comment-${id}`);
  } else if (fresh && insert(fresh)) target = fresh;
  else return location.assign(url);
  const [count, newCount] = [section, thread].map((of) => of.querySelector(".thread__bar > span"));
  if (count && newCount) count.textContent = newCount.textContent;
  if (holder) holder.remove();
  else {
    const [old, next] = [introduction(section), introduction(thread)];
    old[0].before(...next);
    for (const part of old) part.remove();
    const write = section.querySelector("#write");
    if (write) document.dispatchEvent(new CustomEvent("comments:form", { detail: write }));
  }
  document.dispatchEvent(new CustomEvent("comments:added"));
  if (target.matches(".comment--waiting")) target.prepend(messageBox(message));
  focusOn(target);
  announce(message);
}

function messageBox(text) {
  const box = document.createElement("div");
  box.className = "messages";
  box.append(noticeOf(text));
  return box;
}

/** Show the message where the form was: nothing else changes on the page. */
function thank(holder, message) {
  const notice = noticeOf(message);
  holder.replaceChildren(notice);
  focusOn(notice);
}

/** Add the comments of `list` that are not on this page to `into`, or to the comments that they reply to. */
function merge(list, into) {
  const added = [];
  for (const item of [...list.children]) {
    const known = item.id && document.getElementById(item.id);
    if (!known) {
      into.append(item);
      added.push(item);
    } else {
      const replies = item.querySelector(REPLIES);
      if (replies) added.push(...merge(replies, repliesOf(known)));
    }
  }
  return added;
}

async function addPage(link) {
  const next = (await fetchPage(link.href))?.querySelector("#comments");
  const list = next?.querySelector(".thread__list");
  if (!list) return location.assign(link.href);
  const conversation = link.closest(".comment")?.id;
  const linkOf = (comment) =>
    [...comment.querySelectorAll(MORE)].find((more) => more.closest(".comment")?.id === conversation);
  const more = linkOf(next);
  more?.remove();
  const added = merge(list, section.querySelector(".thread__list"));
  if (more) link.replaceWith(more);
  else link.remove();
  document.dispatchEvent(new CustomEvent("comments:added"));
  if (!added.length) return;
  focusOn(added[0]);
  const count = added.reduce((sum, item) => sum + 1 + item.querySelectorAll(".comment").length, 0);
  announce(`${link.textContent.trim()}: ${count}`);
}

// --- votes and picks --------------------------------------------------------------------------------------

const post = (button) => {
  const body = new URLSearchParams(new FormData(button.form));
  if (button.name) body.append(button.name, button.value);
  return fetch(button.formAction, { method: "POST", body, headers: { Accept: JSON_TYPE } });
};

/** Show under a comment why a button of it had no effect. */
function warn(button, text) {
  const footer = button.closest(".comment__footer");
  footer.querySelector("[data-warning]")?.remove();
  const warning = document.createElement("span");
  warning.className = "comment__status";
  warning.dataset.warning = "";
  warning.textContent = text;
  footer.append(warning);
  announce(text);
}

/** Show the vote at once, and take it back if the server refuses it. */
async function vote(button) {
  if (button.dataset.sending) return;
  button.dataset.sending = "yes";
  const count = button.querySelector("b") ?? document.createElement("b");
  const before = { voted: button.ariaPressed === "true", count: Number(count.textContent) };
  const show = ({ voted, count: number }) => {
    button.setAttribute("aria-pressed", String(voted));
    count.textContent = number;
    if (number) button.append(" ", count);
    else count.remove();
  };
  show({ voted: !before.voted, count: Math.max(0, before.count + (before.voted ? -1 : 1)) });
  try {
    const response = await post(button);
    const result = await response.json();
    show(response.ok ? result : before);
    if (!response.ok) warn(button, result.error);
  } catch {
    show(before);
    warn(button, button.form.dataset.unreachable);
  } finally {
    delete button.dataset.sending;
  }
}

async function pick(button) {
  const comment = button.closest(".comment");
  const page = new DOMParser().parseFromString(await (await post(button)).text(), "text/html");
  const fresh = page.getElementById(comment.id);
  if (!fresh) return location.reload();
  update(comment, fresh);
  focusOn(comment);
  announce(page.querySelector(".messages")?.textContent.trim() ?? "");
}

section?.addEventListener("click", (event) => {
  const link = event.target.closest(`${INLINE}, ${MORE}`);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const action = link.matches(INLINE) ? openForm : addPage;
  if (link.hasAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  const done = () => link.removeAttribute("aria-busy");
  action(link)
    .finally(done)
    .catch(() => {
      // The page of the link would take the place of what was typed here.
      const typed = [...section.querySelectorAll("textarea")].find((text) => text.value);
      if (typed?.form.dataset.unreachable) complain(typed.form, typed.form.dataset.unreachable);
      else location.assign(link.href);
    });
});
section?.addEventListener("keydown", (event) => {
  const holder = event.key === "Escape" && !event.defaultPrevented && event.target.closest(".comment__form");
  if (holder) closeForm(holder);
});
section?.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const isButton = form.id === "comment-buttons";
  if (!isButton && !form.matches("[data-in-place]")) return;
  event.preventDefault();
  if (!isButton) send(form);
  else if (submitter.hasAttribute("aria-pressed")) vote(submitter);
  else pick(submitter).catch(() => location.reload());
});

// Only readers who may comment have a form.
if (section?.querySelector("form[data-offer]")) {
  import("./comment-quote.js");
  import("./comment-mentions.js");
}
