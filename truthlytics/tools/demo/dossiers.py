"""Dossiers of the demo, published through the services that editors use, with earlier versions."""

from datetime import datetime, timedelta

from articles.models import Article, Dossier
from articles.services.publishing import publish
from subscriptions.models import User
from truthlytics.web.types import Content


def load_dossiers(content: Content, editor: User, now: datetime) -> None:
    """Load the dossiers of `dossiers.toml`; the articles must exist."""
    for fields in content["dossiers"]:
        texts = {name: fields[name] for name in ("title", "slug", "summary", "order")}
        dossier = Dossier.objects.create(**texts, ai_uses=["none"])
        if earlier := fields.get("earlier"):
            _fill(dossier, fields, without=earlier["without"])
            publish(item=dossier, by=editor, at=now - timedelta(hours=earlier["age_hours"]))
        _fill(dossier, fields)
        publish(item=dossier, by=editor, at=now - timedelta(hours=fields["age_hours"]), note=fields.get("note", ""))


def _fill(dossier: Dossier, fields: Content, without: str = "") -> None:
    """Replace the dossier's rows, leaving out those about the article `without`."""
    dossier.articles.all().delete()
    dossier.entries.all().delete()
    articles = {article.slug: article for article in Article.objects.filter(slug__in=fields["articles"])}
    for position, slug in enumerate(fields["articles"], start=1):
        if slug != without:
            dossier.articles.create(article=articles[slug], position=position)
    for position, entry in enumerate(fields["entries"], start=1):
        if not without or without != entry.get("article", entry.get("of")):
            article = articles.get(entry.get("article", ""))
            dossier.entries.create(date=entry["date"], text=entry["text"], article=article, position=position)
