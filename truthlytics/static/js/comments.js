// Progressive enhancement for comments: replies, edits and reports open under the comment instead of on a page of
// their own, and "More comments" adds the next page below. Every link works without this script.
const section = document.querySelector("#comments");
const INLINE = ".comment__footer a[data-inline]";

async function fetchPage(url) {
  const response = await fetch(url);
  return response.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
}

async function openForm(link) {
  const footer = link.closest(".comment__footer");
  const open = footer.nextElementSibling?.matches(".comment__form") ? footer.nextElementSibling : null;
  open?.remove();
  if (open?.dataset.for === link.href) return link.focus();
  const form = (await fetchPage(link.href))?.querySelector("main form.boxed-form");
  if (!form) return location.assign(link.href);
  if (!form.hasAttribute("action")) form.action = link.href;
  // Each form may be open beside others on the page, so its ids must differ from theirs.
  for (const element of form.querySelectorAll("[id]")) element.id = `inline-${element.id}`;
  for (const name of ["for", "aria-describedby"]) {
    for (const element of form.querySelectorAll(`[${name}]`)) element.setAttribute(name, `inline-${element.getAttribute(name)}`);
  }
  const holder = document.createElement("div");
  holder.className = "comment__form";
  holder.dataset.for = link.href;
  holder.append(form);
  footer.after(holder);
  holder.querySelector("textarea, select, input:not([type=hidden]), button")?.focus();
}

async function addPage(link) {
  link.setAttribute("aria-busy", "true");
  const next = (await fetchPage(link.href))?.querySelector("#comments");
  const list = next?.querySelector(".thread__list");
  if (!list) return location.assign(link.href);
  const added = [...list.children];
  section.querySelector(".thread__list").append(...added);
  const more = next.querySelector(".thread__more");
  if (more) link.replaceWith(more);
  else link.remove();
  added[0]?.querySelector("a")?.focus();
  document.dispatchEvent(new CustomEvent("comments:added"));
}

section?.addEventListener("click", (event) => {
  const link = event.target.closest(`${INLINE}, a.thread__more`);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const action = link.matches(INLINE) ? openForm : addPage;
  action(link).catch(() => location.assign(link.href));
});
section?.addEventListener("keydown", (event) => {
  const holder = event.key === "Escape" && event.target.closest(".comment__form");
  if (!holder) return;
  holder.previousElementSibling.querySelector(`a[href="${CSS.escape(new URL(holder.dataset.for).pathname)}"]`)?.focus();
  holder.remove();
});
