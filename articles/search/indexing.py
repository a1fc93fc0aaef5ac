"""Maintenance of the search index.

Call these functions in the transaction that changes what is served: an index updated later could be lost.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import batched
from types import ModuleType

from django.db import connection, transaction
from django.utils import timezone

from articles.models import SearchEntry, SearchWord, Version
from articles.search import postgres, sqlite
from articles.search.documents import SearchDocument, build_document

BATCH = 500
# The maximum size of the set of known words that saves repeated writes. The most common words come first.
MAX_KNOWN_WORDS = 200_000

Vocabulary = dict[tuple[int, str], tuple[str, datetime]]


def backend() -> ModuleType:
    return postgres if connection.vendor == "postgresql" else sqlite


def index(version: Version, served_until: datetime | None = None) -> None:
    """Add `version` to the index, from its `public_from` on. Safe to repeat."""
    index_many([(version, served_until)])


@transaction.atomic
def index_many(
    versions: Iterable[tuple[Version, datetime | None]], known_words: set[tuple[int, str]] | None = None
) -> None:
    """Add many versions, each with the time until which it is served, at a third of the cost of `index`.

    Pass the same `known_words` to several calls: words in it are not written again.
    """
    pairs = list(versions)
    SearchEntry.objects.filter(version__in=[version.pk for version, _ in pairs]).delete()
    entries = SearchEntry.objects.bulk_create(SearchEntry.of(version, until) for version, until in pairs)
    documents = [build_document(version) for version, _ in pairs]
    backend().write(zip((entry.pk for entry in entries), documents, strict=True))
    add_words(zip(documents, (entry.served_from for entry in entries), strict=True), known_words)


@transaction.atomic
def reindex(version: Version) -> None:
    """Index `version` again, if it is in the index, after its derived columns have changed."""
    if entries := list(SearchEntry.objects.filter(version=version)):
        document = build_document(version)
        backend().write((entry.pk, document) for entry in entries)
        add_words((document, entry.served_from) for entry in entries)


@transaction.atomic
def clear() -> None:
    backend().clear()
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()


def optimise() -> None:
    """Merge index segments and refresh planner statistics. Call it after indexing in bulk."""
    backend().optimise()


def add_words(
    documents: Iterable[tuple[SearchDocument, datetime]], known_words: set[tuple[int, str]] | None = None
) -> None:
    """Record the words of documents, each with the time from which readers may know of it."""
    words: Vocabulary = {}
    for document, since in documents:
        for key, word in document.vocabulary.items():
            if (known_words is None or key not in known_words) and (key not in words or words[key][1] > since):
                words[key] = (word, since)
    _write_words(words)
    if known_words is not None and len(known_words) < MAX_KNOWN_WORDS:
        now = timezone.now()
        known_words.update(key for key, (_, since) in words.items() if since <= now)


def _write_words(words: Vocabulary) -> None:
    backend().lock_words()
    adapt = connection.ops.adapt_datetimefield_value
    now = adapt(timezone.now())
    with connection.cursor() as cursor:
        for batch in batched(sorted(words.items()), BATCH):
            placeholders = ", ".join(["(%s, %s, %s, %s)"] * len(batch))
            rows = ((level, term, word, adapt(since)) for (level, term), (word, since) in batch)
            cursor.execute(
                f"INSERT INTO articles_searchword (level, term, word, since) VALUES {placeholders}"  # noqa: S608
                " ON CONFLICT (level, term) DO UPDATE SET since = excluded.since"
                " WHERE articles_searchword.since > excluded.since AND articles_searchword.since > %s",
                [*(value for row in rows for value in row), now],
            )
