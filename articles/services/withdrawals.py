"""Keeping the rows that say when an article was withdrawn."""

from datetime import datetime

from articles.models import Article, Withdrawal


def record(article: Article, now: datetime) -> None:
    """Store what `article.withdrawn_at` and `withdrawn_note` say now. The article is locked.

    A withdrawal that is in effect ends if it was cleared; a future one is deleted.
    """
    current = Withdrawal.objects.filter(article=article, ended_at=None)
    if article.withdrawn_at is None:
        current.filter(at__gt=now).delete()
        current.update(ended_at=now)
    else:
        columns = {"at": article.withdrawn_at, "note": article.withdrawn_note}
        Withdrawal.objects.update_or_create(article=article, ended_at=None, defaults=columns)
