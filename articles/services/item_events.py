"""The events about articles, dossiers and pages. `log_entries` records them where it writes an entry of the log."""

from datetime import datetime
from typing import NamedTuple

from articles.models import Article, Correction, Dossier, Page
from articles.models.base_version import BaseVersion
from articles.models.corrections import LISTED
from articles.models.publishable import Item
from truthlytics.events.models import Event, EventQuerySet, Kind
from truthlytics.events.services.adding import add_events, new_event


class ItemKinds(NamedTuple):
    """The kinds about one model. Only articles are corrected: dossiers and pages have no corrections."""

    published: Kind
    updated: Kind
    withdrawn: Kind
    restored: Kind
    redacted: Kind


KINDS: dict[type[Item], ItemKinds] = {
    Article: ItemKinds(
        published=Kind.ARTICLE_PUBLISHED,
        updated=Kind.ARTICLE_UPDATED,
        withdrawn=Kind.ARTICLE_WITHDRAWN,
        restored=Kind.ARTICLE_RESTORED,
        redacted=Kind.ARTICLE_REDACTED,
    ),
    Dossier: ItemKinds(
        published=Kind.DOSSIER_PUBLISHED,
        updated=Kind.DOSSIER_UPDATED,
        withdrawn=Kind.DOSSIER_WITHDRAWN,
        restored=Kind.DOSSIER_RESTORED,
        redacted=Kind.DOSSIER_REDACTED,
    ),
    Page: ItemKinds(
        published=Kind.PAGE_PUBLISHED,
        updated=Kind.PAGE_UPDATED,
        withdrawn=Kind.PAGE_WITHDRAWN,
        restored=Kind.PAGE_RESTORED,
        redacted=Kind.PAGE_REDACTED,
    ),
}


def version_made(item: Item, version: BaseVersion, correction: Correction | None) -> None:
    """Record that a version appears, at its time. News and minor edits are updates, not corrections."""
    kinds = KINDS[type(item)]
    has_appeared = item.versions.filter(superseded_at=None, number__lt=version.number).exists()
    is_corrected = correction is not None and correction.kind in LISTED
    kind = Kind.ARTICLE_CORRECTED if is_corrected else kinds.updated if has_appeared else kinds.published
    key = f"{item.uuid} {version.number}"
    _add(kind, item, at=version.public_from, key=key, record_number=version.number)


def versions_cancelled(item: Item, now: datetime, number: int | None) -> None:
    """Delete the events about versions scheduled for later than `now`, or only about that with this number."""
    kinds = KINDS[type(item)]
    scheduled = _untold(item, kinds.published, kinds.updated, Kind.ARTICLE_CORRECTED).filter(due_at__gt=now)
    (scheduled if number is None else scheduled.filter(key=f"{item.uuid} {number}")).delete()


def text_removed(item: Item, version: BaseVersion) -> None:
    _add(KINDS[type(item)].redacted, item, record_number=version.number)


def withdrawn(item: Item, at: datetime) -> None:
    _add(KINDS[type(item)].withdrawn, item, at=at, key=f"{item.uuid} {at.isoformat()}")


def withdrawal_cancelled(item: Item, now: datetime) -> None:
    _untold(item, KINDS[type(item)].withdrawn).filter(due_at__gt=now).delete()


def restored(item: Item) -> None:
    _add(KINDS[type(item)].restored, item)


def _untold(item: Item, *kinds: Kind) -> EventQuerySet:
    return Event.objects.untold().filter(kind__in=kinds, key__startswith=f"{item.uuid} ")


def _add(kind: Kind, item: Item, at: datetime | None = None, key: str | None = None, **data: object) -> None:
    add_events(new_event(kind, at=at, key=key, id=str(item.uuid), path=item.get_absolute_url(), **data))
