// Compares the page of an article, dossier or page with its content in the record: every word that readers see.
// truthlytics/transparency/outside/pages.py does the same for programs.

// Parts of a page that are outside the record.
const OUTSIDE = `nav, form, button, .share, .gate, .report-link, .topics, .author-box, .series, .story, .related,
  .article__label, .article-actions, .translations, .version-banner, .label, .byline__portraits, .newsletter-line,
  .thread, .picks-beside, .gift-notice, [data-outside-record], h2, .audio-player, .contents, .removed-text`;
const APART = new Set(
  `ADDRESS ARTICLE ASIDE BLOCKQUOTE BR DD DETAILS DIV DL DT FIGCAPTION FIGURE FOOTER H1 H2 H3 H4 HEADER HR LI NAV OL P
  PRE SECTION SUMMARY TABLE TBODY TD TFOOT TH THEAD TR UL`.split(/\s+/),
);
const UNSEEN = "script, style, template";
// In figures, the label of an image by AI is that of the library.
const BESIDE_FIGURE = "picture, [data-outside-record]";
const ANSWERS = `why_written how_known not_known interests ai_use ai_language ai_research ai_translation ai_draft
  ai_parts ai_pictures ai_sound`.split(/\s+/);
// Notes of an import about images that it could not get are not shown (see articles/richtext/vocabulary.py).
const MISSING_IMAGE = "image not included";

export const parse = (html) => new DOMParser().parseFromString(html, "text/html");
export const squeeze = (text) => (text ?? "").split(/\s+/).filter(Boolean).join(" ");

// Return the text of an element with single spaces, without the elements that fit a selector. `replace` returns what
// stands for an element, or null for its own text.
export function words(element, without = "", replace = () => null) {
  const pieces = [];
  const read = (parent) => {
    for (const child of parent.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) pieces.push(child.data);
      if (child.nodeType !== Node.ELEMENT_NODE) continue;
      if (child.matches(UNSEEN) || (without && child.matches(without))) continue;
      const text = replace(child);
      const apart = APART.has(child.tagName) ? " " : "";
      pieces.push(apart);
      if (text === null) read(child);
      else pieces.push(text);
      pieces.push(apart);
    }
  };
  read(element);
  return squeeze(pieces.join(""));
}

const all = (element, selector) => Array.from(element.querySelectorAll(selector));
const altOf = (figure) =>
  squeeze(
    all(figure, "img")
      .map((image) => image.getAttribute("alt") ?? "")
      .join(" "),
  );

// The words of a page, by what they are. `stray` are those that belong to nothing that is known.
export class Page {
  constructor(main) {
    Object.assign(this, { parts: {}, figures: [], embeds: [], links: [], times: [], notes: [], stray: [] });
    // The addresses of the image files, one of each figure.
    this.images = all(main, "figure img").map((image) => image.getAttribute("src") ?? "");
    this.read(main);
  }

  read(parent) {
    const readers = [
      [".page-header__title", (element) => this.add("headline", words(element))],
      [".page-header__standfirst", (element) => this.add("standfirst", words(element))],
      [".byline", (element) => this.byline(element)],
      [".version-log, .page-history, .dossier__history", (element) => this.dates(element)],
      [".corrections, .changes", (element) => this.changes(element)],
      ["figure", (element) => this.figures.push([altOf(element), words(element, BESIDE_FIGURE)])],
      [".prose, .dossier__summary", (element) => this.text(element)],
      [".endnotes", (element) => this.endnotes(element)],
      [".how-we-know", (element) => this.answers(element)],
      [".sources", (element) => this.sources(element)],
      [".article__url", (element) => this.add("address", words(element))],
      [".entries", (element) => this.entries(element)],
    ];
    for (const child of parent.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && child.data.trim()) this.stray.push(squeeze(child.data));
      if (child.nodeType !== Node.ELEMENT_NODE || child.matches(UNSEEN) || child.matches(OUTSIDE)) continue;
      const reader = readers.find(([selector]) => child.matches(selector));
      if (reader) reader[1](child);
      else this.read(child);
    }
  }

  add(name, text) {
    if (!this.parts[name]) this.parts[name] = [];
    this.parts[name].push(text);
  }

  byline(element) {
    const names = all(element, "p bdi").filter((name) => !name.closest(".dotted"));
    this.add("byline", names.map((name) => words(name)).join(" · "));
  }

  dates(element) {
    const isLog = element.matches("ul");
    for (const time of all(element, "time")) this.time(element.classList[0], time);
    for (const item of all(element, "li")) {
      const time = item.querySelector("time");
      if (!isLog && time) this.notes.push([time.dateTime, words(item, "time")]);
    }
    if (isLog) this.add("version", (words(element, "time").match(/\d+/g) ?? []).join(" "));
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
    this.rest(element);
  }

  rest(element) {
    const rest = words(element, "h2, li");
    if (rest) this.stray.push(rest);
  }

  text(element) {
    this.add(
      "text",
      words(element, "figure", (child) => {
        if (child.matches(".cite")) return ` [${words(child).replace(/^[, ]+/, "")}] `;
        if (!child.matches(".embed")) return null;
        const link = child.querySelector(".embed__link")?.getAttribute("href") ?? "";
        const text = (selector) => all(child, selector).map((part) => words(part));
        this.embeds.push([link, text(".embed__title").join(" "), text(".embed__credit").join(" ")]);
        return " ";
      }),
    );
    for (const figure of all(element, "figure")) this.figures.push([altOf(figure), words(figure, BESIDE_FIGURE)]);
    for (const link of all(element, "a:not([role], .embed__link)")) this.links.push(link.getAttribute("href") ?? "");
  }

  endnotes(element) {
    for (const item of all(element, "li")) this.add("footnotes", words(item, "[role=doc-backlink]"));
    this.rest(element);
  }

  answers(element) {
    for (const answer of all(element, "dd:not([data-outside-record])")) {
      if (answer.matches("[data-ai-uses]")) this.add("AI", answer.dataset.aiUses);
      else if (answer.matches("[data-review]"))
        this.add(
          "reviews",
          all(answer, "bdi")
            .map((part) => words(part))
            .join(" "),
        );
      else this.add("answers", words(answer, "[data-outside-record]"));
    }
  }

  sources(element) {
    for (const item of all(element, "li")) {
      this.add("sources", words(item, "small"));
      const details = all(item, "small").map((small) => words(small));
      this.add("details", details.join(" "));
    }
    this.rest(element);
  }

  entries(element) {
    for (const entry of all(element, ".entry")) {
      const [text, date] = [entry.querySelector(".entry__description"), entry.querySelector(".entry__date")];
      if (!text || !date) continue;
      this.add("entries", words(text));
      this.add("entry dates", date.dateTime);
    }
  }
}

// The words that the page of a version with this content has.
function expected(kind, content) {
  const found = { parts: {}, figures: [], embeds: [], links: [] };
  const { parts } = found;
  parts.answers = ANSWERS.map((name) => squeeze(content.how_we_know?.[name])).filter(Boolean);
  parts.AI = [(content.ai_uses ?? []).filter((use) => use !== "none").join(" ")];
  parts.reviews = (content.reviews ?? []).map(({ name, role, reviewer }) =>
    squeeze(name ? `${name} ${role}` : `${role} ${reviewer}`),
  );
  if (kind === "dossier") {
    const summary = parse(content.summary).body;
    parts.headline = [squeeze(content.title)];
    parts.text = [words(summary)];
    found.links = all(summary, "a").map((link) => link.getAttribute("href") ?? "");
    parts.entries = content.entries.map((entry) => squeeze(entry.text));
    parts["entry dates"] = content.entries.map((entry) => entry.date);
    return found;
  }
  const body = parse(content.body).body;
  const notes = [];
  const figure = (uuid, caption) => {
    const image = content.pictures?.[uuid];
    if (!image) return;
    found.figures.push([squeeze(image.alt), squeeze(`${caption || squeeze(image.caption)} ${squeeze(image.credit)}`)]);
  };
  const replaced = (child) => {
    if (child.dataset.footnote !== undefined) {
      notes.push(squeeze(child.dataset.footnote));
      return ` [${notes.length}] ${notes.length}${notes.at(-1)}`;
    }
    if (child.dataset.embed !== undefined) {
      const bare = child.dataset.embed.replace(/^https:\/\//, "").replace(/^www\./, "");
      const credit = squeeze(content.pictures?.[child.dataset.image]?.credit);
      found.embeds.push([child.dataset.embed, squeeze(child.dataset.title) || bare.replace(/\/+$/, ""), credit]);
      return " ";
    }
    if (child.matches("aside[data-by]") && child.dataset.by) {
      return ` ${words(child, "", replaced)} ${squeeze(child.dataset.by)} `;
    }
    return child.matches("em") && words(child).startsWith(MISSING_IMAGE) ? "" : null;
  };
  parts.headline = [squeeze(content.headline)];
  parts.standfirst = [squeeze(content.standfirst)];
  parts.byline = [(content.bylines ?? []).map((byline) => squeeze(byline.name)).join(" · ")];
  if (content.lead) figure(content.lead.uuid, squeeze(content.lead.caption));
  parts.text = [words(body, "figure", replaced)];
  for (const element of all(body, "figure")) {
    figure(
      element.dataset.image,
      all(element, "figcaption")
        .map((part) => words(part))
        .join(" "),
    );
  }
  found.links = all(body, "a").map((link) => link.getAttribute("href") ?? "");
  parts.footnotes = notes;
  parts.sources = (content.sources ?? []).map((source) => squeeze(source.title));
  return found;
}

// Return some words of `text` from shortly before its character `index` on.
function around(text, index) {
  const start = text.lastIndexOf(" ", Math.max(0, index - 30)) + 1;
  return `… ${text.slice(start, index + 60).trim()} …`;
}

export function firstDifference(shown, recorded) {
  if (shown === recorded) return null;
  let index = 0;
  while (index < Math.min(shown.length, recorded.length) && shown[index] === recorded[index]) index++;
  return [around(shown, index), around(recorded, index)];
}

const PARTS = `headline|standfirst|byline|text|footnotes|answers|AI|reviews|sources|entries|entry dates`.split("|");

// Return the words of page and record where they differ first, or null.
export function difference(kind, content, page) {
  const record = expected(kind, content);
  for (const name of PARTS) {
    let shown = (page.parts[name] ?? []).filter(Boolean);
    if (name === "text") shown = [shown.join(" ")];
    const recorded = (record.parts[name] ?? []).filter(Boolean);
    const found = firstDifference(shown.filter(Boolean).join(" | "), recorded.join(" | "));
    if (found) return found;
  }
  const left = record.figures.map((figure) => figure.join(" | "));
  for (const figure of page.figures.map((shown) => shown.join(" | "))) {
    // An image that has no size yet is not shown.
    const place = left.indexOf(figure);
    if (place < 0) return firstDifference(figure, left[0] ?? "");
    left.splice(0, place + 1);
  }
  // Without its image, an embed has no credit.
  for (const [number, embed] of page.embeds.entries()) embed[2] ||= record.embeds[number]?.[2];
  const lists = (of) => [of.links.join(" "), of.embeds.flat().join(" ")];
  for (const [number, shown] of lists(page).entries()) {
    const found = firstDifference(shown, lists(record)[number]);
    if (found) return found;
  }
  for (const [number, source] of (content.sources ?? []).entries()) {
    for (const detail of [source.author, source.publisher]) {
      const shown = page.parts.details?.[number] ?? "";
      if (!shown.includes(squeeze(detail))) return [shown, squeeze(detail)];
    }
  }
  return page.stray.length ? [page.stray.join(" … ").slice(0, 100), ""] : null;
}

// Return what is wrong with the dates and notes on the page, given the versions of the record, oldest first: the words,
// and what is in the record. Null if nothing is.
export function dateProblem(kind, page, versions) {
  const moments = versions.map((version) => Date.parse(version.public_from));
  const moment = (date) => Date.parse(date.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  for (const [number, [where, date, text]] of page.times.entries()) {
    const numbers = (text.match(/\d+/g) ?? []).map(Number);
    const says = numbers.includes(Number(date.slice(0, 4))) && numbers.includes(Number(date.slice(8, 10)));
    const isFirst = number === 0 && where === "version-log";
    const fits = isFirst ? moment(date) === moments[0] : moments.includes(moment(date));
    if (!fits || !says) return [text, versions[0].public_from];
  }
  const notes = versions.slice(1).map((version) => squeeze(version.note));
  const shown = page.notes.map(([, note]) => note);
  for (const [date, note] of page.notes) {
    const version = versions.find((one) => Date.parse(one.public_from) === moment(date));
    if (note && !version) return [note, ""];
    if (note && kind === "article" && !notes.includes(note)) return [note, squeeze(version.note)];
  }
  const missing = kind === "article" ? notes.find((note) => note && !shown.includes(note)) : undefined;
  return missing === undefined ? null : ["", missing];
}
