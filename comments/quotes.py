"""Quoted passages of the article: finding them in the text that the writer may read, and showing them to readers.

A comment stores the words of the article, never those that were sent.
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import quote as percent_encode

from django.urls import reverse
from django.utils import timezone

from articles.access import Access, Level, decide
from articles.models import Version
from articles.richtext.anchors import DISTINCTIVE_LENGTH, Anchor, AnchoredText, anchor_at
from articles.richtext.struck import MARK, slice_with_marks, without_marks
from comments.models import Comment

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
        # Readers select words without the marks around struck ones.
        self._marked = complete or free
        self._text, self._positions = without_marks(self._marked)
        self._free_length = len(without_marks(free)[0])
        self._anchored = AnchoredText(self._text)

    def find(self, anchor: Anchor) -> Passage | None:
        """Return the passage with exactly these words. Differences in spaces and quotation marks are ignored.

        Struck words have their marks in the quotation.
        """
        span = self._anchored.find_unchanged(replace(anchor, quote=anchor.quote.replace(MARK, "")))
        if span is None:
            return None
        start, end = self._positions[span[0]], self._positions[span[1] - 1] + 1
        quote = slice_with_marks(self._marked, start, end)
        return Passage(replace(anchor_at(self._text, *span), quote=quote), is_gated=span[1] > self._free_length)

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


@dataclass(frozen=True, slots=True)
class Quotation:
    """What readers see of the passage that a comment quotes; comments/_quotation.html shows it.

    `withheld_from` is "" if they may read the words, else "readers" or "subscribers". `number` is that of the version
    that has the words, if they were edited since.
    """

    withheld_from: str = ""
    quote: str = ""
    url: str = ""
    number: int = 0
    is_edited: bool = False


def quotation_of(comment: Comment, slug: str, *, required_level: int, may_read: bool) -> Quotation | None:
    """Return the passage that `comment` (of `with_quote_level`) quotes, as a reader sees it; None if there is none.

    `required_level` is that of the article `slug`; `may_read` is whether this reader has access to it. Callers check
    that the text of the comment may be shown.
    """
    if not comment.quote:
        return None
    is_edited = comment.quote_edited_from is not None and comment.quote_edited_from <= timezone.now()
    # Words that are no longer in the article need the level of the version that has them, if that is higher.
    level = max(required_level, comment.quote_level or 0) if is_edited else required_level
    if comment.quote_is_gated and not (may_read and level == required_level):
        return Quotation("readers" if level == Level.REGISTERED else "subscribers")
    if is_edited:
        url = reverse("articles:article_version", args=[slug, comment.quote_number])
    else:
        url = reverse("articles:article", args=[slug])
    return Quotation(
        quote=" ".join(comment.quote.split()),
        url=f"{url}#{text_fragment(comment.quote, comment.quote_prefix)}",
        number=comment.quote_number,
        is_edited=is_edited,
    )


def text_fragment(quote: str, prefix: str = "") -> str:
    """Return the text fragment (`:~:text=`) with which browsers scroll to the passage and highlight it."""
    quote = quote.replace(MARK, "")
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
