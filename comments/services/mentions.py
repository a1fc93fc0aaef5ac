"""Mentions of readers in comments: @ and the display name of another writer in the same thread."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from comments.models import Comment
from comments.text import own_words

MAX_MENTIONS = 10
_AT = re.compile(r"(?<!\w)@")


def mentioned_ids(comment: Comment) -> list[int]:
    """Return the users that `comment` mentions, in order, at most ten. No query unless it contains an @.

    The longest name counts: “@Ann Lee” mentions Ann Lee, not Ann. Case is ignored, but similar names are different.
    All writers who share a name are mentioned. Quoted lines are ignored.
    """
    text = own_words(comment.text)
    places = [match.end() for match in _AT.finditer(text)]
    if not places:
        return []
    writers = _writers(comment.article_id)
    length = max(map(len, writers), default=0)
    found: dict[int, None] = {}
    for place in places:
        found |= dict.fromkeys(_longest_name(text[place : place + length + 1], writers))
        found.pop(comment.author_id or 0, None)
        if len(found) >= MAX_MENTIONS:
            break
    return list(found)[:MAX_MENTIONS]


def _writers(article_id: int) -> Mapping[str, Sequence[int]]:
    """The users with visible comments on the article, by casefolded name."""
    visible = Comment.objects.visible().filter(article=article_id).exclude(author=None)
    writers: dict[str, list[int]] = {}
    for pk, name in visible.order_by().values_list("author", "author__display_name").distinct():
        if name:
            writers.setdefault(name.casefold(), []).append(pk)
    return writers


def _longest_name(text: str, writers: Mapping[str, Sequence[int]]) -> Sequence[int]:
    """Return the users with the longest name that `text` begins with. The name must end at a word boundary."""
    for end in range(len(text), 0, -1):
        if not _continues_word(text[end : end + 1]) and (found := writers.get(text[:end].casefold())):
            return found
    return ()


def _continues_word(character: str) -> bool:
    return character == "_" or (bool(character) and unicodedata.category(character)[0] in "LNM")
