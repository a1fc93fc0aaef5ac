"""Publishing dossiers: the editors' rows become a version that nobody changes any more."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from articles.models import Article, Dossier, DossierPlace, DossierVersion
from articles.short_prose import shorten

from .publishing import NotReady


def missing(dossier: Dossier) -> list[str]:
    """What still keeps `dossier` from being published, as sentences; empty when it is ready."""
    reasons = []
    if not dossier.title.strip():
        reasons.append("Give it a title.")
    if not shorten(dossier.summary):
        reasons.append("Write a summary.")
    if not dossier.entries.exists() and not dossier.pieces.exists():
        reasons.append("Name an article, or write a dated entry.")
    return reasons


def content_of(dossier: Dossier) -> dict[str, Any]:
    """What a version of `dossier` would hold now: its own words, and articles by uuid."""
    entries = list(dossier.entries.select_related("article"))
    return {
        "uuid": str(dossier.uuid),
        "title": " ".join(dossier.title.split()),
        "summary": shorten(dossier.summary),
        "order": dossier.order,
        "entries": [
            {
                "date": entry.date,
                "text": " ".join(entry.text.split()),
                "article": str(entry.article.uuid) if entry.article else None,
                "source": entry.source,
            }
            for entry in entries
        ],
        "pieces": [str(article.uuid) for article in articles_of(dossier)],
    }


def articles_of(dossier: Dossier) -> Iterable[Article]:
    """The pieces by their numbers, then those that only an entry names: whatever is named belongs to the dossier."""
    named = [piece.article for piece in dossier.pieces.select_related("article")]
    named += [entry.article for entry in dossier.entries.select_related("article") if entry.article is not None]
    return {article.pk: article for article in named}.values()


@transaction.atomic
def publish(*, dossier: Dossier, by: Any = None, at: datetime | None = None, note: str = "") -> DossierVersion:
    """Make a version of `dossier` as it stands, served from `at` (UTC; None or past: at once) with a public `note`.

    A version that was waiting for its time is replaced and never appears; none is dated before the one that it
    follows. Raises NotReady with what is missing.
    """
    locked = Dossier.objects.select_for_update().get(pk=dossier.pk)
    if reasons := missing(locked):
        raise NotReady(reasons)
    now = timezone.now()
    _drop_waiting(locked, now)
    last = locked.versions.order_by("-number").values_list("number", flat=True).first()
    newest = locked.versions.was_public(now).aggregate(newest=Max("public_from"))["newest"]
    public_from = (at or now).replace(microsecond=0)
    version = DossierVersion.objects.create(
        dossier=locked,
        number=(last or 0) + 1,
        public_from=max(public_from, newest) if newest else public_from,
        made_at=now.replace(microsecond=0),
        made_by=by,
        note=" ".join(note.replace("\x00", "").split())[:500],
        content=content_of(locked),
    )
    DossierPlace.objects.bulk_create(
        DossierPlace(version=version, article=article, position=position)
        for position, article in enumerate(articles_of(locked), start=1)
    )
    return version


@transaction.atomic
def unschedule(*, dossier: Dossier) -> bool:
    """Give up the version that waits for its time; it never appears. True where one was waiting."""
    locked = Dossier.objects.select_for_update().get(pk=dossier.pk)
    dropped = _drop_waiting(locked, timezone.now())
    locked.save(update_fields=["updated_at"])
    return dropped


def _drop_waiting(dossier: Dossier, now: datetime) -> bool:
    return bool(dossier.versions.filter(public_from__gt=now, superseded_at=None).update(superseded_at=now))


@transaction.atomic
def withdraw(*, dossier: Dossier) -> None:
    """Take `dossier` off the site at once; its versions stay. Withdrawing twice changes nothing."""
    _set_withdrawn(dossier, timezone.now())


@transaction.atomic
def restore(*, dossier: Dossier) -> None:
    """Put a withdrawn `dossier` back, as it was."""
    _set_withdrawn(dossier, None)


def _set_withdrawn(dossier: Dossier, moment: datetime | None) -> None:
    locked = Dossier.objects.select_for_update().get(pk=dossier.pk)
    if (locked.withdrawn_at is None) != (moment is None):
        locked.withdrawn_at = moment
        locked.save(update_fields=["withdrawn_at", "updated_at"])
    dossier.refresh_from_db()
