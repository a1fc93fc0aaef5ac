// What an honest page is made of: the elements, attributes and classes that a page of this software has. What is not
// listed here can hide words, show others or move them. truthlytics/transparency/outside/shape.py has the same lists.

// For each part of a page: its elements, each with the attributes and .classes that it may have.
const INLINE = `strong; em; code; s; sup; sub; br; a href rel title`;
const PICTURE = `picture; source type srcset sizes; img src srcset sizes alt width height loading decoding fetchpriority
    .focus-x-0 .focus-x-1 .focus-x-2 .focus-x-3 .focus-x-4`;
export const PARTS = {
  frame: `html lang dir; body; main id .container; article data-article data-version data-read .article;
        div id .article-grid .article-grid__full .article-grid__text .article-grid__wide .article-grid__sidebar
        .article__tools .ruled .dossier .dossier__intro; header .page-header .article-grid__wide;
        section aria-labelledby`,
  title: "h1 lang dir .page-header__title .page-header__title--long",
  label: "div .article__label; p .label .dotted .label__definition .article__part; span; a href",
  standfirst: "p lang dir .page-header__standfirst",
  byline: "div .byline; p; a href; b; bdi; br; span .dotted",
  log: "ul aria-label .version-log; li; a href; time datetime",
  dates: `div .page-history .dossier__history; li; a href; time datetime; p; details;
        summary; ol`,
  changes: `section id aria-labelledby .corrections .changes .changes--closing; h2 id; ol; li .superseded;
        time datetime; span .visually-hidden .changed-facts; a href .changes__version; em; b`,
  figure: `figure .figure .figure--lead .figure--tall .figure--wide .figure--aside .figure--small .article__lead
        .article-grid__full; ${PICTURE}; figcaption lang dir .figure__caption; span .figure__credit; p; ${INLINE};
        h2 id dir; h3 id dir; h4 id dir; hr; sup id .cite; b; a href rel title role aria-label;
        small aria-hidden .sidenote`,
  text: `div lang tabindex role aria-label .prose .prose--complete .prose--page .article__paid .dossier__summary
        .table .table__scroll .embed .embed--video .gallery .gallery--2 .gallery--3 .gallery--4 .gallery--5 .gallery--6;
        p dir; h2 id dir; h3 id dir; h4 id dir; ul dir; ol start dir; li dir; blockquote dir; pre tabindex; hr;
        table; thead; tbody; tfoot; tr; th scope colspan rowspan dir .figures .words;
        td colspan rowspan dir .figures .words; aside role aria-label .pullquote .callout; footer; b;
        small aria-hidden .sidenote .embed__site .embed__where .embed__credit; span .embed__title .embed__title--bare;
        strong; em; code; s; sup id .cite; sub; br;
        a href rel title role aria-label target .embed__link .button; ${PICTURE}`,
  endnotes: `section role aria-labelledby .endnotes; h2 id; ol lang; li id; a href rel role;
        span .visually-hidden`,
  answers: `section aria-labelledby .how-we-know; h2 id; dl; div; dt; dd lang dir data-ai-uses data-review
        data-outside-record;
        span lang dir; bdi; time datetime`,
  sources: `section aria-labelledby .sources; h2 id; ol; li; div .dotted; a href rel lang; span lang
        .visually-hidden; small`,
  address: "p .article__url",
  heading: "h2 id .entries__month",
  reason: "div .removed-text; p .removed-text",
  entries: `ol .entries .entries--large .entries--dated; li .entry .entry--pictured; time datetime .entry__date;
        div; p dir lang .entry__description .entry__meta .entry__text .dotted; h3 lang dir .entry__headline; bdi;
        span .label .entry__kind; small; strong .corrected; a href rel tabindex aria-hidden lang
        .entry__image; ${PICTURE}`,
  audio: "div .audio-player; p id; span .figures; audio controls preload aria-labelledby src",
};
const VALUES = {
  id: /^\S{1,200}$/,
  lang: /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/,
  href: /^(https?:\/\/|mailto:|\/|#|\?)/,
  src: /^(https?:\/)?\//,
  srcset: /^(https?:\/)?\//,
  rel: /^(noopener|next|prev|first)$/,
  target: /^_blank$/,
  type: /^image\/(avif|webp|jpeg)$/,
  tabindex: /^(0|-1)$/,
  role: /^(doc-noteref|doc-backlink|doc-endnotes|note|region)$/,
  scope: /^(col|row)$/,
  "aria-hidden": /^true$/,
};
// Neither comments nor instructions.
const KNOWN = new Set([Node.ELEMENT_NODE, Node.TEXT_NODE]);
// Hebrew, Arabic and the like.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
// Attributes that only elements of one class have, and where words for screen readers alone are.
const ONLY = { "small aria-hidden": ".sidenote", "a aria-hidden": ".entry__image" };
const HIDDEN = "a > span, table > caption";
// What changes a page as a whole, wherever it stands. Pages for readers are made without.
const ANYWHERE = "style, [style], base, meta[http-equiv], iframe, frame, frameset, object, embed, portal, [srcdoc]";
const OF_PAGE = "script, main, .skip, .masthead, .footer, .messages, [data-outside-record]";

function listed(text) {
  const rows = text.split(";").map((part) => part.trim().split(/\s+/));
  return Object.fromEntries(rows.map(([tag, ...names]) => [tag, new Set(names)]));
}

const ALLOWED = Object.fromEntries(Object.entries(PARTS).map(([part, text]) => [part, listed(text)]));

// Return what an honest page does not have of this element, which is in this part of a page, or "".
export function problemIn(part, element) {
  const tag = element.localName;
  const allowed = ALLOWED[part][tag];
  if (!allowed) return `<${tag}>`;
  for (const { name, value } of element.attributes) {
    const unknown = name === "class" ? Array.from(element.classList).find((one) => !allowed.has(`.${one}`)) : undefined;
    if (unknown) return `<${tag} class="${unknown}">`;
    if (name !== "class" && !(allowed.has(name) && fits(element, name, value))) return shown(element, name);
  }
  const other = Array.from(element.childNodes).find((node) => !KNOWN.has(node.nodeType));
  if (other) return `<!--${other.data.slice(0, 60)}-->`;
  const isHidden = element.matches(".visually-hidden") && !element.matches(HIDDEN);
  return isHidden ? shown(element, "class") : "";
}

function fits(element, name, value) {
  if (name === "dir" && !element.matches("html")) {
    return value === "ltr" || (value === "rtl" && RIGHT_TO_LEFT.test(element.textContent));
  }
  // Titles of links in a text are compared; those of embeds are none of it.
  if (name === "title" && element.matches(".embed__link")) return false;
  const needed = ONLY[`${element.localName} ${name}`];
  return needed ? element.matches(needed) : (VALUES[name]?.test(value) ?? true);
}

const shown = (element, name) => `<${element.localName} ${name}="${element.getAttribute(name).slice(0, 60)}">`;

// Return what an honest page does not have around its text, or "".
export function problemOf(page) {
  const mains = page.querySelectorAll("main");
  const beside = Array.from(page.body.children).find((child) => !child.matches(OF_PAGE));
  const odd = page.querySelector(ANYWHERE) ?? mains[1] ?? beside;
  if (odd) return odd.hasAttribute("style") ? shown(odd, "style") : `<${odd.localName}>`;
  const frame = problemIn("frame", page.documentElement) || problemIn("frame", page.body);
  if (frame) return frame;
  const words = Array.from(page.body.childNodes).find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (words) return words.data.trim().slice(0, 60);
  if (mains[0]?.parentElement !== page.body) return "<main>";
  for (const element of page.querySelectorAll("*")) {
    const name = element.getAttributeNames().find((one) => one.startsWith("on"));
    if (name) return shown(element, name);
  }
  return Array.from(page.scripts).some(isInPage) ? "<script>" : "";
}

// Return whether the page itself has what a script does. Data for search engines is none.
function isInPage(script) {
  if (!script.hasAttribute("src")) return script.type !== "application/ld+json";
  return /^\s*(data|javascript|blob):/i.test(script.getAttribute("src"));
}
