"""The comments of an item as a tree."""

import re
from collections import Counter
from datetime import datetime
from html import unescape
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles.richtext.struck import MARK
from comments.text import tidy
from truthlytics.contrib.importers.records import CommentRecord
from truthlytics.contrib.importers.sources import Options
from truthlytics.contrib.importers.wordpress.elements import field, line_of_text, written_at
from truthlytics.contrib.importers.wordpress.items import is_wordpress, local_name

# What WordPress calls a comment by a person, and the comments that are or may become visible.
TYPES = {"", "comment"}
STATUSES = {"1": "visible", "0": "waiting"}
_TYPE_NAMES = {"pingback": "pingbacks", "trackback": "trackbacks"}
_BLANK_LINES = re.compile(r"\n\s*\n+")
MAX_NAME_LENGTH = 80


def read_comments(item: Element, options: Options, fallback: datetime) -> tuple[tuple[CommentRecord, ...], list[str]]:
    """Return the comments by people, parents before their replies, and what was left out, as “3 pingbacks”."""
    rows: dict[str, Element] = {}
    left_out: Counter[str] = Counter()
    for number, element in enumerate(child for child in item if _is_comment(child)):
        comment_id = field(element, "comment_id") or f"number {number}"
        if comment_id in rows:
            left_out["comments with an id that an earlier one has"] += 1
        else:
            rows[comment_id] = element
    kept = {comment_id: element for comment_id, element in rows.items() if _keep(element, left_out)}
    parents = _parents(rows, kept)
    comments = tuple(_record(key, parents[key], kept[key], options, fallback) for key in _in_order(parents))
    return comments, [f"{count} {name}" for name, count in left_out.items()]


def _is_comment(element: Element) -> bool:
    return local_name(element) == "comment" and is_wordpress(element)


def _keep(element: Element, left_out: Counter[str]) -> bool:
    comment_type, status = field(element, "comment_type"), field(element, "comment_approved")
    if comment_type not in TYPES:
        left_out[_TYPE_NAMES.get(comment_type, f"of the type “{comment_type[:40]}”")] += 1
        return False
    if status not in STATUSES:
        left_out[f"marked as {status[:40] or 'nothing'}"] += 1
        return False
    return True


def _parents(rows: dict[str, Element], kept: dict[str, Element]) -> dict[str, str]:
    """Return the parent of each kept comment: its nearest ancestor that is kept and not less public; "" for none."""
    above = {comment_id: field(element, "comment_parent") for comment_id, element in rows.items()}
    public = {comment_id for comment_id, element in kept.items() if field(element, "comment_approved") == "1"}

    # What was found above comments that were left out, so that long chains of them are walked once.
    known: dict[tuple[str, bool], str] = {}

    def parent_of(comment_id: str) -> str:
        is_public = comment_id in public
        trail, found = {comment_id: None}, ""
        parent = above[comment_id]
        while parent in rows and parent not in trail:
            if parent in public or (parent in kept and not is_public):
                found = parent
                break
            if (parent, is_public) in known:
                found = known[parent, is_public]
                break
            trail[parent] = None
            parent = above[parent]
        known.update({(passed, is_public): found for passed in trail if passed != comment_id})
        return found

    parents = {comment_id: parent_of(comment_id) for comment_id in kept}
    for comment_id in _in_loops(parents):
        parents[comment_id] = ""
    return parents


def _in_loops(parents: dict[str, str]) -> set[str]:
    """Return the comments that are their own ancestors."""
    loops: set[str] = set()
    done: set[str] = set()
    for start in parents:
        trail: dict[str, None] = {}
        node = start
        while node and node not in done and node not in trail:
            trail[node] = None
            node = parents[node]
        if node in trail:
            names = list(trail)
            loops.update(names[names.index(node) :])
        done.update(trail)
    return loops


def _in_order(parents: dict[str, str]) -> list[str]:
    """Return the comments so that parents come before their replies, and otherwise as in the file."""
    replies: dict[str, list[str]] = {}
    for comment_id, parent in parents.items():
        replies.setdefault(parent, []).append(comment_id)
    ordered = list(replies.get("", ()))
    for comment_id in ordered:  # Grows while it is read.
        ordered += replies.get(comment_id, ())
    return ordered


def _record(comment_id: str, parent: str, element: Element, options: Options, fallback: datetime) -> CommentRecord:
    return CommentRecord(
        source_id=comment_id,
        parent=parent,
        name=line_of_text(field(element, "comment_author"))[:MAX_NAME_LENGTH] or "Anonymous",
        written_at=written_at(element, "comment", options.zone) or fallback,
        text=comment_text(field(element, "comment_content")) or "…",
        url=_web_address(field(element, "comment_author_url")),
        status="visible" if field(element, "comment_approved") == "1" else "waiting",
        email=field(element, "comment_author_email") if options.keep_emails else "",
    )


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def comment_text(html: str) -> str:
    """Return the text in the mark-up of comments here: paragraphs, emphasis, quotations and links."""
    if "<" not in html:
        return tidy(unescape(html))
    # A lone `<` is text.
    html = re.sub(r"<(?![a-zA-Z/!])", "&lt;", html)
    try:
        root = lxml_html.fragment_fromstring(html, create_parent="div")
    except (etree.ParserError, ValueError):
        return tidy(unescape(html))
    for element in list(root.iter("script", "style", etree.Comment)):
        element.drop_tree()
    for element in list(root.iterdescendants(etree.Element)):
        _as_text(element)
    return tidy(_BLANK_LINES.sub("\n\n", root.text_content()))


def _as_text(element: HtmlElement) -> None:
    """Replace the mark-up of an element by characters; its text stays."""
    match element.tag:
        case "a":
            href, text = (element.get("href") or "").strip(), element.text_content().strip()
            if href.startswith(("http://", "https://")) and href not in text:
                _append(element, f" ({href})" if text else href)
        case "img":
            element.tail = f"{element.get('alt') or element.get('src') or ''}{element.tail or ''}"
        case "em" | "i" if element.text_content().strip() and "\n" not in element.text_content():
            element.text = f"*{(element.text or '').lstrip()}"
            _append(element, "*")
        case "s" | "del" | "strike" if element.text_content().strip() and "\n" not in element.text_content():
            element.text = f"{MARK}{(element.text or '').lstrip()}"
            _append(element, MARK)
        case "br":
            element.tail = f"\n{(element.tail or '').lstrip()}"
        case "p" | "div" | "li" | "tr" | "h1" | "h2" | "h3" | "h4" | "pre" | "ul" | "ol":
            element.tail = f"\n\n{element.tail or ''}"
        case "blockquote":
            lines = element.text_content().strip().split("\n")
            for child in list(element):
                element.remove(child)
            element.text = "\n" + "\n".join(f"> {line.strip()}" for line in lines if line.strip())
            element.tail = f"\n\n{element.tail or ''}"


def _append(element: HtmlElement, text: str) -> None:
    """Add `text` after everything inside the element."""
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text
