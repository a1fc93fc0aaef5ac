// Finds words of the record that are on a page, but that readers do not see. The page is shown in a frame that runs no
// scripts, with its style sheets.
import { Page, squeeze } from "./record-page.js";

// What is less visible than this is hidden: opacity, and the size of letters in pixels.
const [FAINT, TINY] = [0.25, 5];
const MOST_SECONDS = 20;
// Copies for a wide or printed page, words for screen readers, and what readers can open.
const APART = ".sidenote, .article__url, .visually-hidden, details:not([open]) > :not(summary)";

// Return the first words that are hidden, "" if there are none, or null if the browser cannot show the page.
export async function hiddenWords(page) {
  const frame = await frameOf(page);
  try {
    const main = frame.contentDocument?.querySelector("main");
    if (!main) return null;
    for (const [part, element] of new Page(main).known) {
      if (part === "address" || element.closest(APART)) continue;
      for (const child of element.childNodes) {
        if (child.nodeType === Node.TEXT_NODE && child.data.trim() && isHidden(child, element))
          return squeeze(child.data);
      }
      if (element.matches("img") && !element.checkVisibility(ALL)) return element.getAttribute("alt") || "<img>";
    }
    return "";
  } finally {
    frame.remove();
  }
}

const ALL = { opacityProperty: true, visibilityProperty: true };

async function frameOf(page) {
  const copy = page.cloneNode(true);
  // Only style sheets are loaded: what else there is has no influence on the words.
  for (const element of copy.querySelectorAll("script, link:not([rel=stylesheet]), source, noscript")) element.remove();
  for (const element of copy.querySelectorAll("[src], [srcset], [autofocus]")) {
    for (const name of ["src", "srcset", "autofocus"]) element.removeAttribute(name);
  }
  const frame = document.createElement("iframe");
  frame.className = "verification__view";
  frame.sandbox = "allow-same-origin";
  frame.inert = true;
  frame.srcdoc = `<!DOCTYPE html>${copy.documentElement.outerHTML}`;
  const isLoaded = new Promise((done) => {
    frame.addEventListener("load", done);
    setTimeout(done, MOST_SECONDS * 1000);
  });
  document.body.append(frame);
  await isLoaded;
  return frame;
}

function isHidden(text, parent) {
  if (!parent.checkVisibility(ALL)) return true;
  const view = parent.ownerDocument.defaultView;
  const { color, fontSize, unicodeBidi } = view.getComputedStyle(parent);
  if (Number.parseFloat(fontSize) < TINY || isTransparent(color) || unicodeBidi.endsWith("override")) return true;
  const range = parent.ownerDocument.createRange();
  range.selectNodeContents(text);
  let boxes = Array.from(range.getClientRects());
  let opacity = 1;
  for (let element = parent; element && element.localName !== "body"; element = element.parentElement) {
    const style = view.getComputedStyle(element);
    opacity *= Number(style.opacity);
    if (style.clipPath !== "none" || style.clip !== "auto") return true;
    boxes = boxes.filter((box) => isWithin(box, element, style));
  }
  const isOnPage = ({ left, right, top, bottom }) => right - left >= 1 && bottom - top >= 1 && right > 0 && bottom > 0;
  return opacity < FAINT || !boxes.some(isOnPage);
}

const isTransparent = (color) => /^rgba\(.*, 0\)$|\/ 0\)$/.test(color);

// Return whether some of a box is within an element that cuts off what is outside, or can be reached by scrolling.
function isWithin(box, element, { overflowX, overflowY }) {
  const outer = element.getBoundingClientRect();
  const overlaps = (overflow, start, end, from, to) =>
    overflow === "visible" || (to - from >= TINY && (/auto|scroll/.test(overflow) || (end > from && start < to)));
  return (
    overlaps(overflowX, box.left, box.right, outer.left, outer.right) &&
    overlaps(overflowY, box.top, box.bottom, outer.top, outer.bottom)
  );
}
