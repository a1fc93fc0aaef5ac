"""The end of what is public, be it an article, a dossier or a page: planned, moved, taken back, explained."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from articles.models import Article, Dossier, Page
from articles.services.publishable import locked_row
from articles.services.publishing import announce

Ending = Article | Dossier | Page


class ExpiryError(Exception):
    """It cannot end at that time; the message is a sentence for its editor."""


class ExpiryConflict(Exception):
    """Somebody else set the end in the meantime; the message says so."""


@transaction.atomic
def end_at(*, thing: Ending, at: datetime, note: str = "", seen: datetime | None = None) -> None:
    """Let readers have `thing` until `at` (UTC, ahead) and no longer; from then on its address says `note`.

    `seen` is the end that the editor knew of. Nothing has to run at `at`. `thing` itself is refreshed. Raises
    ExpiryConflict, and ExpiryError for what is not public then, or where a version still waits for a later time.
    """
    locked, now = locked_row(thing), timezone.now()
    if locked.withdrawn_at != seen:
        raise ExpiryConflict("Its end was changed in the meantime. Look again before you set it.")
    if at <= now:
        raise ExpiryError("This time has passed.")
    last = locked.last_from()
    if last is None or locked.state(now) == "withdrawn":
        raise ExpiryError("It is not on the site: there is nothing that could end.")
    if last >= at:
        raise ExpiryError("A version waits for a later time than that. Choose a later end, or give up that plan first.")
    _write(thing, locked, withdrawn_at=at, withdrawn_note=note)


@transaction.atomic
def go_on(*, thing: Ending) -> bool:
    """Take back an end that lies ahead. True where there was one; what has ended stays withdrawn."""
    locked = locked_row(thing)
    done = locked.withdrawn_at is not None and locked.withdrawn_at > timezone.now()
    if done:
        _write(thing, locked, withdrawn_at=None, withdrawn_note="")
    return done


@transaction.atomic
def explain(*, thing: Ending, note: str) -> None:
    """Say something else (or nothing) at the address of what is withdrawn or will be."""
    locked = locked_row(thing)
    if locked.withdrawn_at is not None:
        _write(thing, locked, withdrawn_note=note)


def _write(thing: Ending, locked: Any, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(locked, name, value)
    locked.save(update_fields=[*columns, "updated_at"])
    if isinstance(thing, Article):
        announce(thing)
    else:
        thing.refresh_from_db()
