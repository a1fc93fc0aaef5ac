"""Rows that are derived from the contents of versions and drafts, for a site that has just stored its versions."""

import json
from itertools import batched

from django.db.models import Q

from articles.models import (
    Article,
    DocumentLink,
    DossierVersion,
    DossierVersionArticle,
    ImageUsage,
    PageVersion,
    Version,
)
from articles.services import list_entries, sources

BATCH = 100


def rebuild_derived_rows() -> None:
    """Store what versions and drafts refer to, and list what is served. There must be no such rows yet.

    The index of the search is built by `rebuild_search`.
    """
    for versions in batched(Version.objects.filter(content__isnull=False).order_by("pk").iterator(BATCH), BATCH):
        DocumentLink.add_for((version, version.content or "") for version in versions)
        ImageUsage.add_for_versions(versions)
        for version in versions:
            sources.cite(version)
    for page_version in PageVersion.objects.filter(content__isnull=False).order_by("pk").iterator(BATCH):
        DocumentLink.add_for([(page_version, page_version.content or "")])
    for dossier_version in DossierVersion.objects.filter(content__isnull=False).order_by("pk").iterator(BATCH):
        DocumentLink.add_for([(dossier_version, json.dumps(dossier_version.content))])
        _store_articles(dossier_version)
    for articles in batched(Article.objects.order_by("pk").iterator(BATCH), BATCH):
        ImageUsage.add_for_new(articles)
    served = Article.objects.filter(Q(live__isnull=False) | Q(upcoming__isnull=False)).select_related(
        "live", "upcoming"
    )
    for article in served.order_by("pk").iterator(BATCH):
        list_entries.rebuild(article)


def _store_articles(version: DossierVersion) -> None:
    """Store the articles that a version of a dossier names: those of its list, then those of its entries."""
    content = version.content or {}
    uuids = [*content["pieces"], *(entry["article"] for entry in content["entries"] if entry["article"])]
    articles = {str(uuid): pk for uuid, pk in Article.objects.filter(uuid__in=uuids).values_list("uuid", "pk")}
    ordered = dict.fromkeys(articles[uuid] for uuid in uuids if uuid in articles)
    DossierVersionArticle.objects.bulk_create(
        DossierVersionArticle(version=version, article_id=pk, position=position)
        for position, pk in enumerate(ordered, start=1)
    )
