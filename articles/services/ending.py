"""The end of an article that is public: planned, moved, taken back, explained."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from articles.models import Article

from .publishing import announce


class NotThen(Exception):
    """The article cannot end at that time; the message is a sentence for its editor."""


class EndChanged(Exception):
    """Somebody else set the end in the meantime; the message says so."""


@transaction.atomic
def end_at(*, article: Article, at: datetime, note: str = "", seen: datetime | None = None) -> None:
    """Let readers have `article` until `at` (UTC, ahead) and no longer; from then on its address says `note`.

    `seen` is the end that the editor knew of. Nothing has to run at `at`. `article` itself is refreshed. Raises
    EndChanged, and NotThen for what is not public then, or where a version still waits for a later time.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    now = timezone.now()
    if locked.withdrawn_at != seen:
        raise EndChanged("Its end was changed in the meantime. Look again before you set it.")
    if at <= now:
        raise NotThen("This time has passed.")
    if locked.published_at is None or locked.state(now) == "withdrawn":
        raise NotThen("It is not on the site: there is nothing that could end.")
    if locked.published_at >= at or (locked.upcoming_at is not None and locked.upcoming_at >= at):
        raise NotThen("A version waits for a later time than that. Choose a later end, or give up that plan first.")
    Article.objects.filter(pk=article.pk).update(withdrawn_at=at, withdrawn_note=note, updated_at=now)
    announce(article)


@transaction.atomic
def go_on(*, article: Article) -> bool:
    """Take back an end that lies ahead. True where there was one; what has ended stays withdrawn."""
    now = timezone.now()
    ending = Article.objects.filter(pk=article.pk, withdrawn_at__gt=now)
    done = bool(ending.update(withdrawn_at=None, withdrawn_note="", updated_at=now))
    announce(article)
    return done


@transaction.atomic
def explain(*, article: Article, note: str) -> None:
    """Say something else (or nothing) at the address of what is withdrawn or will be."""
    if Article.objects.filter(pk=article.pk, withdrawn_at__isnull=False).update(withdrawn_note=note):
        announce(article)
