"""Find comments by the beginnings of their words, or by their writers."""

from collections.abc import Collection
from functools import reduce
from operator import and_

from django.contrib.auth import get_user_model
from django.db.models import Q

from comments.models.comments import CommentQuerySet
from truthlytics.web.word_index import WordIndex

WORDS = WordIndex("comments_comment", ("text", "imported_name"), fts="comments_search", gin="comment_by_words")
# More of them are found with a subquery instead of their ids.
MAX_WRITERS = 500


def find(comments: CommentQuerySet, words: Collection[str], *, by_email: bool) -> CommentQuerySet:
    """Return the comments whose text or imported name has all `words` (from `words_of`), and those of writers whose
    name, or with `by_email` address, contains all of them.
    """
    of_writer = reduce(and_, (Q(display_name__icontains=word) for word in words))
    if by_email:
        of_writer |= reduce(and_, (Q(email__icontains=word) for word in words))
    writers = get_user_model()._default_manager.filter(of_writer).order_by().values_list("pk", flat=True)
    ids = list(writers[: MAX_WRITERS + 1])
    return comments.filter(WORDS.matches(words) | Q(author__in=ids if len(ids) <= MAX_WRITERS else writers))
