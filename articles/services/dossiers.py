"""Publishing dossiers: the editors' rows become a version that nobody changes any more."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from articles.models import Article, Dossier, DossierVersion, DossierVersionArticle
from articles.revisions.fields import Typed, typed
from articles.richtext.short_text import shorten
from articles.services.checks import hindering
from articles.services.publishable import next_version
from articles.services.publishing import NotReadyError


def missing(dossier: Dossier) -> list[str]:
    """What `dossier` cannot be without, as sentences; empty when it has it."""
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


def text_of(content: Mapping[str, Any]) -> Typed:
    """The words of a dossier as the checks read those of an article."""
    words = {"headline": content["title"], "standfirst": "", "body": content["summary"]}
    return typed(words) | {"entries": [entry["text"] for entry in content["entries"]]}


def articles_of(dossier: Dossier) -> Iterable[Article]:
    """The pieces by their numbers, then those that only an entry names: whatever is named belongs to the dossier."""
    named = [piece.article for piece in dossier.pieces.select_related("article")]
    named += [entry.article for entry in dossier.entries.select_related("article") if entry.article is not None]
    return {article.pk: article for article in named}.values()


@transaction.atomic
def publish(*, dossier: Dossier, by: Any = None, at: datetime | None = None, note: str = "") -> DossierVersion:
    """Make a version of `dossier` as it stands, served from `at` (UTC; None or past: at once) with a public `note`.

    A version that was waiting for its time is replaced and never appears; none is dated before the one that it
    follows. Raises NotReadyError with what is missing, or with what the checks find that blocks.
    """
    locked = Dossier.objects.select_for_update().get(pk=dossier.pk)
    if reasons := missing(locked) or hindering(text_of(content_of(locked)), address=locked.get_absolute_url()):
        raise NotReadyError(reasons)
    facts = next_version(locked, by=by, at=at, note=note, now=timezone.now())
    version = DossierVersion.objects.create(dossier=locked, content=content_of(locked), **facts)
    DossierVersionArticle.objects.bulk_create(
        DossierVersionArticle(version=version, article=article, position=position)
        for position, article in enumerate(articles_of(locked), start=1)
    )
    return version
