"""Limit how deeply elements are nested: parsing takes quadratic time, and recursive code fails, for deep trees."""

import re

from truthlytics.web.markup import HtmlElement
from truthlytics.web.text import word_set

# Elements nested deeper are replaced by their text.
MAX_DEPTH = 32
# Tags nested deeper are removed even before parsing.
MAX_OPEN_TAGS = 300
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)[^>]*>", re.IGNORECASE)
# Not counted, because they may remain open: in HTML, the next one or the end of the container closes them.
_MAY_STAY_OPEN = word_set(
    "p li tr td th thead tbody tfoot dt dd option colgroup caption area base br col embed hr img input link meta "
    "source track wbr"
)


def limit_open_tags(html: str) -> str:
    """Remove the tags of elements nested deeper than MAX_OPEN_TAGS, in linear time. Their text is preserved."""
    if html.count("<") <= MAX_OPEN_TAGS:
        return html
    depth = 0

    def limited(tag: re.Match[str]) -> str:
        nonlocal depth
        if tag[2].lower() in _MAY_STAY_OPEN:
            return tag[0]
        depth = max(0, depth - 1) if tag[1] else depth + 1
        return tag[0] if depth < MAX_OPEN_TAGS else " "

    return _TAG.sub(limited, html)


def limit_depth(root: HtmlElement) -> None:
    """Replace the elements nested deeper than MAX_DEPTH under `root` by their text."""
    level = list(root)
    for _ in range(MAX_DEPTH - 1):
        level = [child for element in level for child in element]
    for element in level:
        if len(element):
            text = " ".join(" ".join(element.itertext()).split())
            del element[:]
            element.text = text
