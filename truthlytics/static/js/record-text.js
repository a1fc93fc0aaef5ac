// Compares a page with the record: its words, what it is made of, and whether readers see it.
import { Page } from "./record-page.js";
import { problemOf } from "./record-shape.js";
import { hiddenWords } from "./record-view.js";
import { dateProblem, difference, titleProblem } from "./record-words.js";

// The name of an image file is its digest.
export const NAMED = /\/([0-9a-f]{64})\.[a-z0-9]+$/;

// Return the outcome of the first thing that is wrong with the parsed page of a version, or "", and what was found.
// `content` is null if it is not given, and `dated` are the versions whose dates the page shows, if it shows them.
// `images` are the addresses of the pictures, one of each, and `isShown` is whether the browser could show the page.
export async function compareText(html, kind, content, dated) {
  const main = html.querySelector("main");
  if (!main) return { outcome: "failed-shape", found: ["<main>"] };
  const page = new Page(main);
  const words = () => difference(kind, content, page) ?? titleProblem(content, html.title);
  const differs = (dated ? dateProblem(kind, page, dated) : null) ?? (content ? words() : null);
  if (differs) return { outcome: "failed-page", found: differs };
  const odd = page.odd[0] ?? problemOf(html);
  if (odd) return { outcome: "failed-shape", found: [odd] };
  const unnamed = [...page.images, ...page.sizes].find((address) => !NAMED.test(address));
  if (unnamed !== undefined) return { outcome: "failed-shape", found: [`<img src="${unnamed.slice(0, 60)}">`] };
  const hidden = await hiddenWords(html);
  if (hidden) return { outcome: "failed-hidden", found: [hidden] };
  return { outcome: "", images: page.images, isShown: hidden !== null };
}
