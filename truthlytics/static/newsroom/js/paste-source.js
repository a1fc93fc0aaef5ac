// Reading foreign mark-up: its styles as text, its addresses without the detours, what nobody was meant to see.
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi
const read = new WeakMap()

/** `html` with styles and handlers under names that the browser does not act upon: the policy would refuse them, and complain. */
export const quiet = (html) => html.replace(TAG, (tag) => tag.replace(/(["'\s])(?:(style)|on[a-z]+)(\s*=)/gi, (_, before, style, is) => `${before}data-${style ? "css" : "gone"}${is}`))

/** What the style of `element` says, names and values in small letters. */
export function css(element) {
  if (!read.has(element)) {
    const rules = (element.getAttribute("data-css") ?? "").toLowerCase().split(";").map((rule) => rule.split(/:(.*)/s))
    read.set(element, Object.fromEntries(rules.map(([name, value = ""]) => [name.trim(), value.replace(/\s+/g, " ").trim()])))
  }
  return read.get(element)
}

/** Numbers of lists, comments in the margin, text that is hidden: not part of what was copied to be read. */
export function hidden(element) {
  const style = css(element)
  return style["mso-list"] === "ignore" || style["mso-hide"] === "all" || style.display === "none" || element.hidden
    || /^comment/.test(style["mso-element"] ?? "") || /(^|\s)(msocomanchor|MsoCommentReference|msocomoff|msocomtxt|sidenote)(\s|$)/.test(element.getAttribute("class") ?? "")
}

const DETOURS = [[/(^|\.)google\.[a-z.]+$/, "/url", ["q", "url"]], [/(^|\.)safelinks\.protection\.outlook\.com$/, "/", ["url"]], [/^lm?\.facebook\.com$/, "/l.php", ["u"]]]

/** `href` as a reader may follow it, past the pages that only lead on; empty where it leads nowhere from here. */
export function address(href) {
  let url
  try { url = new URL(href) } catch { return "" }
  for (let i = 0; i < 3; i += 1) {
    const detour = DETOURS.find(([host, path]) => host.test(url.hostname) && url.pathname.startsWith(path))
    const on = detour?.[2].map((name) => url.searchParams.get(name)).find((value) => /^https?:\/\//.test(value ?? ""))
    if (!on) break
    try { url = new URL(on) } catch { break }
    href = on
  }
  return /^(https?|mailto):$/.test(url.protocol) ? href.trim() : ""
}
