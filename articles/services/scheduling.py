"""Making due versions live, moving a scheduled version to another time, and changing who can read it."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.integrity import unsealed
from articles.models import Article, Series, Version
from articles.services import list_entries
from articles.services.item_types import Item, item_type
from articles.services.publishing import UnsaidChangeError, lock, replace_version
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User


class ScheduleError(Exception):
    """The version cannot be published at that time. The message is a sentence for its editor."""


class ScheduleConflict(Exception):
    """The version that the editor saw is not scheduled any more. The message explains this."""


def promote_all_due(now: datetime | None = None) -> int:
    """Make due upcoming versions of articles live, one transaction each. Return how many. Run by `manage.py tick`.

    Raises an ExceptionGroup after all articles have been tried, if that failed for some.
    """
    now = now or timezone.now()
    count, errors = 0, []
    for article in Article.objects.with_due_upcoming(now):
        try:
            with transaction.atomic():
                count += item_type(article).promote_due(article, now)
        except Exception as error:  # noqa: BLE001 (one article must not delay the others)
            error.add_note(f"Article {article.pk}")
            errors.append(error)
    if errors:
        raise ExceptionGroup("Scheduled versions could not be made live.", errors)
    return count


@transaction.atomic
def reschedule(*, item: Item, at: datetime, seen: int, by: User | None = None) -> Any:
    """Publish the scheduled version number `seen` at `at` (UTC, in the future) instead.

    A new version with the same content takes its place; the old one stays in the record and never appears. Unpublished
    changes stay unpublished. Refreshes `item`. Raises ScheduleConflict or ScheduleError.
    """
    locked, now = lock(item), timezone.now()
    item_type(item).promote_due(locked, now)
    scheduled, at = locked.scheduled_version(), at.replace(microsecond=0)
    if scheduled is None or scheduled.number != seen:
        raise ScheduleConflict(_("This version was published or its schedule changed in the meantime. Check it again."))
    if at <= now:
        raise ScheduleError(_("This time is in the past."))
    if locked.withdrawn_at is not None and locked.withdrawn_at <= at:
        raise ScheduleError(_("It will be removed before that time. Change or cancel the removal first."))
    if scheduled.content is None:
        raise ScheduleError(_("The content of this version was redacted. Publish a new version."))
    if at == scheduled.public_from:
        return scheduled
    try:
        version = replace_version(locked, scheduled, scheduled.content, by=by, at=at, note=scheduled.note)
    except UnsaidChangeError as error:  # It was scheduled by a release that did not ask.
        raise ScheduleError(str(error)) from error
    item.refresh_from_db()
    return version


@transaction.atomic
def set_scheduled_access(*, article: Article, required_level: int, by: User | None = None) -> bool:
    """Change who can read the scheduled version of `article`. Return False if there is none, or nothing to change.

    A new version with the same text and time takes its place, as in `reschedule`. Refreshes `article`.
    """
    return _change_scheduled(article, by, lambda content: {"required_level": required_level}) is not None


@transaction.atomic
def set_scheduled_part(*, article: Article, series: Series, part: int, by: User | None = None) -> bool:
    """Change the number that the scheduled version of `article` has in `series`, as `set_scheduled_access` does."""

    def renumbered(content: JsonObject) -> dict[str, object]:
        current = content.get("series")
        return {"series": current | {"part": part}} if current and current["uuid"] == str(series.uuid) else {}

    version = _change_scheduled(article, by, renumbered)
    if version is not None:
        list_entries.renumber(version, part)
    return version is not None


def _change_scheduled(
    article: Article, by: User | None, changes: Callable[[dict[str, object]], dict[str, object]]
) -> Version | None:
    """Replace the scheduled version by one with `changes` to its content. None if there is none, or nothing changes."""
    locked, now = lock(article), timezone.now()
    item_type(article).promote_due(locked, now)
    scheduled = locked.scheduled_version()
    if scheduled is None or scheduled.content is None:
        return None
    content = unsealed(json.loads(scheduled.content))
    changed = content | changes(content)
    if changed == content:
        return None
    version: Version = replace_version(locked, scheduled, changed, by=by, at=scheduled.public_from, note=scheduled.note)
    article.refresh_from_db()
    return version
