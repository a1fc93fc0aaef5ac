"""The sources of articles: storing those that texts cite, and adding their details to versions."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from articles.models import Article, Citation, Document, Source, Version
from articles.services.denormalise import rerender_showing_later
from articles.sources.extraction import CitedSource, cited_sources
from truthlytics.web.types import JsonObject


def with_sources(content: JsonObject) -> JsonObject:
    """Return the content of a version with the details of the sources that its body cites. Writes nothing."""
    cited = cited_sources(content["body"], gated=content["required_level"] > 0)
    if not cited:
        return content
    rows = _rows(cited)
    return content | {"sources": [rows[source.key].as_content(is_gated=source.is_gated) for source in cited]}


def sources_of(article: Article) -> list[Source]:
    """Return the sources that the saved text of `article` cites, in order. Those not stored yet are unsaved."""
    cited = cited_sources(article.body, gated=article.required_level > 0)
    rows = _rows(cited)
    return [rows[source.key] for source in cited]


def add_missing(*, body: str, required_level: int) -> None:
    """Store the sources that `body` cites, if they are missing. Safe to repeat and to run concurrently."""
    _add(list(_rows(cited_sources(body, gated=required_level > 0)).values()))


def cite(version: Version) -> None:
    """Store the citations of `version`, which must be saved, and any sources that are missing.

    Safe to repeat and to run concurrently.
    """
    content = json.loads(version.content or "{}")
    shown = content.get("sources", ())
    if not shown:
        return
    known = Source.objects.by_key([entry["key"] for entry in shown])
    cited = {source.key: source for source in cited_sources(content["body"], gated=content["required_level"] > 0)}
    missing = [source for key, source in cited.items() if key not in known]
    if missing:
        _add(list(_rows(missing).values()))
        known = Source.objects.by_key([entry["key"] for entry in shown])
    Citation.objects.bulk_create(
        (
            Citation(version=version, source=known[entry["key"]], number=number, is_gated=entry["gated"])
            for number, entry in enumerate(shown, start=1)
            if entry["key"] in known
        ),
        ignore_conflicts=True,
    )


def articles_citing(source: Source) -> Any:
    """Return the articles that cite `source` in any version, with `is_current` if the live or scheduled one does."""
    citations = Citation.objects.filter(source=source, version__article=OuterRef("pk"))
    served = Q(version__live_in__isnull=False) | Q(version__upcoming_in__isnull=False)
    articles = Article.objects.filter(Exists(citations)).annotate(is_current=Exists(citations.filter(served)))
    return articles.defer("body").order_by("-is_current", "-pk")


def details_changed(*, source: Source, fields: Iterable[str]) -> None:
    """Show a changed archived copy in the articles that cite `source`, in the background.

    Readers see all other details with the next version.
    """
    if "archived_url" in fields:
        transaction.on_commit(partial(rerender_showing_later.enqueue, "source", source.pk))


def _rows(cited: Sequence[CitedSource]) -> dict[str, Source]:
    """Return the sources by key. Those that are not stored are unsaved, with the title and kind from the text."""
    rows = Source.objects.by_key([source.key for source in cited])
    missing = [source for source in cited if source.key not in rows]
    digests = [source.document_sha256 for source in missing if source.document_sha256]
    found = Document.objects.filter(sha256__in=digests) if digests else ()
    documents = {document.sha256: document for document in found}
    return rows | {source.key: _new(source, documents) for source in missing}


def _new(cited: CitedSource, documents: Mapping[str, Document]) -> Source:
    source = Source(key=cited.key, url=cited.url, title=cited.title, kind=cited.likely_kind)
    if document := documents.get(cited.document_sha256):
        source.document, source.publisher = document, document.credit
    return source


def _add(sources: Sequence[Source]) -> None:
    """Insert the unsaved ones, ordered by key so that concurrent calls cannot deadlock."""
    new = sorted((source for source in sources if source.pk is None), key=lambda source: source.key)
    Source.objects.bulk_create(new, ignore_conflicts=True)
