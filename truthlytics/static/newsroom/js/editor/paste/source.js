// Reads pasted markup: styles as text, URLs without redirects, hidden content.
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi;
const cache = new WeakMap();

/** Renames style attributes and event handlers, which the content security policy would block with console errors. */
export const disarm = (html) =>
  html.replace(TAG, (tag) =>
    tag.replace(
      /(["'\s])(?:(style)|on[a-z]+)(\s*=)/gi,
      (_, before, style, equals) => `${before}data-${style ? "css" : "removed"}${equals}`,
    ),
  );

const STYLE_ELEMENTS = /<style\b[^>]*>([\s\S]*?)<\/style>/gi;
/** Returns the rules of the style elements in `html`. */
export const styleRules = (html) => [...html.matchAll(STYLE_ELEMENTS)].map(([, rules]) => rules).join("\n");
/** Returns the body of clipboard `html`. Nothing in it is loaded or run. */
export const parseClipboard = (html) =>
  new DOMParser().parseFromString(disarm(html.replace(STYLE_ELEMENTS, "")), "text/html").body;

/** Returns the inline styles of `element`, names and values in lower case. */
export function stylesOf(element) {
  if (!cache.has(element)) {
    const rules = (element.getAttribute("data-css") ?? "")
      .toLowerCase()
      .split(";")
      .map((rule) => rule.split(/:(.*)/s));
    cache.set(
      element,
      Object.fromEntries(rules.map(([name, value = ""]) => [name.trim(), value.replace(/\s+/g, " ").trim()])),
    );
  }
  return cache.get(element);
}

/** Whether `element` is not part of the visible text: list numbers, comments, hidden text. */
export function isHidden(element) {
  const style = stylesOf(element);
  return (
    style["mso-list"] === "ignore" ||
    style["mso-hide"] === "all" ||
    style.display === "none" ||
    element.hidden ||
    /^comment/.test(style["mso-element"] ?? "") ||
    /(^|\s)(msocomanchor|MsoCommentReference|msocomoff|msocomtxt|sidenote)(\s|$)/.test(
      element.getAttribute("class") ?? "",
    )
  );
}

const REDIRECTS = [
  [/(^|\.)google\.[a-z.]+$/, "/url", ["q", "url"]],
  [/(^|\.)safelinks\.protection\.outlook\.com$/, "/", ["url"]],
  [/^lm?\.facebook\.com$/, "/l.php", ["u"]],
];

/** Returns the target of `href` without known redirect pages; empty if it is not an absolute web or email link. */
export function resolveUrl(href) {
  let url;
  try {
    url = new URL(href);
  } catch {
    return "";
  }
  for (let i = 0; i < 3; i += 1) {
    const redirect = REDIRECTS.find(([host, path]) => host.test(url.hostname) && url.pathname.startsWith(path));
    const target = redirect?.[2]
      .map((name) => url.searchParams.get(name))
      .find((value) => /^https?:\/\//.test(value ?? ""));
    if (!target) break;
    try {
      url = new URL(target);
    } catch {
      break;
    }
    href = target;
  }
  return /^(https?|mailto):$/.test(url.protocol) ? href.trim() : "";
}
