"""What publishing a dossier and publishing a page have in common."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from articles.models import Dossier, Page

Thing = Dossier | Page


def next_version(thing: Thing, *, by: Any, at: datetime | None, note: str, now: datetime) -> dict[str, Any]:
    """The facts of the version that follows, served from `at` (UTC; None or past: at once). None is dated before the
    one that it follows, and one that was waiting for its time is given up.

    Call it with the row locked.
    """
    drop_waiting(thing, now)
    last = thing.versions.order_by("-number").values_list("number", flat=True).first()
    newest = thing.versions.was_public(now).aggregate(newest=Max("public_from"))["newest"]
    # Seconds are what the record keeps: what is served and what is digested must be the same moment.
    public_from = (at or now).replace(microsecond=0)
    return {
        "number": (last or 0) + 1,
        "public_from": max(public_from, newest) if newest else public_from,
        "made_at": now.replace(microsecond=0),
        "made_by": by,
        "note": " ".join(note.replace("\x00", "").split())[:500],
    }


def drop_waiting(thing: Thing, now: datetime) -> bool:
    return bool(thing.versions.waiting(now).update(superseded_at=now))


@transaction.atomic
def unschedule(*, thing: Thing) -> bool:
    """Give up the version that waits for its time; it never appears. True where one was waiting."""
    locked = _locked(thing)
    dropped = drop_waiting(locked, timezone.now())
    locked.save(update_fields=["updated_at"])
    return dropped


@transaction.atomic
def withdraw(*, thing: Thing) -> None:
    """Take `thing` off the site at once; its versions stay. Withdrawing twice changes nothing."""
    _set_withdrawn(thing, timezone.now())


@transaction.atomic
def restore(*, thing: Thing) -> None:
    """Put a withdrawn `thing` back, as it was."""
    _set_withdrawn(thing, None)


def _set_withdrawn(thing: Thing, moment: datetime | None) -> None:
    locked = _locked(thing)
    if (locked.withdrawn_at is None) != (moment is None):
        locked.withdrawn_at = moment
        locked.save(update_fields=["withdrawn_at", "updated_at"])
    thing.refresh_from_db()


def _locked(thing: Thing) -> Any:
    return type(thing)._default_manager.select_for_update().get(pk=thing.pk)
