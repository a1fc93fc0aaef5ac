"""What search finds: a line per served version, and the words it knows. The index itself is the database's own."""

from datetime import UTC, datetime
from typing import Self

from django.db import models

from articles.access import Level
from articles.models.series import SeriesEntry
from articles.models.versions import AuthorEntry, Entry, SectionEntry, TopicEntry, Version

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A key is the second of publication in its upper bits and the version in its lower ones.
VERSION_BITS = 28
LAST_VERSION = (1 << VERSION_BITS) - 1
FURTHEST_SECOND = 1 << 34
LONGEST_WORD = 40


class SearchEntry(Entry):
    """One line of what can be found. Its key grows with the date of publication: newest first is the key downward.

    On SQLite the row's words stand in the table `articles_search` under the same key (a trigger takes them away with
    the row); on PostgreSQL in the column `terms`, which Django does not know. Both are made by a migration.
    """

    id = models.BigIntegerField(primary_key=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version"], name="version_once_in_search")]

    @staticmethod
    def key(published_at: datetime, version: int) -> int:
        """Where a version of an article published then stands. Dates are kept between the years 1425 and 2514."""
        seconds = int((published_at - EPOCH).total_seconds())
        seconds = max(-FURTHEST_SECOND, min(seconds, FURTHEST_SECOND - 1))
        return (seconds << VERSION_BITS) | (version & LAST_VERSION)

    @classmethod
    def of(cls, version: Version, served_until: datetime | None = None) -> Self:
        """The line of `version` (not saved)."""
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
    """A word that readers of `level` can find, from `since` on. `term` is its form in the index, `word` as written.

    What stands only behind a gate is known to its level alone: nobody below it is offered or corrected to such a word.
    """

    level = models.PositiveSmallIntegerField(choices=Level)
    term = models.CharField(max_length=LONGEST_WORD)
    word = models.CharField(max_length=LONGEST_WORD)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "term"], name="search_word_once_a_level")]

    def __str__(self) -> str:
        return self.word


# All lines of a version: written, ended and taken away together.
ENTRY_MODELS: tuple[type[Entry], ...] = (SectionEntry, TopicEntry, AuthorEntry, SeriesEntry, SearchEntry)
