// What a new version of a text says otherwise than the one before, and whether readers were told.
// truthlytics/transparency/outside/meaning.py does the same for programs, and tests give both the same cases.
import { parse, squeeze, words } from "./record-page.js";
import { firstDifference } from "./record-words.js";

// Contents have had this `format` since no version is published without saying what changed.
const FORMAT = 2;
const FIGURE = /\p{Nd}+(?:[.,:]\p{Nd}+)*/gu;
const THOUSANDS = /^[0-9]{1,3}(?:,[0-9]{3})+$/;

// Return the words of a content that readers see: one text for each part.
function passages(kind, content) {
  const answers = content.how_we_know ?? {};
  const names = Object.keys(answers).sort();
  const last = names.map((name) => answers[name]);
  if (kind === "dossier") {
    const entries = content.entries.map((entry) => entry.text);
    return [content.title, words(parse(content.summary).body), ...entries, ...last];
  }
  const caption = (uuid, own) => {
    const details = content.pictures?.[uuid];
    return details ? `${own.trim() || details.caption} ${details.credit}` : "";
  };
  const replaced = (child) => {
    const { footnote, image, embed, title, by } = child.dataset;
    if (footnote) return ` ${footnote} `;
    if (child.matches("figure")) return ` ${caption(image, words(child))} `;
    if (embed !== undefined) return ` ${title ?? ""} `;
    return child.matches("aside") && by ? ` ${words(child, "", replaced)} ${by} ` : null;
  };
  const bylines = (content.bylines ?? []).map((byline) => byline.name);
  const lead = caption(content.lead?.uuid, content.lead?.caption ?? "");
  const body = words(parse(content.body).body, "", replaced);
  return [content.headline, content.standfirst ?? "", ...bylines, lead, body, ...last];
}

const letters = (texts) => texts.join("").replace(/\s+/g, "");

// Return the figures in digits that `old` has more often than `now`, with “1,200” as 1200.
function lostFigures(old, now) {
  const figures = (texts) => texts.flatMap((text) => text.match(FIGURE) ?? []).map(plain);
  const plain = (figure) => (THOUSANDS.test(figure) ? figure.replaceAll(",", "") : figure);
  const left = figures(now);
  return figures(old).filter((figure) => {
    const place = left.indexOf(figure);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

// Return whether `before` states a use of AI that `after` does not.
function isWeaker(before, after) {
  const [stated, kept] = [before.ai_uses ?? [], after.ai_uses ?? []];
  if (stated.length && !kept.length) return true;
  if (stated.some((use) => use !== "none" && !kept.includes(use))) return true;
  return Object.entries(before.pictures ?? {}).some(([uuid, { ai_use: use }]) => {
    const shown = after.pictures?.[uuid];
    return use && shown && shown.ai_use !== use;
  });
}

// Compare a version with the one before. `said` has its note, and `correction` if it has a kind of change. Returns the
// names of what is wrong, for which the page has sentences, and the words before and after where they differ first.
export function compareContents(kind, before, after, said) {
  const [old, now] = [passages(kind, before), passages(kind, after)];
  const [change, note] = [said.correction?.kind, said.note.trim()];
  const facts = said.correction?.changed_facts ?? "";
  const faults = [];
  if (kind === "article") {
    if (letters(old) !== letters(now) && !change) faults.push("kind");
    if (change === "minor") {
      if (lostFigures(old, now).length && !facts.split(",").includes("figure")) faults.push("figure");
      if (facts && !note) faults.push("fact");
    } else if (change && !note) faults.push("note");
  }
  if (isWeaker(before, after) && !note) faults.push("ai");
  const [was = "", is = ""] = firstDifference(squeeze(old.join(" ")), squeeze(now.join(" "))) ?? [];
  return { faults, was, is };
}

// Return whether a version has to say what changed: not if it was imported, or is older than this rule. Where the free
// part of a text ends may change without a change of its words.
export const isStrict = (content, native) => native && (content.format ?? 0) >= FORMAT && content.whole === undefined;
