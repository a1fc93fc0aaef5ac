"""What keeps the index right: every call belongs into the transaction that changes what is served.

An index that follows later could be lost in between.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import batched
from types import ModuleType

from django.db import connection, transaction
from django.utils import timezone

from articles.models import SearchEntry, SearchWord, Version
from articles.search import postgres, sqlite
from articles.search.documents import Document, document

ROWS = 500
# Words that a long run remembers as learned: the most common come first, and they are what is saved on.
REMEMBERED = 200_000

Vocabulary = dict[tuple[int, str], tuple[str, datetime]]


def backend() -> ModuleType:
    return postgres if connection.vendor == "postgresql" else sqlite


def index(version: Version, served_until: datetime | None = None) -> None:
    """Let `version` be found from its `public_from` on. Safe to repeat."""
    index_many([(version, served_until)])


@transaction.atomic
def index_many(
    versions: Iterable[tuple[Version, datetime | None]], learned: set[tuple[int, str]] | None = None
) -> None:
    """`index` for many, each with the end of its being served, at a third of the price.

    A run of several calls hands the same `learned` to each: words that it has written down are not written again.
    """
    given = list(versions)
    SearchEntry.objects.filter(version__in=[version.pk for version, _ in given]).delete()
    entries = SearchEntry.objects.bulk_create(SearchEntry.of(version, until) for version, until in given)
    made = [document(version) for version, _ in given]
    backend().write(zip((entry.pk for entry in entries), made, strict=True))
    learn(zip(made, (entry.served_from for entry in entries), strict=True), learned)


@transaction.atomic
def again(version: Version) -> None:
    """Read `version` again, where it can be found: its derived columns have changed."""
    if entries := list(SearchEntry.objects.filter(version=version)):
        made = document(version)
        backend().write((entry.pk, made) for entry in entries)
        learn((made, entry.served_from) for entry in entries)


@transaction.atomic
def clear() -> None:
    """Forget everything."""
    backend().clear()
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()


def tidy() -> None:
    """After much was indexed: what makes the database answer quickly."""
    backend().tidy()


def learn(made: Iterable[tuple[Document, datetime]], learned: set[tuple[int, str]] | None = None) -> None:
    """Note the words of documents, each with the moment from which it may be known."""
    words: Vocabulary = {}
    for found, since in made:
        for key, word in found.vocabulary.items():
            if (learned is None or key not in learned) and (key not in words or words[key][1] > since):
                words[key] = (word, since)
    _note(words)
    if learned is not None and len(learned) < REMEMBERED:
        now = timezone.now()
        learned.update(key for key, (_, since) in words.items() if since <= now)


def _note(words: Vocabulary) -> None:
    backend().wait_for_others()
    adapt = connection.ops.adapt_datetimefield_value
    now = adapt(timezone.now())
    with connection.cursor() as cursor:
        for batch in batched(sorted(words.items()), ROWS):
            values = ", ".join(["(%s, %s, %s, %s)"] * len(batch))
            rows = ((level, term, word, adapt(since)) for (level, term), (word, since) in batch)
            cursor.execute(
                f"INSERT INTO articles_searchword (level, term, word, since) VALUES {values}"  # noqa: S608
                " ON CONFLICT (level, term) DO UPDATE SET since = excluded.since"
                " WHERE articles_searchword.since > excluded.since AND articles_searchword.since > %s",
                [*(value for row in rows for value in row), now],
            )
