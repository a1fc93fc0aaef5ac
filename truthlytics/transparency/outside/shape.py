"""What an honest page is made of: the elements, attributes and classes that a page of this software has.

Whatever is not listed here can hide words, show others or move them, so it is named. The words are compared elsewhere.
`static/js/record-shape.js` has the same lists; tests hold both against the same pages.
"""

from __future__ import annotations

import re
import unicodedata
import urllib.parse
from collections.abc import Iterator

from truthlytics.transparency.outside.html import Element

# For each part of a page: its elements, each with the attributes and .classes that it may have.
_INLINE = """strong; em; code; s; sup; sub; br; a href rel title"""
_PICTURE = """picture; source type srcset sizes; img src srcset sizes alt width height loading decoding fetchpriority
    .focus-x-0 .focus-x-1 .focus-x-2 .focus-x-3 .focus-x-4"""
PARTS = {
    "frame": """html lang dir; body; main id .container; article data-article data-version data-read .article;
        div id .article-grid .article-grid__full .article-grid__text .article-grid__wide .article-grid__sidebar
        .article__tools .ruled .dossier .dossier__intro; header .page-header .article-grid__wide;
        section aria-labelledby""",
    "title": "h1 lang dir .page-header__title .page-header__title--long",
    "label": "div .article__label; p .label .dotted .label__definition .article__part; span; a href",
    "standfirst": "p lang dir .page-header__standfirst",
    "byline": "div .byline; p; a href; b; bdi; br; span .dotted",
    "log": "ul aria-label .version-log; li; a href; time datetime",
    "dates": """div .page-history .dossier__history; li; a href; time datetime; p; details;
        summary; ol""",
    "changes": """section id aria-labelledby .corrections .changes .changes--closing; h2 id; ol; li .superseded;
        time datetime; span .visually-hidden .changed-facts; a href .changes__version; em; b""",
    "figure": f"""figure .figure .figure--lead .figure--tall .figure--wide .figure--aside .figure--small .article__lead
        .article-grid__full; {_PICTURE}; figcaption lang dir .figure__caption; span .figure__credit; p; {_INLINE};
        h2 id dir; h3 id dir; h4 id dir; hr; sup id .cite; b; a href rel title role aria-label;
        small aria-hidden .sidenote""",
    "text": f"""div lang tabindex role aria-label .prose .prose--complete .prose--page .article__paid .dossier__summary
        .table .table__scroll .embed .embed--video .gallery .gallery--2 .gallery--3 .gallery--4 .gallery--5 .gallery--6;
        p dir; h2 id dir; h3 id dir; h4 id dir; ul dir; ol start dir; li dir; blockquote dir; pre tabindex; hr;
        table; thead; tbody; tfoot; tr; th scope colspan rowspan dir .figures .words;
        td colspan rowspan dir .figures .words; aside role aria-label .pullquote .callout; footer; b;
        small aria-hidden .sidenote .embed__site .embed__where .embed__credit; span .embed__title .embed__title--bare;
        strong; em; code; s; sup id .cite; sub; br;
        a href rel title role aria-label target .embed__link .button; {_PICTURE}""",
    "endnotes": """section role aria-labelledby .endnotes; h2 id; ol lang; li id; a href rel role;
        span .visually-hidden""",
    "answers": """section aria-labelledby .how-we-know; h2 id; dl; div; dt; dd lang dir data-ai-uses data-review
        data-outside-record;
        span lang dir; bdi; time datetime""",
    "sources": """section aria-labelledby .sources; h2 id; ol; li; div .dotted; a href rel lang; span lang
        .visually-hidden; small""",
    "address": "p .article__url",
    "heading": "h2 id .entries__month",
    "reason": "div .removed-text; p .removed-text",
    "entries": f"""ol .entries .entries--large .entries--dated; li .entry .entry--pictured; time datetime .entry__date;
        div; p dir lang .entry__description .entry__meta .entry__text .dotted; h3 lang dir .entry__headline; bdi;
        span .label .entry__kind; small; strong .corrected; a href rel tabindex aria-hidden lang
        .entry__image; {_PICTURE}""",
    "list": """main id .container; header .page-header; div role tabindex aria-label .list-layout .table__scroll;
        h1 lang dir .page-header__title; h2 .label .label--plain .entries__month .history__number;
        h3 lang .correction__headline;
        p .label .label--plain .page-header__standfirst .history__facts .history__note .history__links .history__verify
        .report-figures .correction__facts .correction__sentence .correction__later .small .sans .muted .feeds
        .removed-text; ol reversed start .history .correction-list; li id .history__version .correction .superseded;
        section .record-proof; span .visually-hidden .history__current .changed-facts; a href rel lang dir; b; bdi; em;
        strong; time datetime; table .correction-counts; caption .visually-hidden; thead; tbody; tr; th scope; td;
        nav aria-label .pagination""",
    "audio": "div .audio-player; p id; span .figures; audio controls preload aria-labelledby src",
}
# Parts that no record has: menus, forms, comments. Nothing in them may change what is shown of the others.
BESIDE = {
    "a", "address", "article", "aside", "audio", "b", "bdi", "blockquote", "br", "button", "code", "dd", "details",
    "dialog", "div", "dl", "dt", "em", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4",
    "header", "hr", "i", "img", "input", "label", "legend", "li", "main", "nav", "ol", "optgroup", "option", "output",
    "p", "path", "picture", "pre", "progress", "q", "s", "section", "select", "small", "source", "span", "strong",
    "sub", "summary", "sup", "svg", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "time", "tr", "ul",
}  # fmt: skip
_BESIDE_ATTRIBUTES = re.compile(
    "class|id|lang|dir|hidden|title|role|tabindex|href|rel|target|src|srcset|sizes|alt|width|height|loading|decoding|"
    "fetchpriority|type|name|value|placeholder|required|disabled|readonly|checked|selected|multiple|min|max|minlength|"
    "maxlength|pattern|step|rows|cols|for|action|method|enctype|novalidate|autocomplete|autocapitalize|autofocus|"
    "enterkeyhint|inputmode|spellcheck|popover|popovertarget|open|controls|preload|datetime|start|scope|colspan|"
    "rowspan|label|list|viewbox|d|fill|stroke|accept|aria-[a-z]+|data-[a-z-]+"
)
# What begins a document, and what stands in its body beside the text.
_HEAD = {
    "meta": "charset name property content", "link": "rel href type title as crossorigin sizes hreflang media",
    "title": "", "script": "src type defer async",
}  # fmt: skip
_LINKS = {
    "alternate", "apple-touch-icon", "canonical", "icon", "manifest", "preload", "stylesheet", "me", "next", "prev",
}  # fmt: skip
# Addresses that are not addresses, but what stands there.
_OWN = {"data", "javascript", "blob"}
TOP = (".skip", ".masthead", ".footer", ".messages", "[data-outside-record]")
_VALUES = {
    "id": re.compile(r"[^\s]{1,200}"),
    "lang": re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"),
    "href": re.compile(r"(https?://|mailto:|/|#|\?).*", re.DOTALL),
    "src": re.compile("(https?:/)?/.*"),
    "srcset": re.compile("(https?:/)?/.*"),
    "rel": re.compile("noopener|next|prev|first"),
    "target": re.compile("_blank"),
    "type": re.compile("image/(avif|webp|jpeg)"),
    "tabindex": re.compile("0|-1"),
    "role": re.compile("doc-noteref|doc-backlink|doc-endnotes|note|region"),
    "scope": re.compile("col|row"),
    "aria-hidden": re.compile("true"),
}
# Attributes that only some elements have, by a class that these have.
_ONLY = {("small", "aria-hidden"): "sidenote", ("a", "aria-hidden"): "entry__image"}
# Elements of words, which have no pictures in them.
_OF_WORDS = {"strong", "em", "code", "s", "sup", "sub", "b", "small"}
# Where words for screen readers alone are.
_HIDDEN = {("span", "a"), ("caption", "table")}


def _listed(text: str) -> dict[str, set[str]]:
    names = [part.split() for part in text.split(";")]
    return {tag: set(rest) for tag, *rest in names}


_PARTS = {name: _listed(text) for name, text in PARTS.items()}
_HEADS = {tag: set(text.split()) for tag, text in _HEAD.items()}


def problem_in(part: str, element: Element, parent: Element) -> str:
    """Return what an honest page does not have of this element, which is in the `part` of a page, or ""."""
    tag, allowed = element.tag, _PARTS[part].get(element.tag)
    if allowed is None:
        return f"an element <{tag}>"
    for name, value in element.attributes.items():
        if name == "class":
            unknown = [one for one in element.classes if f".{one}" not in allowed]
            if unknown:
                return f"an element <{tag}> of the class “{unknown[0]}”"
        elif name not in allowed or not _fits(element, name, value):
            return f"the attribute {name}=“{value[:60]}” of a <{tag}>"
    if tag == "a" and "href" not in element.attributes:
        return "a link without an address"
    if tag == "picture" and parent.tag in _OF_WORDS:
        return f"a picture in a <{parent.tag}>"
    if "visually-hidden" in element.classes and (tag, parent.tag) not in _HIDDEN:
        return "words that are hidden by their class"
    return ""


def _fits(element: Element, name: str, value: str) -> bool:
    needed = _ONLY.get((element.tag, name))
    if name == "dir" and element.tag != "html":
        return value == "ltr" or (value == "rtl" and _is_right_to_left(element.words()))
    if needed is not None and needed not in element.classes:
        return False
    return name not in _VALUES or bool(_VALUES[name].fullmatch(value))


def _is_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)


def problems_of_list(root: Element, address: str) -> Iterator[str]:
    """Yield what an honest list of versions or corrections does not have."""
    yield from problems_of_document(root, address)
    for main in root.all("main"):
        parents = [main, *main.descendants()]
        for parent in parents:
            for child in parent.inner():
                if problem := problem_in("list", child, parent):
                    yield problem
        if problem := problem_in("list", main, root):
            yield problem


def _scheme(address: str) -> str:
    return "".join(address.split(":")[0].split()).lower()


def problems_beside(element: Element) -> Iterator[str]:
    """Yield what an honest page does not have in a part that is outside the record."""
    for one in (element, *element.descendants()):
        if one.tag not in BESIDE and not (one.tag == "script" and "src" in one.attributes):
            yield f"an element <{one.tag}>"
        for name, value in one.attributes.items():
            is_script = one.tag == "script" and name in _HEADS["script"]
            if not (_BESIDE_ATTRIBUTES.fullmatch(name) or is_script) or (
                name in ("src", "href", "action") and _scheme(value) in _OWN
            ):
                yield f"the attribute {name}=“{value[:60]}” of a <{one.tag}>"


def problems_of_document(root: Element, address: str) -> Iterator[str]:
    """Yield what an honest page does not have around its text. `address` is where it was read, or ""."""
    tops = [element.tag for element in root.inner()]
    parents = [root, *root.inner()]
    words = [child for parent in parents for child in parent.children if isinstance(child, str) and child.strip()]
    inner = [element.tag for element in root.inner() for element in element.inner()]
    if tops != ["html"] or inner != ["head", "body"] or words:
        yield "another order than <head> and <body>"
        return
    head, body = root.inner()[0].inner()
    if head.attributes:
        yield "attributes of its <head>"
    for element in (root.inner()[0], body):
        if problem := problem_in("frame", element, root):
            yield problem
    yield from _problems_of_head(head, address)
    for child in body.children:
        if isinstance(child, str):
            if child.strip():
                yield f"words beside the text: “{' '.join(child.split())[:60]}”"
        elif child.tag == "script":
            yield from _problems_of_script(child, address)
        elif child.tag != "main" and child.matches(*TOP):
            yield from problems_beside(child)
        elif child.tag != "main":
            yield f"an element <{child.tag}> beside the text: “{child.words()[:60]}”"
    if len(root.all("main")) != 1 or sum(child.tag == "main" for child in body.inner()) != 1:
        yield f"{len(root.all('main'))} elements <main>"


def _problems_of_head(head: Element, address: str) -> Iterator[str]:
    for child in head.children:
        if isinstance(child, str):
            if child.strip():
                yield f"words before the page: “{' '.join(child.split())[:60]}”"
            continue
        unknown = [name for name in child.attributes if name not in _HEADS.get(child.tag, set())]
        if child.tag not in _HEADS:
            yield f"an element <{child.tag}> in its head"
        elif unknown:
            yield f"the attribute {unknown[0]}=“{child.get(unknown[0])[:60]}” of a <{child.tag}>"
        elif child.inner():
            yield f"an element in the <{child.tag}> of its head"
        elif child.tag == "link" and not set(child.get("rel").split()) <= _LINKS:
            yield f"a <link> of the kind “{child.get('rel')}”"
        elif child.tag == "script":
            yield from _problems_of_script(child, address)


def _problems_of_script(script: Element, address: str) -> Iterator[str]:
    source = script.get("src")
    if "src" not in script.attributes and script.get("type") != "application/ld+json":
        yield "a script in the page itself"
    elif _scheme(source) in _OWN:
        yield f"a script in its own address: “{source[:60]}”"
    elif set(script.attributes) - _HEADS["script"]:
        yield "a <script> with other attributes"


def foreign(root: Element, address: str) -> list[str]:
    """Return the hosts from which the page has scripts or style sheets, besides its own."""
    own = urllib.parse.urlsplit(address).netloc
    files = [element.get("src") for element in root.all("script")]
    files += [element.get("href") for element in root.all("link") if "stylesheet" in element.get("rel").split()]
    hosts = (urllib.parse.urlsplit(urllib.parse.urljoin(address, file)).netloc for file in files)
    return sorted({host for host in hosts if host and host != own})
