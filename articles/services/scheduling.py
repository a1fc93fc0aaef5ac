"""What waits for its time is moved to another."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from articles import search
from articles.models import ENTRY_MODELS, Article, SearchEntry, Version
from articles.services import publishing


class ScheduleError(Exception):
    """It cannot go out at that time; the message is a sentence for its editor."""


class ScheduleConflict(Exception):
    """What the editor saw does not wait any more; the message says so."""


@transaction.atomic
def reschedule(*, article: Article, at: datetime, seen: int, by: Any = None) -> Version:
    """Let the version `seen` (its number), which waits, go out at `at` (UTC, ahead) in place of its time.

    The record is kept: a version with the same words and the other time follows it, and it never appears. What was
    written at the desk since stays there. `article` itself is refreshed. Raises ScheduleConflict, ScheduleError.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    now = timezone.now()
    publishing.fold(locked, now)
    waiting, at = locked.upcoming, at.replace(microsecond=0)
    if waiting is None or waiting.number != seen:
        raise ScheduleConflict(
            "What you saw does not wait any more: it went out, or somebody changed the plan. Look again."
        )
    if at <= now:
        raise ScheduleError("This time has passed.")
    if locked.withdrawn_at is not None and locked.withdrawn_at <= at:
        raise ScheduleError("Readers have it no longer by then: move its end, or take it back, first.")
    if waiting.content is None:
        raise ScheduleError("Its words were taken out of the record: publish it anew.")
    if at == locked.upcoming_at:
        return waiting
    version = publishing.record(
        locked, by=by, now=now, public_from=at, note=waiting.note, content=waiting.content
    )  # fmt: skip
    Version.objects.filter(pk=waiting.pk).update(superseded_at=now)
    locked.upcoming, locked.upcoming_at = version, at
    if locked.live_id is None:
        locked.published_at = at
    locked.save(update_fields=["upcoming", "upcoming_at", "published_at", "updated_at"])
    _move_lines(locked, waiting, version)
    publishing.made(locked, version)
    article.refresh_from_db()
    return version


def _move_lines(article: Article, waiting: Version, version: Version) -> None:
    when = {"published_at": article.published_at, "served_from": version.public_from}
    for entries in ENTRY_MODELS:
        lines = entries.objects.filter(article=article)
        if entries is SearchEntry:
            lines.filter(version=waiting).delete()
        else:
            lines.filter(version=waiting).update(version=version, **when)
        lines.exclude(version=version).update(served_until=version.public_from)
    search.index(version)
