"""Make HTML of the content of a post, whichever format it has."""

import json
import re

from truthlytics.contrib.importers import markdown
from truthlytics.contrib.importers.ghost import lexical, mobiledoc
from truthlytics.contrib.importers.ghost.blocks import GATE
from truthlytics.contrib.importers.ghost.cards import replace_cards
from truthlytics.contrib.importers.ghost.text import text_of
from truthlytics.contrib.importers.records import ReportLoss
from truthlytics.web.types import JsonObject

# Addresses of the site itself. Alone it is that of the front page.
_SITE = re.compile(r"__GHOST_URL__(?=[/?#])|__GHOST_URL__")


def content_of(row: JsonObject) -> str:
    """Return the content of a post: what Ghost has published, else the source of it."""
    return text_of(row, "html", "lexical", "mobiledoc", "markdown")


def is_markdown(row: JsonObject) -> bool:
    return not text_of(row, "html", "lexical", "mobiledoc") and bool(text_of(row, "markdown"))


def to_html(content: str, *, is_markdown: bool, is_gated: bool, report_loss: ReportLoss) -> str:
    """Return `content` as HTML without cards. If it `is_gated`, it has a mark at which the paid part begins.

    A gated post without a mark was not shown at all, so it gets one at its beginning.
    """
    html = markdown.render(content, report_loss) if is_markdown else _rendered(content, report_loss)
    html = replace_cards(without_site(html), report_loss)
    if not is_gated:
        return html.replace(GATE, "")
    return html if GATE in html else GATE + html


def without_site(text: str) -> str:
    return _SITE.sub(lambda match: "" if match.end() < len(text) and text[match.end()] in "/?#" else "/", text)


def _rendered(content: str, report_loss: ReportLoss) -> str:
    """Return HTML as it is, and the formats of the editor as HTML."""
    if not content.lstrip().startswith("{"):
        return content
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        report_loss("value", "Its text is damaged.")
        return ""
    match document:
        case {"root": dict() as root}:
            return lexical.to_html(root, report_loss)
        case {"sections": list()}:
            return mobiledoc.to_html(document, report_loss)
    return content
