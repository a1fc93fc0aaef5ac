"""Remove the comments with which the block editor marks blocks; their HTML stays."""

import json
import re
from collections.abc import Callable

from truthlytics.contrib.importers.records import ReportLoss
from truthlytics.contrib.importers.wordpress import attribute_texts

MAX_DEPTH = 5  # of reusable blocks in others
_BLOCK = re.compile(r"(/?)wp:([a-z][a-z0-9_-]*(?:/[a-z][a-z0-9_-]*)?)(?:\s+(\{.*\}))?\s*(/?)", re.DOTALL)
_MORE = re.compile(r"more(?![a-z])", re.IGNORECASE)
_NEXT_PAGE = re.compile(r"nextpage(?![a-z])", re.IGNORECASE)
# Blocks without HTML that show nothing either.
_EMPTY = {"spacer", "separator", "nextpage", "more", "footnotes"}
GATE = "\n\n<hr data-gate>\n\n"

# Returns the content of the reusable block with this id, if the export has it.
Reusable = Callable[[str], str | None]


def has_blocks(text: str) -> bool:
    return "<!-- wp:" in text


def unwrap(text: str, reusable: Reusable, report_loss: ReportLoss, depth: int = 0) -> str:
    """Return `text` without HTML comments. “More” becomes the gate, reusable blocks their content.

    Blocks that the old site generated on each request are reported.
    """
    parts, position = [], 0
    while (start := text.find("<!--", position)) >= 0:
        parts.append(text[position:start])
        end = text.find("-->", start + 4)
        if end < 0:  # Not a comment: the rest would be lost.
            parts.append(text[start:].replace("<!--", "&lt;!--"))
            return "".join(parts)
        parts.append(_replacement(text[start + 4 : end].strip(), reusable, report_loss, depth))
        position = end + 3
    parts.append(text[position:])
    return "".join(parts)


def _replacement(comment: str, reusable: Reusable, report_loss: ReportLoss, depth: int) -> str:
    if _MORE.match(comment):
        return GATE
    if _NEXT_PAGE.match(comment):
        return "\n\n"
    match = _BLOCK.fullmatch(comment)
    if match is None or match[1] or not match[4]:
        return ""
    name, attributes = match[2].removeprefix("core/"), _attributes(match[3])
    if name == "block":
        content = reusable(str(attributes.get("ref", ""))) if depth < MAX_DEPTH else None
        if content is not None:
            return unwrap(content, reusable, report_loss, depth + 1)
    elif name.startswith(("embed", "core-embed/")) and isinstance(attributes.get("url"), str):
        return f"\n\n{attributes['url']}\n\n"
    if name not in _EMPTY:
        report_loss("block", name)
    # Those of WordPress itself are put together for each request.
    return attribute_texts.html_of(name, attribute_texts.texts_in(attributes)) if "/" in name else ""


def _attributes(text: str | None) -> dict[str, object]:
    try:
        attributes = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return attributes if isinstance(attributes, dict) else {}
