// Shared by the article and page editors: Ctrl S, growing text fields, title in the editor bar, word count.
import { formatNumber } from "../shared/formats.js";
import { hideNotice, showNotice } from "../shared/notices.js";

const $ = (selector, root = document) => root.querySelector(selector);
export const form = $(".canvas").closest("form");
const WORDS_PER_MINUTE = 230;
// Milliseconds. Without one of its files, the editor looks complete and does not work.
const LATE = 15_000;

document.addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && !e.shiftKey && e.key.toLowerCase() === "s") {
    e.preventDefault();
    form.requestSubmit($("[name=_save]"));
  }
});

for (const area of document.querySelectorAll("[data-grow]")) {
  const grow = () => {
    if (CSS.supports("field-sizing", "content")) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  };
  area.addEventListener("input", grow);
  area.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || e.isComposing) return;
    e.preventDefault();
    const next = area.id === "id_headline" ? $("#id_standfirst") : ($(".editor-content") ?? $("#id_body"));
    next.focus();
  });
  grow();
}
const title = $("[data-document-title]");
const defaultTitle = title.dataset.documentTitle || gettext("New article");
form.elements.headline.addEventListener("input", () => {
  title.textContent = form.elements.headline.value || defaultTitle;
});

const sayWhatIsMissing = () => {
  if (document.documentElement.dataset.ready) return;
  const reload = [gettext("Reload"), () => location.reload()];
  showNotice("not-loaded", gettext("The editor has not loaded completely. Check your connection and reload."), [
    reload,
  ]);
  document.addEventListener("newsroom:ready", () => hideNotice("not-loaded"), { once: true });
};
addEventListener("load", () => setTimeout(sayWhatIsMissing, LATE));

// A new article starts in the headline.
if (!form.elements.headline.value && document.activeElement === document.body) form.elements.headline.focus();

// Counts what `count_words` in articles/richtext/rendering.py counts: no captions, no footnotes.
const LINES = "p, h2, h3, h4, pre";
const text = (node) =>
  node.nodeName === "BR" ? " " : node.nodeType === Node.TEXT_NODE ? node.data : [...node.childNodes].map(text).join("");
export const wordCount = (block) =>
  (block.matches(LINES) ? [block] : [...block.querySelectorAll(LINES)]).reduce(
    (sum, line) => sum + text(line).split(/\s+/).filter(Boolean).length,
    0,
  );

/** Shows the word count now and after changes, and calls `onCount(blocks, total)`. Returns a function that recounts. */
export function watchWordCount(onCount = () => {}) {
  let timer, content;
  const count = () => {
    const blocks = [...content.children];
    const total = blocks.reduce((sum, block) => sum + wordCount(block), 0);
    $("[data-word-count]").hidden = false;
    const minutes = Math.max(1, Math.round(total / WORDS_PER_MINUTE));
    const message = ngettext("%(total)s word · %(minutes)s min", "%(total)s words · %(minutes)s min", total);
    $("[data-word-count]").textContent = interpolate(message, { total: formatNumber(total), minutes }, true);
    onCount(blocks, total);
  };
  const scheduleCount = () => {
    clearTimeout(timer);
    if (content) timer = setTimeout(count, 150);
  };
  const watch = (editor) => {
    content = editor.view.dom;
    editor.on("update", scheduleCount);
    count();
    document.documentElement.dataset.ready = "true";
  };
  document.addEventListener("newsroom:ready", (e) => watch(e.detail.editor));
  const editor = $(".prose-editor .editor-content")?.editor;
  if (editor) watch(editor);
  return scheduleCount;
}
