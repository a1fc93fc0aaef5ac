"""What changed from one public version to another, as readers see it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.access import Level
from articles.models import Kind
from articles.models.how_we_know import HOW_WE_KNOW
from articles.presenters.sources import changed_sources
from articles.revisions.blocks import Block, blocks, picture_block
from articles.revisions.diff import Row, diff_blocks, word_diff
from articles.revisions.fields import EMPTY, LABELS, Fact, differing, display_value, editable_fields
from articles.seo.meta import language_name
from truthlytics.web.text import word_set
from truthlytics.web.types import Content

_WORD = re.compile(r"\w[\w’'.,-]*")
# Compared as text, or of the newsroom only.
_NOT_FACTS = word_set("headline standfirst body lead lead_caption slug purpose translation_of audio") | {*HOW_WE_KNOW}
_LABELS: dict[str, str | Promise] = {
    "seo_title": _("Title for search engines"),
    "seo_description": _("Description for search engines"),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes from one version to another."""

    rows: Sequence[Row]
    facts: Sequence[Fact]

    @property
    def empty(self) -> bool:
        return not self.facts and all(row.kind == "same" for row in self.rows)

    @property
    def added(self) -> int:
        return self._words("+")

    @property
    def removed(self) -> int:
        return self._words("-")

    def _words(self, op: str) -> int:
        """Count the words of the parts, without links and descriptions of images."""
        changed = (part for row in self.rows if not row.same_words for part in row.parts if part.op == op)
        return sum(len(_WORD.findall(part.text)) for part in changed)


def compare(old: Content, new: Content, *, bodies: tuple[str, str] | None = None) -> Comparison:
    """Compare the contents of two versions: headline, standfirst, images, captions, text, notes and facts.

    `bodies` are compared instead of those in the contents, for readers who cannot read all of them.
    """
    before, after = editable_fields(old), editable_fields(new)
    first_rows, last_rows = (
        [
            Row("changed", name, tuple(word_diff(before[name], after[name])), label=str(LABELS[name]) if named else "")
            for name in names
            if before[name] != after[name]
        ]
        for names, named in ((("headline", "standfirst"), False), (HOW_WE_KNOW, True))
    )
    facts = [
        Fact(str(_LABELS.get(name, LABELS[name])), _value(name, before[name], old), _value(name, after[name], new))
        for name in differing(before, after)
        if name not in _NOT_FACTS
    ]
    if before["audio"] != after["audio"]:
        facts.append(_recording_fact(bool(before["audio"]), bool(after["audio"])))
    first, second = bodies or (old["body"], new["body"])
    removed, added = changed_sources(old, new, (first, second))
    if removed or added:
        facts.append(Fact(gettext("Sources"), removed or EMPTY, added or EMPTY))
    of_text = diff_blocks(_blocks(old, first), _blocks(new, second))
    return Comparison([*first_rows, *of_text, *last_rows], facts)


def _recording_fact(had: bool, has: bool) -> Fact:
    """Say that the recording was added, replaced or removed. Its title is for the newsroom only."""
    if had and has:
        old, new = gettext("Previous recording"), gettext("New recording")
    else:
        old, new = (gettext("Recording") if there else EMPTY for there in (had, has))
    return Fact(str(LABELS["audio"]), old, new)


def _blocks(content: Content, body: str) -> list[Block]:
    lead = content.get("lead")
    details = content["pictures"].get(lead["uuid"]) if lead else None
    first = [picture_block(details, lead["caption"])] if lead and details else []
    return [*first, *blocks(body, content["pictures"])]


def _value(name: str, value: Any, content: Content) -> str:
    """Return the value of a field for readers; "–" if it has none."""
    if name == "kind":
        return str(Kind(value).label) if value in Kind.values else str(value)
    if name == "required_level":
        return str(Level(value).label) if value in Level.values else str(value)
    if name == "language":
        return language_name(value)
    if name == "social_image" and value:
        return str(content["pictures"].get(value, {}).get("alt", "")) or EMPTY
    return display_value(name, value)
