// Compares the page of an article, dossier or page with its content in the record.
// truthlytics/transparency/outside/expected.py does the same for programs.
import { all, marked, parse, squeeze, words } from "./record-page.js";

const ANSWERS = `why_written how_known not_known interests ai_use ai_language ai_research ai_translation ai_draft
  ai_parts ai_pictures ai_sound`.split(/\s+/);
// Notes of an import about images that it could not get are not shown (see articles/richtext/vocabulary.py).
const MISSING_IMAGE = "image not included";

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
    parts.marked = [words(summary, "", undefined, true)];
    found.links = all(summary, "a").map((link) => link.getAttribute("href") ?? "");
    parts.entries = content.entries.map((entry) => squeeze(entry.text));
    parts["entry dates"] = content.entries.map((entry) => entry.date);
    return found;
  }
  const body = parse(content.body).body;
  let notes = [];
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
  const bold = (number, note) => marked(document.createElement("small"), ` <b> ${number} </b> ${note} `);
  // The same, with what the words are. It counts the same notes and embeds.
  const markedUp = (child) => {
    if (child.dataset.footnote !== undefined) {
      replaced(child);
      return ` [${notes.length}] ${bold(notes.length, notes.at(-1))}`;
    }
    if (child.matches("aside[data-by]") && child.dataset.by) {
      return marked(child, `${words(child, "", markedUp, true)} ${squeeze(child.dataset.by)}`);
    }
    return replaced(child);
  };
  parts.text = [words(body, "figure", replaced)];
  [notes, found.embeds] = [[], []];
  parts.marked = [words(body, "figure", markedUp, true)];
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

const PARTS = `headline|standfirst|byline|text|marked|footnotes|answers|AI|reviews|sources|entries|entry dates`.split(
  "|",
);

// Return the words of page and record where they differ first, or null.
export function difference(kind, content, page) {
  const record = expected(kind, content);
  for (const name of PARTS) {
    let shown = (page.parts[name] ?? []).filter(Boolean);
    if (name === "text" || name === "marked") shown = [shown.join(" ")];
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
    const link = page.parts["source links"]?.[number];
    const addresses = [source.url, source.archived_url, source.document?.url].filter(Boolean);
    if (link && addresses.length && !addresses.includes(link)) return [link, addresses[0]];
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

// Return the title of the page and the headline in the record if the one does not begin with the other; else null.
export function titleProblem(content, title) {
  const known = [content.headline ?? content.title, content.seo?.title].filter(Boolean).map(squeeze);
  return known.some((text) => squeeze(title).startsWith(text)) ? null : [title, known[0]];
}
