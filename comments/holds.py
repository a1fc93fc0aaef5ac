"""Rules for holding comments until a moderator has approved them."""

import re
import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

from comments.models import Comment
from truthlytics.publication import get_publication
from truthlytics.web.lookalikes import skeleton_words

Hold = Comment.Hold

# An address, a host that begins with www, or one with a path or a common ending. Linear: nothing is repeated twice.
_LINK = re.compile(r"https?://|\bwww\.|[^\W_]\.[a-z]{2,24}/|[^\W_]\.(?:com|net|org|info|biz|io|ru|xyz)\b", re.I)
_EMPHASIS = re.compile(r"[*_]")
# Characters that can replace a letter inside a word, but are punctuation at its edge.
_EDGE = re.compile(r"(?<![^\W_])[!|@$×]|[!|@$×](?![^\W_])")


class HeldWords(NamedTuple):
    """The skeletons of listed words, and of phrases with a space before and after each word."""

    words: frozenset[str]
    phrases: tuple[str, ...]


def hold_reason(*, author: Any, text: str, excluding: Comment | None = None) -> str:
    """Return why a comment by `author` with this text is held (a `Comment.Hold`), or "".

    `excluding` is the comment itself when it is edited, which does not count as an earlier comment.
    """
    if author.is_staff:
        return ""
    publication = get_publication()
    if has_listed_word(text, publication.held_words):
        return Hold.WORD
    if publication.hold_links and has_link(text):
        return Hold.LINK
    if not publication.hold_first_comments:
        return ""
    others = Comment.objects.visible().filter(author=author)
    is_known = (others.exclude(pk=excluding.pk) if excluding else others).exists()
    return "" if is_known else Hold.FIRST


def has_link(text: str) -> bool:
    """Return whether `text` has a web address, as a link or as plain text."""
    return _LINK.search(unicodedata.normalize("NFKC", text)) is not None


def has_listed_word(text: str, listed: str) -> bool:
    """Return whether `text` has one of the `listed` words or phrases (one per line), or one that looks like it.

    Only whole words count. Without regard to case, accents, invisible characters, and the punctuation and digits
    around a word. Takes time in proportion to the length of both.
    """
    held = parse_words(listed)
    if not held.words and not held.phrases:
        return False
    plain = _EMPHASIS.sub("", text)
    # “Idiot!” ends with punctuation, “$hit” begins with a look-alike character, and “idiot1” ends with a digit.
    without_edges = _EDGE.sub(" ", plain)
    readings = (
        skeleton_words(plain, outer_digits=True),
        skeleton_words(without_edges, outer_digits=True),
        skeleton_words(without_edges),
    )
    if any(not held.words.isdisjoint(words) for words in readings):
        return True
    lines = [f" {' '.join(words)} " for words in readings]
    return any(phrase in line for phrase in held.phrases for line in lines)


@lru_cache(maxsize=4)
def parse_words(listed: str) -> HeldWords:
    """Return the skeletons of the words and phrases in `listed`, one per line."""
    lines = [skeleton_words(line, outer_digits=True) for line in listed.splitlines()]
    words = frozenset(line[0] for line in lines if len(line) == 1)
    return HeldWords(words, tuple({f" {' '.join(line)} ": None for line in lines if len(line) > 1}))
