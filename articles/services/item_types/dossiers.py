"""Dossiers: titled collections of dated entries and articles."""

import json
from collections.abc import Iterable

from django.utils.translation import gettext as _

from articles.models import Article, Dossier, DossierVersion, DossierVersionArticle
from articles.revisions.fields import EditableFields, editable_fields
from articles.richtext.short_text import clean_short_text
from articles.services import reviews
from articles.services.item_types.base import ItemType
from truthlytics.web.types import JsonObject


class DossierType(ItemType[Dossier]):
    model = Dossier
    version_model = DossierVersion

    def content_of(self, item: Dossier) -> JsonObject:
        entries = list(item.entries.select_related("article"))
        text = {
            "uuid": str(item.uuid),
            "title": " ".join(item.title.split()),
            "summary": clean_short_text(item.summary),
            "order": item.order,
            "entries": [
                {
                    "date": entry.date,
                    "text": " ".join(entry.text.split()),
                    "article": str(entry.article.uuid) if entry.article else None,
                    "source": entry.source,
                }
                for entry in entries
            ],
            "pieces": [str(article.uuid) for article in articles_of(item)],
            **item.ai_content(),
        }
        return reviews.with_reviews([item], [text])[0]

    def checked_fields(self, content: JsonObject) -> EditableFields:
        text = {"headline": content["title"], "standfirst": "", "body": content["summary"]}
        return editable_fields(text) | {"entries": [entry["text"] for entry in content["entries"]]}

    def missing(self, item: Dossier, *, essential_only: bool = False) -> list[str]:
        reasons = []
        if not item.title.strip():
            reasons.append(_("Enter a title."))
        if not clean_short_text(item.summary):
            reasons.append(_("Enter a summary."))
        if not item.entries.exists() and not item.articles.exists():
            reasons.append(_("Add an article or a dated entry."))
        return reasons

    def stored_content(self, text: str) -> object:
        return json.loads(text)

    def after_version_saved(self, version: DossierVersion) -> None:
        DossierVersionArticle.objects.bulk_create(
            DossierVersionArticle(version=version, article=article, position=position)
            for position, article in enumerate(articles_of(version.dossier), start=1)
        )


def articles_of(dossier: Dossier) -> Iterable[Article]:
    """Return the articles of the dossier in order, then those that only an entry names."""
    articles = [row.article for row in dossier.articles.select_related("article")]
    articles += [entry.article for entry in dossier.entries.select_related("article") if entry.article is not None]
    return {article.pk: article for article in articles}.values()
