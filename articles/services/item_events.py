"""The events about articles, dossiers and pages. `log_entries` records them where it writes an entry of the log."""

from datetime import datetime

from articles.models import Correction
from articles.models.base_version import BaseVersion
from articles.models.corrections import LISTED
from articles.models.publishable import Item
from truthlytics.events.models import Event, EventQuerySet
from truthlytics.events.services.adding import add_events, new_event

# What the appearance of a version can be.
APPEARANCES = ("published", "corrected", "updated")


def version_made(item: Item, version: BaseVersion, correction: Correction | None) -> None:
    """Record that a version appears, at its time. News and minor edits are updates, not corrections."""
    has_appeared = item.versions.filter(superseded_at=None, number__lt=version.number).exists()
    is_corrected = correction is not None and correction.kind in LISTED
    what = "corrected" if is_corrected else "updated" if has_appeared else "published"
    key = f"{item.uuid} {version.number}"
    _add(item, what, at=version.public_from, key=key, record_number=version.number)


def versions_cancelled(item: Item, now: datetime, number: int | None) -> None:
    """Delete the events about versions scheduled for later than `now`, or only about that with this number."""
    scheduled = _untold(item, *APPEARANCES).filter(due_at__gt=now)
    (scheduled if number is None else scheduled.filter(key=f"{item.uuid} {number}")).delete()


def text_removed(item: Item, version: BaseVersion) -> None:
    _add(item, "redacted", record_number=version.number)


def withdrawn(item: Item, at: datetime) -> None:
    _add(item, "withdrawn", at=at, key=f"{item.uuid} {at.isoformat()}")


def withdrawal_cancelled(item: Item, now: datetime) -> None:
    _untold(item, "withdrawn").filter(due_at__gt=now).delete()


def restored(item: Item) -> None:
    _add(item, "restored")


def _untold(item: Item, *appearances: str) -> EventQuerySet:
    kinds = [f"{item._meta.model_name}.{what}" for what in appearances]
    return Event.objects.untold().filter(kind__in=kinds, key__startswith=f"{item.uuid} ")


def _add(item: Item, what: str, at: datetime | None = None, key: str | None = None, **data: object) -> None:
    kind = f"{item._meta.model_name}.{what}"
    add_events(new_event(kind, at=at, key=key, id=str(item.uuid), path=item.get_absolute_url(), **data))
