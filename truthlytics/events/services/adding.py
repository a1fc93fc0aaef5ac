"""Adding events, in the transaction of what they tell."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import TextChoices
from django.dispatch import Signal
from django.utils import timezone

from truthlytics.events.models import Event, known

# Sent when events that are due were committed, so that they need not wait for `tick`. Receivers only queue tasks.
events_added = Signal()


def new_event(kind: TextChoices, *, at: datetime | None = None, key: str | None = None, **data: object) -> Event:
    """Return an unsaved event that is due at `at`, by default at once.

    `key` tells what happens only once from what happens again. In `data`, `path` is the path of a page of the site, and
    `reader` the id of an account; there is nothing else about a person. Raises ValueError if there is no such kind.
    """
    return Event(kind=known(kind), key=key, due_at=at or timezone.now(), data=data)


def add_events(*events: Event) -> None:
    """Write `events`, except those that are known already. They are sent after the transaction, once they are due.

    Raises ValueError, and writes none of them, if one is of a kind that does not exist.
    """
    for event in events:
        known(event.kind)
    if not events:
        return
    Event.objects.bulk_create(events, ignore_conflicts=True)
    if any(event.due_at <= timezone.now() for event in events):
        transaction.on_commit(partial(events_added.send, Event), robust=True)
