// Images and embeds of pasted HTML: images become places for figures (pending-images.js), embeds become cards.
import { isKnown, pageOf, titleOf } from "../embed-sites.js";
import { createTag } from "./lines.js";
import { registerImage, takesImages } from "./pending-images.js";
import { picturesOf } from "./rtf.js";
import { isHidden } from "./source.js";

const FILE_NAME = /^\S+\.(jpe?g|png|gif|webp|avif|svg)$/i;
const isEmoji = (text) => /^\p{Extended_Pictographic}/u.test(text) && text.length < 20;
/** Whether `element` is too small to be seen, such as a counting pixel. */
const isTiny = (element) => ["width", "height"].some((name) => Number.parseInt(element.getAttribute(name), 10) <= 3);

/** Returns the largest file of `srcset`, which has the same picture as `src`, or `src`. */
function largest(src, srcset) {
  const files = [...(srcset ?? "").matchAll(/(https:\S+?)\s+(\d+)w/g)].map(([, url, width]) => [url, Number(width)]);
  return files.length ? files.reduce((a, b) => (b[1] > a[1] ? b : a))[0] : src;
}

/** Returns the address in code that a site offers for embedding and fills by a script, of which the rest says nothing. */
function scriptedEmbed(element) {
  const read = (name) => element.getAttribute(name) ?? "";
  const address = ["data-instgrm-permalink", "data-text-post-permalink", "data-embed-url"].map(read).find(Boolean);
  if (element.matches(".flourish-embed")) return `https://flo.uri.sh/${read("data-src")}`;
  return address ?? (element.matches(".tiktok-embed") ? read("cite") : "");
}

export class MediaReader {
  /** `rtf` is the same content as Rich Text, in which Word has its images. */
  constructor(body, { rtf, schema }) {
    this.takesImages = takesImages(schema);
    this.takesEmbeds = Boolean(schema.nodes.embed);
    this.lostImages = this.lostEmbeds = this.cards = 0;
    this.captions = new Map(); // by image, as HTML
    const local = [...body.querySelectorAll('img[src^="file:"]')].filter((img) => !isHidden(img));
    const pictures = local.length ? picturesOf(rtf) : [];
    this.local = new Map(pictures.length === local.length ? local.map((img, i) => [img, pictures[i]]) : []);
  }

  /** Returns where the picture of `img` comes from, an address or a Blob; a false value if it cannot be had. */
  sourceOf(img) {
    if (!this.takesImages) return "";
    if (this.local.has(img)) return this.local.get(img);
    const src = (img.getAttribute("src") ?? "").trim().replace(/^\/\//, "https://");
    if (/^https?:/.test(src)) return largest(src, img.getAttribute("srcset"));
    return /^(data:image\/|blob:)/.test(src) ? src : "";
  }

  /** Returns the images in `element` that can be added to the library. */
  imagesIn(element) {
    return [...element.querySelectorAll("img")].filter((img) => !isHidden(img) && !isTiny(img) && this.sourceOf(img));
  }

  image(img, marks, writer) {
    const alt = (img.getAttribute("alt") ?? "").trim();
    if (isEmoji(alt)) return writer.text(alt, marks);
    if (isTiny(img)) return;
    const source = this.sourceOf(img);
    if (!source) {
      this.lostImages += 1;
      return;
    }
    const place = createTag("div");
    place.dataset.pendingImage = registerImage({
      source,
      alt: FILE_NAME.test(alt) ? "" : alt,
      caption: this.captions.get(img) ?? "",
    });
    writer.addBlock(place);
  }

  embed(element, writer) {
    if (isTiny(element)) return;
    const title = titleOf(element.getAttribute("title") ?? "");
    const href = element.localName === "iframe" ? pageOf(element.getAttribute("src") ?? "") : "";
    // A frame of an unknown site without a title may be anything.
    if (this.takesEmbeds && href && (title || isKnown(href))) this.addCard(writer, href, title);
    else this.lostEmbeds += 1;
  }

  /** Writes a card and returns true if `element` is code for embedding without a frame. */
  scriptedEmbed(element, writer) {
    const href = this.takesEmbeds && pageOf(scriptedEmbed(element));
    if (href) this.addCard(writer, href, "");
    return Boolean(href);
  }

  addCard(writer, href, title) {
    this.cards += 1;
    const card = createTag("div");
    card.dataset.embed = href;
    if (title) card.dataset.title = title;
    writer.addBlock(card);
  }
}

/** Moves images and cards out of lists, tables and quotations, to below them. */
export function moveToTopLevel(page) {
  const last = new Map();
  for (const element of page.querySelectorAll("[data-pending-image], [data-embed]")) {
    let [top, parent] = [element, element.parentElement];
    if (parent === page) continue;
    while (top.parentElement !== page) top = top.parentElement;
    (last.get(top) ?? top).after(element);
    last.set(top, element);
    while (parent !== page && !parent.hasChildNodes()) {
      if (/^t[dh]$/.test(parent.localName)) {
        parent.append(createTag("p"));
        break;
      }
      const empty = parent;
      parent = parent.parentElement;
      empty.remove();
    }
  }
}
