"""The demo's dossiers, published through the service that editors use, with what they were before."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from articles.models import Article, Dossier
from articles.services.dossiers import publish
from subscriptions.models import User


def load_dossiers(facts: Mapping[str, Any], editor: User, now: datetime) -> None:
    """All of `dossiers.toml`; the articles must be there."""
    for one in facts["dossiers"]:
        dossier = Dossier.objects.create(**{name: one[name] for name in ("title", "slug", "summary", "order")})
        if earlier := one.get("earlier"):
            _fill(dossier, one, without=earlier["without"])
            publish(dossier=dossier, by=editor, at=now - timedelta(hours=earlier["age_hours"]))
        _fill(dossier, one)
        publish(dossier=dossier, by=editor, at=now - timedelta(hours=one["age_hours"]), note=one.get("note", ""))


def _fill(dossier: Dossier, facts: Mapping[str, Any], without: str = "") -> None:
    """Write the rows anew, save those of the article `without`."""
    dossier.pieces.all().delete()
    dossier.entries.all().delete()
    articles = {article.slug: article for article in Article.objects.filter(slug__in=facts["articles"])}
    for position, slug in enumerate(facts["articles"], start=1):
        if slug != without:
            dossier.pieces.create(article=articles[slug], position=position)
    for position, entry in enumerate(facts["entries"], start=1):
        if not without or without != entry.get("article", entry.get("of")):
            named = articles.get(entry.get("article", ""))
            dossier.entries.create(date=entry["date"], text=entry["text"], article=named, position=position)
