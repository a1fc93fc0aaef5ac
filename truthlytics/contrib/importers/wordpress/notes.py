"""Footnotes of the block editor: references in the text, and their texts in a custom field, as JSON."""

import json
import re
from html import escape

from lxml import etree
from lxml import html as lxml_html

from articles.richtext.nesting import limit_open_tags
from truthlytics.contrib.importers.footnotes import note_text

FIELD = "footnotes"
_REFERENCE = re.compile(
    r"<sup\b[^<>]{0,300}?\sdata-fn=[\"']([^\"'<>]{1,100})[\"'][^<>]{0,300}>"
    r"(?:<a\b[^<>]{0,1000}>)?([^<>]{0,20})(?:</a>)?</sup>",
    re.IGNORECASE,
)


def attach(content: str, fields: dict[str, list[str]], losses: list[tuple[str, str]]) -> str:
    """Return `content` with the texts of the notes at their references. `losses` gets what cannot be attached."""
    if not any(fields.get(FIELD, ())) and "data-fn" not in content:
        return content
    notes = _notes(next(filter(None, fields.get(FIELD, ())), ""), losses)
    used = set()

    def reference(match: re.Match[str]) -> str:
        text = notes.get(match[1], "")
        used.add(match[1])
        if not text:
            losses.append(("note", f"The reference {match[1]} has no text."))
            return f"<sup>{match[2]}</sup>"
        # Brackets would be taken for shortcodes.
        return f'<sup data-footnote="{escape(text).replace("[", "&#91;").replace("]", "&#93;")}"></sup>'

    content = _REFERENCE.sub(reference, content)
    losses += [("note", text) for name, text in notes.items() if name not in used and text]
    return content


def _notes(value: str, losses: list[tuple[str, str]]) -> dict[str, str]:
    try:
        rows = json.loads(value) if value.strip() else []
    except (ValueError, RecursionError):
        losses.append(("value", "the texts of its footnotes"))
        return {}
    notes = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("id"), str) and isinstance(row.get("content"), str):
            notes[row["id"]] = _text(row["content"])
    return notes


def _text(html: str) -> str:
    try:
        return note_text(lxml_html.fragment_fromstring(limit_open_tags(html), create_parent="div"))
    except (etree.ParserError, ValueError):
        return " ".join(html.split())
