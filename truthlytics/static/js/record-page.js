// Reads the page of an article, dossier or page: every word that readers see, and what it is.
// truthlytics/transparency/outside/pages.py does the same for programs.
import { problemIn } from "./record-shape.js";

// Parts of a page that are outside the record.
const OUTSIDE = `.contents, .share, .gate, .report-link, .topics, .author-box, .series, .story, .related,
  .article__label, .article-actions, .translations, .version-banner, .label--plain, .newsletter-line, .thread,
  .picks-beside, .gift-notice, [data-outside-record]`;
// What the templates mark as outside the record within parts of it.
const OWN_MARKS = {
  byline: ".byline__portraits",
  figure: ".figure__ai",
  text: ".figure__ai",
  answers: ".how-we-know__use",
};
const PARTS = [
  [".page-header__title", "title"],
  [".page-header__standfirst", "standfirst"],
  [".byline", "byline"],
  [".version-log", "log"],
  [".page-history, .dossier__history", "dates"],
  [".corrections, .changes", "changes"],
  ["figure", "figure"],
  [".audio-player", "audio"],
  [".prose, .dossier__summary", "text"],
  [".endnotes", "endnotes"],
  [".how-we-know", "answers"],
  [".sources", "sources"],
  [".article__url", "address"],
  [".entries", "entries"],
  [".removed-text", "reason"],
  ["section[aria-labelledby=so-far] > #so-far, section[aria-labelledby=pieces] > #pieces", "heading"],
];
const APART = new Set(
  `ADDRESS ARTICLE ASIDE BLOCKQUOTE BR DD DETAILS DIV DL DT FIGCAPTION FIGURE FOOTER H1 H2 H3 H4 HEADER HR LI NAV OL P
  PRE SECTION SUMMARY TABLE TBODY TD TFOOT TH THEAD TR UL`.split(/\s+/),
);
// Elements that say what their words are, or how they look: a raised 2 is another figure than a 2.
const MARKS = "strong, em, b, i, code, pre, s, sup, sub, blockquote, h2, h3, h4, ol, ul, li, th, td, aside, small, a";
const DETAILS = { A: ["title"], OL: ["start"], TH: ["colspan", "rowspan"], TD: ["colspan", "rowspan"] };
const BETWEEN_NAMES = new Set(["By", "and", "Von", "und"]);
const UNSEEN = "script, style, template";
const EMBED = ".embed__title, .embed__credit, .embed__site, .embed__where";
// Pictures of a text are in figures and embeds, which are compared.
const LOOSE_PICTURE = ":is(img, picture, source):not(figure *, .embed *)";
const BESIDE_FIGURE = "[data-outside-record]";

export const parse = (html) => new DOMParser().parseFromString(html, "text/html");
export const squeeze = (text) => (text ?? "").split(/\s+/).filter(Boolean).join(" ");
export const all = (element, selector) => Array.from(element.querySelectorAll(selector));
const own = () => null;

// Return the text of an element with single spaces, without the elements that fit a selector. `replace` returns what
// stands for an element, or null for its own text. With `marks`, elements that say what their words are stand there.
export function words(element, without = "", replace = own, marks = false) {
  const read = (parent) => {
    let text = "";
    for (const child of parent.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) text += child.data;
      if (child.nodeType !== Node.ELEMENT_NODE) continue;
      if (child.matches(UNSEEN) || (without && child.matches(without))) continue;
      const other = replace(child);
      const inner = other ?? (marks ? marked(child, read(child)) : read(child));
      text += APART.has(child.tagName) ? ` ${inner} ` : inner;
    }
    return text;
  };
  return squeeze(read(element));
}

// Return `inner`, the words of an element, between its tags, if these say something about them.
export function marked(element, inner) {
  if (!element.matches(MARKS) || (!element.matches("th, td") && !inner.trim())) return inner;
  const tag = element.localName;
  const details = (DETAILS[element.tagName] ?? []).map((name) => [name, element.getAttribute(name)]);
  const said = details.filter(([, value]) => value).map(([name, value]) => `${name}=${value}`);
  if (element.matches("aside.callout")) said.push("callout");
  return ` <${[tag, ...said].join(" ")}> ${inner} </${tag}> `;
}

const altOf = (figure) =>
  squeeze(
    all(figure, "img")
      .map((image) => image.getAttribute("alt") ?? "")
      .join(" "),
  );

// The words of a page, by what they are. `stray` are those that belong to nothing that is known, `odd` is what an
// honest page does not have, and `known` are the elements of the record, each with the name of its part.
export class Page {
  constructor(main) {
    Object.assign(this, { parts: {}, figures: [], embeds: [], links: [], times: [], notes: [], stray: [] });
    Object.assign(this, { odd: [], known: [] });
    // The addresses of the image files: one of each figure, and those of its other sizes.
    this.images = all(main, "figure img").map((image) => image.getAttribute("src") ?? "");
    const sizes = all(main, "figure [srcset]").flatMap((image) => image.getAttribute("srcset").split(","));
    this.sizes = sizes.map((size) => size.trim().split(/\s+/)[0]);
    this.visit("frame", main);
    this.read(main);
  }

  read(parent) {
    for (const child of parent.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && child.data.trim()) this.stray.push(squeeze(child.data));
      if (child.nodeType !== Node.ELEMENT_NODE) continue;
      if (child.matches(".article__label")) this.visitAll("label", child);
      if (child.matches(OUTSIDE)) continue;
      const part = PARTS.find(([selector]) => child.matches(selector))?.[1];
      if (part) {
        this.visitAll(part, child);
        this[part](child);
      } else {
        this.visit("frame", child);
        this.read(child);
      }
    }
  }

  visit(part, element) {
    const problem = problemIn(part, element);
    if (problem) this.odd.push(problem);
    this.known.push([part, element]);
  }

  // Look at an element of a part and all in it. Figures in a text are a part of their own.
  visitAll(part, element) {
    if (element.matches(OWN_MARKS[part] ?? ":not(*)")) return;
    this.visit(part, element);
    for (const child of element.children)
      this.visitAll(part === "text" && child.matches("figure") ? "figure" : part, child);
  }

  add(name, text) {
    if (!this.parts[name]) this.parts[name] = [];
    this.parts[name].push(text);
  }

  title(element) {
    this.add("headline", words(element));
  }

  standfirst(element) {
    this.add("standfirst", words(element));
  }

  address(element) {
    this.add("address", words(element));
  }

  byline(element) {
    const names = all(element, "p bdi").filter((name) => !name.closest(".dotted"));
    this.add("byline", names.map((name) => words(name)).join(" · "));
    const between = words(element, "bdi, .dotted, .byline__portraits").split(/[\s,]+/);
    this.stray.push(...between.filter((word) => word && !BETWEEN_NAMES.has(word)));
  }

  log(element) {
    this.stray.push(...all(element, "ul").map((list) => words(list)));
    for (const time of all(element, "time")) this.time("version-log", time);
    this.add("version", (words(element, "time").match(/\d+/g) ?? []).join(" "));
  }

  dates(element) {
    for (const time of all(element, "time")) this.time("dates", time);
    for (const item of all(element, "li")) {
      const time = item.querySelector("time");
      if (time) this.notes.push([time.dateTime, words(item, "time")]);
    }
  }

  time(where, time) {
    this.times.push([where, time.dateTime, words(time)]);
  }

  changes(element) {
    for (const item of all(element, "li")) {
      for (const time of all(item, "time")) this.time("changes", time);
      const date = item.querySelector("time")?.dateTime ?? "";
      this.notes.push([date, words(item, "time, em, b, .changes__version, .changed-facts")]);
    }
    this.rest(element, "h2, li");
  }

  rest(element, without) {
    const rest = words(element, without);
    if (rest) this.stray.push(rest);
  }

  figure(figure) {
    this.figures.push([altOf(figure), words(figure, BESIDE_FIGURE)]);
  }

  text(element) {
    const cites = (child) => {
      if (child.matches(".cite")) return ` [${words(child).replace(/^[, ]+/, "")}] `;
      return child.matches(".embed") ? " " : null;
    };
    this.add("text", words(element, "figure", cites));
    this.add("marked", words(element, "figure", cites, true));
    for (const embed of all(element, ".embed")) {
      const link = embed.querySelector(".embed__link")?.getAttribute("href") ?? "";
      const text = (selector) => all(embed, selector).map((part) => words(part));
      this.rest(embed, EMBED);
      this.embeds.push([link, text(".embed__title").join(" "), text(".embed__credit").join(" ")]);
    }
    for (const figure of all(element, "figure")) this.figure(figure);
    if (element.querySelector(LOOSE_PICTURE)) this.odd.push("<img>");
    for (const link of all(element, "a:not([role], .embed__link)")) this.links.push(link.getAttribute("href") ?? "");
  }

  endnotes(element) {
    for (const item of all(element, "li")) this.add("footnotes", words(item, "[role=doc-backlink]"));
    this.rest(element, "h2, li");
  }

  answers(element) {
    for (const answer of all(element, "dd:not([data-outside-record])")) {
      if (answer.matches("[data-ai-uses]")) this.add("AI", answer.dataset.aiUses);
      else if (answer.matches("[data-review]")) {
        const names = all(answer, "bdi").map((part) => words(part));
        this.add("reviews", names.join(" "));
      } else this.add("answers", words(answer, "[data-outside-record]"));
    }
    this.rest(element, ".how-we-know > h2, .how-we-know > dl > div > dt:first-child, dd");
  }

  sources(element) {
    for (const item of all(element, "li")) {
      this.add("sources", words(item, "small"));
      const details = all(item, "small").map((small) => words(small));
      this.add("details", details.join(" "));
      this.add("source links", item.querySelector("a")?.getAttribute("href") ?? "");
    }
    this.rest(element, "h2, li");
  }

  entries(element) {
    for (const entry of all(element, ".entry")) {
      const [texts, dates] = [all(entry, ".entry__description"), all(entry, ".entry__date")];
      if (!texts.length || !dates.length) continue;
      this.add("entries", texts.map((text) => words(text)).join(" "));
      this.add("entry dates", dates.map((date) => date.dateTime).join(" "));
    }
  }

  // Outside the record.
  audio() {}
  reason() {}
  heading() {}
}
