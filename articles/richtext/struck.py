"""Struck words, which must not read as statements: `<s>` inside blocks of HTML, “~~” around them in plain text.

Pure.
"""

import re

from truthlytics.web.markup import HtmlElement, lxml_html
from truthlytics.web.text import word_set

MARK = "~~"
STRUCK_TAGS = ("s", "del", "strike")
BLOCK_TAGS = word_set(
    "p h1 h2 h3 h4 h5 h6 ul ol li pre blockquote table thead tbody tfoot tr td th caption aside hr figure figcaption "
    "div section article header footer main nav center details summary dl dt dd form fieldset legend address hgroup"
)
# A tag as nh3 writes it.
_TAG = re.compile(r'<[a-z][a-z0-9]*(?: [\w:-]+="[^"]*")*>|</s>')
_STRUCK = re.compile(r"~~(?=\S)(.+?)(?<=\S)~~", re.DOTALL)


def mark_struck(root: HtmlElement) -> None:
    """Put marks around the struck words under `root`, without the spaces around them."""
    for element in list(root.iter(*STRUCK_TAGS)):
        if any(parent.tag in STRUCK_TAGS for parent in element.iterancestors()):
            continue
        texts = [(holder, name) for holder, name in _texts(element) if (getattr(holder, name) or "").strip()]
        if not texts:
            continue
        (first, name), (last, last_name) = texts[0], texts[-1]
        text = getattr(first, name)
        setattr(first, name, text[: len(text) - len(text.lstrip())] + MARK + text.lstrip())
        text = getattr(last, last_name)
        setattr(last, last_name, text.rstrip() + MARK + text[len(text.rstrip()) :])


def _texts(element: HtmlElement) -> list[tuple[HtmlElement, str]]:
    """Return where the texts in `element` are, in their order."""
    found = [(element, "text")]
    for child in element:
        found += _texts(child)
        found.append((child, "tail"))
    return found


def without_struck(text: str) -> str:
    """Return plain text without its struck words, for summaries."""
    return " ".join(_STRUCK.sub(" ", text).split())


def without_marks(text: str) -> tuple[str, list[int]]:
    """Return plain text without the marks, and the position in `text` of each character that is left."""
    positions, at = [], 0
    while at < len(text):
        if text.startswith(MARK, at):
            at += len(MARK)
        else:
            positions.append(at)
            at += 1
    return text.replace(MARK, ""), positions


def slice_with_marks(text: str, start: int, end: int) -> str:
    """Return `text[start:end]` of a marked text, with the marks of struck words that are cut off there."""
    piece = text[start:end]
    opens = text.count(MARK, 0, start) % 2
    piece = MARK + piece if opens else piece
    return piece + MARK if piece.count(MARK) % 2 else piece


def as_deletions(html: str) -> str:
    """Return HTML of nh3 with `<del>` for `<s>`, which the parser of lxml would end before the first block in it."""
    if "<s>" not in html:
        return html
    tags = {"<s>": "<del>", "</s>": "</del>"}
    return _TAG.sub(lambda match: tags.get(match[0], match[0]), html)


def strike_in_blocks(root: HtmlElement) -> None:
    """Make `<s>` of all struck elements under `root`, inside the blocks that they are around."""
    # Innermost first.
    for element in reversed([element for element in root.iter(*STRUCK_TAGS) if element is not root]):
        element.tag = "s"
        if _has_blocks(element):
            strike(element)
            element.drop_tag()
    for element in list(root.iter("s")):
        if any(parent.tag == "s" for parent in element.iterancestors()):
            element.drop_tag()


def strike(element: HtmlElement) -> None:
    """Put everything in `element` into `<s>`, inside the blocks that it has."""
    children, run = list(element), _run(element.text)
    element.text = None
    for child in children:
        tail, child.tail = child.tail, None
        if child.tag in BLOCK_TAGS or _has_blocks(child):
            if _has_words(run):
                child.addprevious(run)
            strike(child)
            run = _run(tail)
        else:
            run.append(child)
            child.tail = tail
    if _has_words(run):
        element.append(run)


def _has_blocks(element: HtmlElement) -> bool:
    return any(child.tag in BLOCK_TAGS for child in element.iterdescendants())


def _run(text: str | None) -> HtmlElement:
    run = lxml_html.Element("s")
    run.text = text
    return run


def _has_words(run: HtmlElement) -> bool:
    return bool((run.text or "").strip()) or len(run) > 0
