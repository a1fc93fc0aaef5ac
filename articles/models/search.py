"""Rows of the search index: an entry per served version, and the known words. The index itself is the database's."""

from datetime import UTC, datetime
from typing import Self

from django.db import models

from articles.access import Level
from articles.models.series import SeriesEntry
from articles.models.versions import AuthorEntry, Entry, SectionEntry, TopicEntry, Version

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A key has the second of publication in its upper bits and the version id in its lower ones.
VERSION_BITS = 28
LAST_VERSION = (1 << VERSION_BITS) - 1
FURTHEST_SECOND = 1 << 34
LONGEST_WORD = 40


class SearchEntry(Entry):
    """A version that can be found. Keys grow with the date of publication, so descending keys are newest first.

    On SQLite the words are in the table `articles_search` under the same key, and a trigger deletes them with the row.
    On PostgreSQL they are in the column `terms`, which is not a Django field. A migration creates both.
    """

    id = models.BigIntegerField(primary_key=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version"], name="search_entry_unique")]

    @staticmethod
    def key(published_at: datetime, version: int) -> int:
        """Return the key of a version. Dates are limited to the years 1425 to 2514."""
        seconds = int((published_at - EPOCH).total_seconds())
        seconds = max(-FURTHEST_SECOND, min(seconds, FURTHEST_SECOND - 1))
        return (seconds << VERSION_BITS) | (version & LAST_VERSION)

    @classmethod
    def of(cls, version: Version, served_until: datetime | None = None) -> Self:
        """Return an unsaved entry for `version`."""
        published_at = version.article.published_at or version.public_from
        return cls(
            id=cls.key(published_at, version.pk),
            article=version.article,
            version=version,
            published_at=published_at,
            served_from=version.public_from,
            served_until=served_until,
        )


class SearchWord(models.Model):
    """A word that readers with `level` can find from `since` on. `term` is the indexed form, `word` as written.

    Words that only occur behind a paywall are never suggested to readers without access.
    """

    level = models.PositiveSmallIntegerField(choices=Level)
    term = models.CharField(max_length=LONGEST_WORD)
    word = models.CharField(max_length=LONGEST_WORD)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "term"], name="search_word_unique")]

    def __str__(self) -> str:
        return self.word


# Every kind of row that a version has in lists; see `services.list_entries`.
ENTRY_MODELS: tuple[type[Entry], ...] = (SectionEntry, TopicEntry, AuthorEntry, SeriesEntry, SearchEntry)
