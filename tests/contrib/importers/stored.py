"""What an import has stored, in the form that `shared/tools/importcheck/compare.py` compares with the export.

An importer changes some things on purpose: it adds notes about images and links for addresses that WordPress showed as
embeds, shows captions that old exports have as attributes, and spells slugs with letters that URLs have here. Exactly
these are undone here, so that everything else must agree.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

from comments.models import Comment
from truthlytics.contrib.importers.models import ImportedObject
from truthlytics.contrib.importers.plan import item_of, preferred_slug
from truthlytics.contrib.importers.records import Record
from truthlytics.contrib.importers.sources import Source

NOTE = re.compile(r"<em>image not included.*?(?:Caption: (.*?))?</em>", re.DOTALL)
# A paragraph whose text is its address, or the host of it.
LINK = re.compile(r'<p>\s*<a href="(?:https?:)?//([^"/]+)[^"]*"[^>]*>\s*([^<\s]*)\s*</a>\s*</p>')
CAPTION = re.compile(r"""\[(?:wp_)?caption\b[^\]]*?\scaption\s*=\s*(?:"([^"]*)"|'([^']*)')""")
FOOTNOTE = re.compile(r'<sup data-footnote="([^"]*)"></sup>')
NUMBERED = re.compile(r"<sup>\d+</sup>|<sup data-footnote=")
SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
# Why a draft is one, and what it was in the source.
CLOSED = (
    ("It was private.", "private"),
    ("It was protected by a password.", "password"),
    ("It was only sent by email.", "sent"),
    ("It was to appear on ", "scheduled"),
    ("Only some readers could see it, and pages", "published"),
)
# What systems number their records with; others are made by the importer.
SOURCE_ID = re.compile(r"\d+|[0-9a-f]{24}")


def stored_objects(source: Source) -> Iterator[dict[str, Any]]:
    """Yield every article and page that was imported from `source`, with the comments that readers see."""
    records = {entry.key: entry for entry in source.read() if isinstance(entry, Record)}
    comments = _comments()
    rows = (
        ImportedObject.objects.exclude(kind__in=("comment", "image")).select_related("article", "page").order_by("pk")
    )
    taken = Counter((imported.article_id is None, item_of(imported).slug) for imported in rows)
    for imported in rows:
        record, item = records[imported.source, imported.kind, imported.source_id], item_of(imported)
        state, preferred = item.state(), preferred_slug(record)
        differs_by_number = item.slug.startswith(preferred) and taken[imported.article_id is None, preferred]
        is_spelled_here = item.slug == preferred or differs_by_number
        number = imported.source_id.partition(" ")[0]
        yield {
            "source_id": number if SOURCE_ID.fullmatch(number) else "",
            "kind": {"article": "post", "page": "page"}[imported.kind],
            "status": _status(imported.reason) if state == "draft" else state,
            "slug": record.slug if is_spelled_here else item.slug,
            "title": "" if item.headline.startswith("Untitled (") else item.headline,
            "html": _without_additions(_body(item), record),
            "comments": comments.get(item.pk, []) if imported.article_id else [],
        }


def _status(reason: str) -> str:
    """Return what a draft was in the source, for this reason why it is one."""
    return next((status for start, status in CLOSED if reason.startswith(start)), "draft")


def _comments() -> dict[int, list[dict[str, Any]]]:
    """Return the visible comments by article."""
    found: dict[int, list[dict[str, Any]]] = {}
    ids = dict(ImportedObject.objects.filter(kind="comment").values_list("comment", "source_id"))
    for row in Comment.objects.visible().order_by("pk"):
        entry = {"source_id": ids[row.pk], "parent": ids.get(row.parent_id) if row.parent_id else None}
        found.setdefault(row.article_id, []).append(entry)
    return found


def _body(item: Any) -> str:
    """Return the body that readers get, or that of the draft."""
    version = item.served_version() or item.scheduled_version()
    return str(item.body if version is None else json.loads(version.content)["body"])


def _without_additions(body: str, record: Record) -> str:
    body = LINK.sub(lambda match: "" if match[2] == match[1] or "://" in match[2] else match[0], NOTE.sub(r"\1", body))
    if 'class="footnotes' in record.body:
        # The list of notes at the end, and its numbers.
        notes = [html.unescape(note) for note in FOOTNOTE.findall(body)]
        numbers = count(1)
        body = FOOTNOTE.sub(lambda match: f"[{next(numbers)}]", body)
        body += "".join(f"<p>{html.escape(note)}</p>" for note in notes)
    elif NUMBERED.search(record.body):
        # The file has the numbers of the notes in the text; those without a note are characters here.
        numbers = count(1)
        body = FOOTNOTE.sub(lambda match: str(next(numbers)), body).translate(SUPERSCRIPT)
    for match in CAPTION.finditer(record.body):
        caption = html.escape(html.unescape(match[1] or match[2]), quote=False)
        for element in ("p", "figcaption"):
            if f"<{element}>{caption}</{element}>" in body:
                body = body.replace(f"<{element}>{caption}</{element}>", "", 1)
                break
    return body
