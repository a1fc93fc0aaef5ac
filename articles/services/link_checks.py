"""Regular checks whether the sources of articles are still online."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from articles.models import Source
from articles.services.denormalise import rerender_showing
from articles.sources import availability
from articles.sources.availability import Outcome
from truthlytics.publication import get_publication

# How often a source is checked, and for how long it must fail before it counts as gone.
INTERVAL = timedelta(days=7)
GONE_AFTER = timedelta(days=7)
# Per run.
MAX_CHECKS = 100
MAX_SECONDS = 60.0
# Between two requests to the same host, in seconds.
PAUSE = 3.0

Check = Callable[..., Outcome]


def check_due(now: datetime) -> int:
    """Check the sources that are due, if turned on in the settings. Return how many were checked."""
    return check_links(now=now) if get_publication().check_links else 0


def check_links(
    *,
    now: datetime,
    check: Check = availability.check,
    limit: int = MAX_CHECKS,
    seconds: float = MAX_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Check up to `limit` sources that are due, for about `seconds`. Return how many were checked.

    One request at a time. Safe to run concurrently: each source is checked only once.
    """
    pace, started, count = _Pace(sleep), time.monotonic(), 0
    for source in Source.objects.to_check(now - INTERVAL)[:limit]:
        if time.monotonic() - started >= seconds:
            break
        if not Source.objects.filter(pk=source.pk, checked_at=source.checked_at).update(checked_at=now):
            continue
        outcome = check(source.url, user_agent=f"link-check (+{settings.SITE_URL}/)", wait=pace.wait)
        record(source=source, outcome=outcome, now=now)
        count += 1
    return count


@transaction.atomic
def record(*, source: Source, outcome: Outcome, now: datetime) -> None:
    """Store the outcome of a check. If the source is gone or back online, update the articles that cite it."""
    locked = Source.objects.select_for_update(of=("self",)).get(pk=source.pk)
    was_gone = locked.gone_at is not None
    if outcome == Outcome.FOUND:
        locked.failing_since = locked.gone_at = None
    elif outcome == Outcome.MISSING:
        locked.failing_since = locked.failing_since or now
        if now - locked.failing_since >= GONE_AFTER:
            locked.gone_at = locked.gone_at or now
    locked.save(update_fields=["failing_since", "gone_at"])
    if was_gone != (locked.gone_at is not None):
        rerender_showing(locked)


class _Pace:
    """Pauses between requests to the same host."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._last: dict[str, float] = {}

    def wait(self, host: str) -> None:
        if (last := self._last.get(host)) is not None:
            self._sleep(max(0.0, last + PAUSE - time.monotonic()))
        self._last[host] = time.monotonic()
