// Addresses of content on other sites: which become a card, and the page that a player on another site belongs to.
import { parseClipboard, resolveUrl } from "./paste/source.js";

export const hostOf = (href) => {
  try {
    return new URL(href).hostname.replace(/^www\./, "");
  } catch {
    return "";
  }
};

/** Returns the URL as articles/richtext/embeds.py accepts it, or an empty string. */
export function normaliseUrl(text) {
  if (!text.trim()) return "";
  try {
    const { href } = new URL(/^[a-z][a-z0-9+.-]*:/i.test(text.trim()) ? text.trim() : `https://${text.trim()}`);
    return /^https:\/\/([a-z0-9-]+\.)+[a-z][a-z0-9-]*[a-z0-9]([/?#][^\s"<>\\^`{|}]*)?$/.test(href) ? href : "";
  } catch {
    return "";
  }
}

// The hosts whose addresses become a card when they are pasted, and the names of the sites, as in articles/richtext/embeds.py.
const SITES = {
  "youtube.com": "YouTube",
  "youtu.be": "YouTube",
  "vimeo.com": "Vimeo",
  "dailymotion.com": "Dailymotion",
  "soundcloud.com": "SoundCloud",
  "open.spotify.com": "Spotify",
  "podcasts.apple.com": "Apple Podcasts",
  "bsky.app": "Bluesky",
  "x.com": "X",
  "twitter.com": "X",
  "instagram.com": "Instagram",
  "facebook.com": "Facebook",
  "tiktok.com": "TikTok",
  "threads.net": "Threads",
  "openstreetmap.org": "OpenStreetMap",
  "datawrapper.dwcdn.net": "Datawrapper",
  "flourish.studio": "Flourish",
  "documentcloud.org": "DocumentCloud",
};
export const siteOf = (href) => {
  const host = hostOf(href);
  return SITES[host.replace(/^m\./, "")] ?? host;
};
// Posts of Mastodon, which runs on many hosts.
const MASTODON_POST = /^https:\/\/[^/]+\/@[\w.@-]+\/\d{15,}\/?$/;
const MAP = /^https:\/\/(www\.)?google\.[a-z.]+\/maps\//;
/** Whether `href`, alone on a line, becomes a card. */
export const isKnown = (href) =>
  hostOf(href).replace(/^m\./, "") in SITES || MASTODON_POST.test(href) || MAP.test(href);

// From the address of a player to that of its page: a pattern for host and path, and the page.
const PLAYERS = [
  [/^youtube(?:-nocookie)?\.com\/embed\/videoseries/, (_, query) => list(query)],
  [/^youtube(?:-nocookie)?\.com\/(?:embed|shorts|live|v)\/([\w-]+)/, ([, id]) => `www.youtube.com/watch?v=${id}`],
  [/^player\.vimeo\.com\/video\/(\d+)/, ([, id]) => `vimeo.com/${id}`],
  [/^(?:geo\.)?dailymotion\.com\/embed\/video\/(\w+)/, ([, id]) => `www.dailymotion.com/video/${id}`],
  [/^open\.spotify\.com\/embed\/(\w+\/\w+)/, ([, path]) => `open.spotify.com/${path}`],
  [/^embed\.podcasts\.apple\.com\/(.+)/, ([, path]) => `podcasts.apple.com/${path}`],
  [/^platform\.(?:twitter|x)\.com\/embed\//, (_, query) => query.get("id") && `x.com/i/status/${query.get("id")}`],
  [/^(instagram\.com\/(?:p|reel|tv)\/[\w-]+)\/embed/, ([, path]) => `www.${path}/`],
  [/^tiktok\.com\/(?:embed|player)\/(?:v\d\/)?(\d+)/, ([, id]) => `www.tiktok.com/@/video/${id}`],
  [
    /^embed\.bsky\.app\/embed\/([^/]+)\/app\.bsky\.feed\.post\/(\w+)/,
    ([, by, id]) => `bsky.app/profile/${by}/post/${id}`,
  ],
  [/^flo\.uri\.sh\/(visualisation|story)\/(\d+)/, ([, kind, id]) => `public.flourish.studio/${kind}/${id}/`],
  [/^([^/]+\/@[\w.@-]+\/\d{15,})\/embed/, ([, post]) => post],
  [/^facebook\.com\/plugins\//, (_, query) => address(query.get("href"))],
  [/^w\.soundcloud\.com\/player/, (_, query) => address(query.get("url"))],
];
const address = (href) => /^https:\/\/(?!api\.)(.+)/.exec(href ?? "")?.[1];
const list = (query) => query.get("list") && `www.youtube.com/playlist?list=${query.get("list")}`;
// Titles that say only that there is a player or a post.
const EMPTY_TITLE =
  /^((youtube|vimeo|spotify|dailymotion|soundcloud|twitter|x|facebook|instagram|tiktok|mastodon|bluesky|embedded)\b.{0,20}\b(player|embed|post|tweet|content|video)s?|embed(ded)? \w+|x post|iframe|video|map|chart)$/i;
const ADVERTISING =
  /(^|\.)(doubleclick\.net|googlesyndication\.com|googletagmanager\.com|adnxs\.com|amazon-adsystem\.com)$/;

/** Returns the address of the page that the player at `src` is part of, or `src` itself; empty if there is no card. */
export function pageOf(src) {
  const href = normaliseUrl(src.trim().replace(/^(http:)?(?=\/\/)/, "https:"));
  if (!href || ADVERTISING.test(hostOf(href))) return "";
  const url = new URL(href);
  for (const [pattern, page] of PLAYERS) {
    const match = pattern.exec(`${url.hostname.replace(/^www\./, "")}${url.pathname}`);
    const found = match && page(match, url.searchParams);
    if (found) return normaliseUrl(`https://${found}`) || href;
  }
  return href;
}
export const titleOf = (text) => {
  const title = text.replace(/\s+/g, " ").trim();
  return EMPTY_TITLE.test(title) || /^https?:\/\//.test(title) ? "" : title;
};

/** Returns the link that `html` consists of, as `{href, title}`, or null. */
export function onlyLink(html) {
  if (!/<a\s/i.test(html)) return null;
  const body = parseClipboard(html);
  const [a, ...others] = body.querySelectorAll("a[href]");
  const text = (element) => element.textContent.replace(/\s+/g, " ").trim();
  if (!a || others.length || text(a) !== text(body) || body.querySelector("img, iframe, table")) return null;
  return { href: normaliseUrl(resolveUrl(a.getAttribute("href"))), title: titleOf(a.textContent) };
}
