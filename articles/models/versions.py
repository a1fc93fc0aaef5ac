"""Published versions, which never change, and the dated rows that lists are made of."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.access import Level
from articles.models.base_version import BaseVersion, BaseVersionQuerySet
from articles.models.kinds import Kind, label_of
from truthlytics.web.text import split_words
from truthlytics.web.types import AnyRows

if TYPE_CHECKING:
    from articles.models.corrections import Correction

# The columns derived from the text, with their values after redaction.
REDACTED: dict[str, object] = {
    "headline": "", "standfirst": "", "free_html": "", "free_notes": "", "paid_html": "", "paid_notes": "",
    "free_sources": [], "paid_sources": [], "plain_free": "", "plain_all": "", "words_free": 0, "words_all": 0,
    "head": {"section": None, "topics": [], "bylines": [], "lead": None, "seo": {"title": "", "description": ""}},
}  # fmt: skip
# Columns that can be rendered again. All other columns are written once.
DERIVED = {"kind", "section", "required_level", *REDACTED}
# Columns that lists do not need, or that hold text only some readers may see.
HEAVY_COLUMNS = ("content", "paid_html", "paid_notes", "paid_sources", "plain_all")

# The columns that a list shows of an article.
LIST_COLUMNS = split_words(
    "article number public_from headline standfirst kind required_level words_all head is_corrected is_retracted"
)
# The columns that feeds need in addition.
FEED_COLUMNS = (*LIST_COLUMNS, "changed_at", "free_html")


def reader_number_at(prefix: str = "") -> Subquery:
    """Return an expression for `reader_number` of the version that a lookup leads to, such as "version__"."""
    earlier = Version.objects.filter(
        article=OuterRef(f"{prefix}article"), number__lte=OuterRef(f"{prefix}number"), superseded_at=None
    )
    counts = earlier.order_by().values("article").annotate(count=Count("pk")).values("count")
    return Subquery(counts, output_field=IntegerField())


class VersionQuerySet(BaseVersionQuerySet["Version"]):
    def listed(self, ids: Collection[int] | RawSQL, *more: str) -> dict[int, "Version"]:
        """Return the versions `ids` as a dict by id, newest first, with the columns of `in_lists`."""
        return {version.pk: version for version in self.in_lists(*more).filter(pk__in=ids)}

    def in_lists(self, *more: str) -> Self:
        """Return the versions newest first, with the article's slug, the columns lists show, and `more`."""
        versions = self.select_related("article").only(*LIST_COLUMNS, *more, "article__slug", "article__published_at")
        return versions.order_by("-article__published_at", "-article_id")


class Version(BaseVersion):
    changeable = DERIVED | {"superseded_at"}
    redacted = REDACTED

    article = models.ForeignKey("articles.Article", models.PROTECT, related_name="versions")
    content = models.TextField(null=True, editable=False)
    # When the text last changed materially. Minor edits and new images do not count.
    changed_at = models.DateTimeField()
    # Whether a correction or retraction that is in effect was published with it or a version before.
    is_corrected = models.BooleanField(default=False)
    # Whether one of these is a retraction.
    is_retracted = models.BooleanField(default=False)

    headline = models.CharField(max_length=200)
    standfirst = models.TextField(blank=True)
    kind = models.CharField(max_length=12)
    section = models.ForeignKey("articles.Section", models.SET_NULL, null=True, related_name="+")
    required_level = models.PositiveSmallIntegerField(choices=Level, default=Level.EVERYONE)
    free_html = models.TextField(blank=True)
    free_notes = models.TextField(blank=True)
    paid_html = models.TextField(blank=True)
    paid_notes = models.TextField(blank=True)
    # The sources cited in the free part, and those cited only behind the paywall (see `services.denormalise`).
    free_sources = models.JSONField(default=list, blank=True)
    paid_sources = models.JSONField(default=list, blank=True)
    plain_free = models.TextField(blank=True)
    plain_all = models.TextField(blank=True)
    words_free = models.PositiveIntegerField(default=0)
    words_all = models.PositiveIntegerField(default=0)
    head = models.JSONField(default=dict)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["article", "number"]
        permissions = [("redact_version", gettext_lazy("Can remove the text of published versions"))]
        # With the digest, so that listing all digests does not read the contents.
        indexes = [
            models.Index(fields=["public_from", "created_at", "superseded_at", "digest"], name="version_by_date")
        ]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="version_number_unique")]

    def __str__(self) -> str:
        return _("%(headline)s (version %(number)s)") % {"headline": self.headline, "number": self.number}

    @property
    def change(self) -> "Correction | None":
        """What kind of change it is, if that was said."""
        return getattr(self, "correction", None)

    @property
    def correction_mark(self) -> str:
        """The mark in lists of a version with `is_corrected`."""
        return _("Retraction") if self.is_retracted else _("Corrected")

    @property
    def language(self) -> str:
        """The language of the text; "" for the publication's."""
        return str(self.head.get("language", ""))

    @property
    def kind_label(self) -> str:
        return label_of(self.kind)

    @property
    def kind_definition(self) -> str:
        return Kind(self.kind).definition if self.kind in Kind.values else ""

    @property
    def teaser_tag(self) -> str:
        """Cache tag of everything that shows this article's headline, URL, byline or lead image."""
        return f"teaser:{self.article_id}"

    @property
    def minutes(self) -> int:
        """Reading time in minutes, at 230 words a minute."""
        return max(1, round(self.words_all / 230))


class EntryQuerySet(models.QuerySet[Any]):
    # The entry's own columns that lists show.
    entry_columns: tuple[str, ...] = ("published_at",)

    def served(self, now: datetime | None = None) -> Self:
        """Return the rows that are listed at `now`, with their article and version."""
        now = now or timezone.now()
        return (
            self.filter(
                Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gt=now),
                Q(served_until=None) | Q(served_until__gt=now),
                published_at__lte=now,
                served_from__lte=now,
            )
            .select_related("article", "version")
            .only(
                *self.entry_columns,
                "article__slug",
                "article__uuid",
                "article__published_at",
                *(f"version__{column}" for column in LIST_COLUMNS),
            )
        )

    def syndicated(self, now: datetime | None = None) -> Self:
        """Return `served` rows with the version columns that feeds need."""
        columns = (*(f"version__{column}" for column in FEED_COLUMNS), "article__uuid")
        return self.served(now).only("published_at", "article__slug", "article__published_at", *columns)


class Entry(models.Model):
    """A row of a list: the version is listed from `served_from` until `served_until`.

    Only the live and the upcoming version have rows.
    """

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="+")
    version = models.ForeignKey(Version, models.CASCADE, related_name="+")
    published_at = models.DateTimeField()
    served_from = models.DateTimeField()
    served_until = models.DateTimeField(null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"version {self.version_id} from {self.served_from}"

    def as_listed(self) -> Version:
        """Return the version with `version.article` set, so that lists need no further query."""
        self.version.article = self.article
        return self.version


class SectionEntry(Entry):
    section = models.ForeignKey("articles.Section", models.CASCADE, related_name="entries")

    class Meta:
        indexes = [models.Index(fields=["section", "-published_at", "-article"], name="section_by_date")]
        constraints = [models.UniqueConstraint(fields=["section", "version"], name="section_entry_unique")]


class TopicEntry(Entry):
    topic = models.ForeignKey("articles.Topic", models.CASCADE, related_name="entries")

    class Meta:
        indexes = [models.Index(fields=["topic", "-published_at", "-article"], name="topic_by_date")]
        constraints = [models.UniqueConstraint(fields=["topic", "version"], name="topic_entry_unique")]


class AuthorEntry(Entry):
    author = models.ForeignKey("articles.Author", models.CASCADE, related_name="entries")

    class Meta:
        indexes = [models.Index(fields=["author", "-published_at", "-article"], name="author_by_date")]
        constraints = [models.UniqueConstraint(fields=["author", "version"], name="author_entry_unique")]


def with_articles(rows: AnyRows, entries: Any, name: str, now: datetime) -> AnyRows:
    """Filter `rows` (of topics, authors …) to those that list a public article, by their `entries` model."""
    # Fetches the newest entry along the index: with EXISTS, PostgreSQL scans the whole archive.
    newest = entries.objects.served(now).filter(**{name: OuterRef("pk")}).order_by("-published_at", "-article_id")
    filtered: AnyRows = rows.alias(newest=Subquery(newest.values("pk")[:1])).filter(newest__isnull=False)
    return filtered
