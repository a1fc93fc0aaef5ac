"""Comparison of quoted passages with later versions of the article."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from articles.access import Level
from articles.models import Article, Version
from comments.models import Comment
from comments.quotes import ArticleText
from truthlytics.web.text import split_words

QUOTE_FIELDS = split_words(
    "quote quote_prefix quote_suffix quote_position quote_version quote_number quote_is_gated quote_edited_from"
)


@transaction.atomic
def refresh_quotes(*, article: Article, now: datetime | None = None) -> int:
    """Update which quoted passages of `article` were edited, since when, and which are gated now.

    Compares them with the version served at `now` and the scheduled one, so that readers' pages need no comparison.
    Deletes passages from redacted versions that the text no longer has. Returns the number of changed comments. Safe
    to repeat. Sends no signals: the caller invalidates the article's pages.
    """
    now = now or timezone.now()
    quoted = Comment.objects.lock().filter(article=article.pk).exclude(quote="")
    comments = list(
        quoted.select_related("quote_version").only(
            *QUOTE_FIELDS, "quote_version__removal_reason", "quote_version__required_level"
        )
    )
    if not comments:
        return 0
    served_id = article.served_id(now)
    ids = [pk for pk in (served_id, article.upcoming_id) if pk is not None]
    versions = Version.objects.filter(pk__in=ids).order_by("public_from")
    columns = versions.values_list("pk", "public_from", "required_level", "plain_free", "plain_all")
    texts = [_Text(*row[:3], ArticleText(*row[3:])) for row in columns]
    changed = [comment for comment in comments if _refresh(comment, texts, served_id)]
    Comment.objects.bulk_update(changed, QUOTE_FIELDS)
    return len(changed)


class _Text:
    def __init__(self, pk: int, public_from: datetime, level: int, text: ArticleText) -> None:
        self.pk, self.public_from, self.level, self.text = pk, public_from, level, text


def _refresh(comment: Comment, texts: list[_Text], served_id: int | None) -> bool:
    """Compare the quote of `comment` with `texts`. Returns whether anything changed."""
    before = [getattr(comment, name) for name in QUOTE_FIELDS]
    own = comment.quote_version
    found = {text.pk: text.text.find(comment.anchor) for text in texts}
    if own is not None and own.removal_reason and found.get(served_id or 0) is None:
        comment.clear_quote()
        return True
    comment.quote_edited_from = next((text.public_from for text in texts if found[text.pk] is None), None)
    was_free_for_all = own is not None and own.required_level == Level.EVERYONE
    gated = [passage.is_gated for passage in found.values() if passage is not None]
    if gated:
        comment.quote_is_gated = any(gated)
    elif was_free_for_all and any(text.level > Level.EVERYONE for text in texts):
        # Treated as gated: the passage was removed, and the article is no longer free for all.
        comment.quote_is_gated = True
    return before != [getattr(comment, name) for name in QUOTE_FIELDS]
