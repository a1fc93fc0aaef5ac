"""What publishing a dossier and publishing a page have in common."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from articles.models import Dossier, Page
from articles.services.publishing import NotReadyError

Thing = Dossier | Page


def next_version(thing: Thing, *, by: Any, at: datetime | None, note: str, now: datetime) -> dict[str, Any]:
    """The facts of the version that follows, served from `at` (UTC; None or past: at once). None is dated before the
    one that it follows, and one that was waiting for its time is given up.

    Call it with the row locked. Raises NotReadyError for what readers have no longer by then.
    """
    if thing.withdrawn_at is not None and now < thing.withdrawn_at <= (at or now):
        raise NotReadyError(["Readers have it no longer by then: move its end, or take it back, first."])
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
    locked = locked_row(thing)
    dropped = drop_waiting(locked, timezone.now())
    if locked.published_at is None:
        # What never begins has no end either.
        locked.withdrawn_at, locked.withdrawn_note = None, ""
    locked.save(update_fields=["withdrawn_at", "withdrawn_note", "updated_at"])
    thing.refresh_from_db()
    return dropped


@transaction.atomic
def withdraw(*, thing: Thing, note: str = "") -> None:
    """Take `thing` off the site at once; its versions stay. Withdrawing twice changes nothing.

    `note` is what its address says to readers from then on. An end that was set for later comes now; what was never
    published cannot be withdrawn.
    """
    locked = locked_row(thing)
    if locked.state() not in {"draft", "withdrawn"}:
        _set_end(thing, locked, timezone.now(), note)


@transaction.atomic
def restore(*, thing: Thing) -> None:
    """Put a withdrawn `thing` back, as it was."""
    locked = locked_row(thing)
    if locked.withdrawn_at is not None:
        _set_end(thing, locked, None, "")


def _set_end(thing: Thing, locked: Thing, moment: datetime | None, note: str) -> None:
    locked.withdrawn_at, locked.withdrawn_note = moment, note
    locked.save(update_fields=["withdrawn_at", "withdrawn_note", "updated_at"])
    thing.refresh_from_db()


def locked_row(thing: Any) -> Any:
    return type(thing)._default_manager.select_for_update().get(pk=thing.pk)
