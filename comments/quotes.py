"""Quoted passages of the article: finding them in the text that the writer may read, and showing them to readers.

A comment stores the words of the article, never those that were sent.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from urllib.parse import quote as percent_encode

from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from articles.access import Access, Level, decide
from articles.models import Version
from articles.richtext.anchors import DISTINCTIVE_LENGTH, Anchor, AnchoredText, anchor_at
from truthlytics.web.compiled_partials import CompiledPartial

# The URL of a longer passage has only its first and last words.
MAX_LINKED_LENGTH = 80
LINKED_WORDS = 4
MAX_WORD_LENGTH = 40
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Passage:
    anchor: Anchor
    is_gated: bool


class ArticleText:
    """The text of a version. Passages that end after `free` are gated; without access, `complete` is empty."""

    def __init__(self, free: str, complete: str = "") -> None:
        self._text = complete or free
        self._free_length = len(free)
        self._anchored = AnchoredText(self._text)

    def find(self, anchor: Anchor) -> Passage | None:
        """Return the passage with exactly these words. Differences in spaces and quotation marks are ignored."""
        span = self._anchored.find_unchanged(anchor)
        return Passage(anchor_at(self._text, *span), is_gated=span[1] > self._free_length) if span else None

    def find_sent(self, quote: str, prefix: str, suffix: str) -> Passage | None:
        """Return the passage that a reader selected between `prefix` and `suffix`, or else anywhere."""
        quote = " ".join(quote.split())
        context = Anchor(quote, _SPACE.sub(" ", prefix), _SPACE.sub(" ", suffix))
        return self.find(context) or self.find(Anchor(quote))


def readable_text(version: Version, access: Access) -> ArticleText:
    """Return the text of `version` that a reader with `access` may read. One query if it has a gated part."""
    if version.required_level == Level.EVERYONE or not decide(version, access).allowed:
        return ArticleText(version.plain_free)
    complete = Version.objects.filter(pk=version.pk).values_list("plain_all", flat=True).get()
    return ArticleText(version.plain_free, complete)


class Quoting(Protocol):
    """A comment, or a row with these columns of one. `quote_level` is that of the version it quotes."""

    @property
    def quote(self) -> str: ...
    @property
    def quote_prefix(self) -> str: ...
    @property
    def quote_number(self) -> int: ...
    @property
    def quote_is_gated(self) -> bool: ...
    @property
    def quote_level(self) -> int | None: ...
    @property
    def quote_edited_from(self) -> datetime | None: ...


class Quotation(NamedTuple):
    """The variant of a quotation. `withheld_from` is "" if the words are shown, else "readers" or "subscribers"."""

    withheld_from: str
    is_edited: bool


_quotation = CompiledPartial("comments/_quotation.html", "quote", "url", "number")


def quotation_html(
    comment: Quoting, slug: str, *, required_level: int, may_read: bool, now: datetime | None = None
) -> str:
    """Return the HTML of the passage that `comment` quotes, "" if there is none.

    `required_level` is that of the article `slug`; `may_read` is whether this reader has access to it. Callers check
    that the text of the comment may be shown.
    """
    if not comment.quote:
        return ""
    is_edited = is_edited_at(comment, now)
    # Words that are no longer in the article need the level of the version that has them, if that is higher.
    level = max(required_level, comment.quote_level or 0) if is_edited else required_level
    if comment.quote_is_gated and not (may_read and level == required_level):
        withheld_from = "readers" if level == Level.REGISTERED else "subscribers"
        return _quotation.render(Quotation(withheld_from, is_edited=False), {})
    if is_edited:
        url = reverse("articles:article_version", args=[slug, comment.quote_number])
    else:
        url = reverse("articles:article", args=[slug])
    values = {
        "quote": escape(" ".join(comment.quote.split())),
        "url": escape(f"{url}#{text_fragment(comment.quote, comment.quote_prefix)}"),
        "number": comment.quote_number,
    }
    return _quotation.render(Quotation("", is_edited), values)


def is_edited_at(comment: Quoting, now: datetime | None = None) -> bool:
    """Return whether the current text no longer has the passage."""
    edited_from = comment.quote_edited_from
    return edited_from is not None and edited_from <= (now or timezone.now())


def text_fragment(quote: str, prefix: str = "") -> str:
    """Return the text fragment (`:~:text=`) with which browsers scroll to the passage and highlight it."""
    lines = [line.split() for line in quote.split("\n") if line.strip()]
    if not lines:
        return ""
    if len(lines) == 1 and len(quote) <= MAX_LINKED_LENGTH:
        before = prefix.rpartition("\n")[2].split()[-LINKED_WORDS:] if len(quote) < DISTINCTIVE_LENGTH else []
        return f":~:text={_encode(before)}-,{_encode(lines[0])}" if before else f":~:text={_encode(lines[0])}"
    return f":~:text={_encode(lines[0][:LINKED_WORDS])},{_encode(lines[-1][-LINKED_WORDS:])}"


def _encode(words: list[str]) -> str:
    # Dashes separate the parts of a directive, and `quote` leaves them as they are.
    return percent_encode(" ".join(word[:MAX_WORD_LENGTH] for word in words), safe="").replace("-", "%2D")
