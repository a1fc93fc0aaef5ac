"""The editors' working row. Readers never see it: what they read is its served version."""

import uuid
from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, When
from django.urls import get_script_prefix, reverse
from django.utils import timezone

from articles.access import Level
from articles.models.authors import Author
from articles.models.image_usage import ImageUsage
from articles.models.media import Image
from articles.models.recordings import Recording
from articles.models.revisions import Begun
from articles.models.sections import Section, Topic
from articles.models.series import Series
from articles.models.version_log import VersionLog, VersionLogEntry
from articles.models.versions import HEAVY, IN_FEEDS, IN_LISTS, Version
from articles.models.workflow import WorkQuerySet
from articles.richtext.vocabulary import ProseField, image_uuids
from articles.workflow.stages import Stage
from truthlytics.web.compiled_queries import CompiledQuery


class Kind(models.TextChoices):
    """The label before a headline; `definition` is the line that explains it to readers."""

    ANALYSIS = "analysis", "Analysis"
    REPORT = "report", "Report"
    OPINION = "opinion", "Opinion"
    EXPLAINER = "explainer", "Explainer"
    REVIEW = "review", "Review"

    @property
    def definition(self) -> str:
        return DEFINITIONS[self]


DEFINITIONS = {
    Kind.ANALYSIS: "Facts, plus our interpretation",
    Kind.REPORT: "What happened, as we found it",
    Kind.OPINION: "One writer’s view, argued",
    Kind.EXPLAINER: "How a thing works",
    Kind.REVIEW: "Our judgement of a work",
}


class ArticleQuerySet(WorkQuerySet):
    def published(self, now: datetime | None = None) -> Self:
        """What the public may know of; `article.served(now)` is the version they read.

        True at read time: no job has to run.
        """
        now = now or timezone.now()
        visible = Q(withdrawn_at=None) | Q(withdrawn_at__gt=now)
        heavy = [f"{which}__{column}" for which in ("live", "upcoming") for column in HEAVY]
        return self.filter(visible, published_at__lte=now).select_related("live", "upcoming").defer(*WORKING, *heavy)

    def gone(self, now: datetime | None = None) -> Self:
        """What the public knew of, and was withdrawn by `now`: its address answers that it was there."""
        return self.filter(withdrawn_at__lte=now or timezone.now(), withdrawn_at__gte=F("published_at"))

    def listed(self, now: datetime | None = None, *own: str) -> Self:
        """`published`, with no more of each version than a list draws, and the columns `own` of the article."""
        return self._with_columns(IN_LISTS, now, *own)

    def syndicated(self, now: datetime | None = None) -> Self:
        """`published`, with what a feed says of each."""
        return self._with_columns(IN_FEEDS, now, "uuid")

    def placeable(self, now: datetime | None = None) -> Self:
        """What may get a place on the front page: public, or on its way."""
        now = now or timezone.now()
        return self.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=now), published_at__isnull=False)

    def newest_or_named(self, count: int, uuids: Collection[str], now: datetime) -> Self:
        """The `count` newest that are `published`, then those of `uuids` that are older: no more than their names."""
        bare = self.published(now).select_related(None).defer(None).order_by("-published_at", "-id")
        found = bare.only("uuid", "live", "upcoming", "upcoming_at")
        if not uuids:
            return found[:count]
        # As a union: beside an OR, PostgreSQL reads the whole archive.
        newest, named = self.filter(pk__in=bare.values("pk")[:count]), self.filter(uuid__in=uuids)
        return found.filter(pk__in=newest.values("pk").union(named.values("pk"), all=True))

    def _with_columns(self, columns: tuple[str, ...], now: datetime | None, *own: str) -> Self:
        both = (f"{which}__{column}" for which in ("live", "upcoming") for column in columns)
        return self.published(now).defer(None).only("slug", "published_at", "upcoming_at", *own, *both)

    def with_last_change(self, now: datetime) -> Self:
        """Each knows since when its `served(now)` version is served, as `changed_at`, without fetching one."""
        waiting_is_due = When(upcoming_at__lte=now, then=F("upcoming_at"))
        return self.annotate(changed_at=Case(waiting_is_due, default=F("live__public_from")))

    def visible_to(self, user: Any) -> Self:
        """What this member of the newsroom may open: everything, or an author's own drafts."""
        if user.has_perm("articles.publish_article"):
            return self
        return self.filter(Q(bylines__author__user=user) | Q(created_by=user), live=None, upcoming=None).distinct()

    def with_due_upcoming(self, now: datetime) -> Self:
        return self.filter(upcoming_at__lte=now)


class Article(Begun, models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    headline = models.CharField(max_length=200)
    standfirst = models.TextField(blank=True, max_length=600, help_text="One or two sentences under the headline.")
    body: "models.TextField[str, str]" = ProseField(blank=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ANALYSIS)
    section = models.ForeignKey(Section, models.PROTECT, null=True, blank=True, related_name="articles")
    topics = models.ManyToManyField(Topic, blank=True, related_name="articles")
    authors = models.ManyToManyField(Author, through="Byline", related_name="articles")
    series = models.ForeignKey(Series, models.PROTECT, null=True, blank=True, related_name="articles")
    series_part = models.PositiveSmallIntegerField(
        "part", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(9999)]
    )
    required_level = models.PositiveSmallIntegerField(
        "access", choices=Level, default=Level.EVERYONE, help_text="Who may read behind the end of the free part."
    )
    lead = models.ForeignKey(
        Image, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name="lead picture"
    )
    lead_caption = models.CharField(max_length=500, blank=True, help_text="Empty: the caption from the library.")
    audio = models.ForeignKey(Recording, models.PROTECT, null=True, blank=True, related_name="articles")
    seo_title = models.CharField("title for search engines", max_length=120, blank=True)
    seo_description = models.CharField("description for search engines", max_length=300, blank=True)
    slug = models.SlugField(max_length=120, unique=True, help_text="The end of its address. The old one leads on.")

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)
    # Counts the saves on purpose that changed something: a form that began with an older one is not written over it.
    edition = models.PositiveIntegerField(default=0, editable=False)

    live = models.ForeignKey(Version, models.PROTECT, null=True, blank=True, editable=False, related_name="live_in")
    upcoming = models.ForeignKey(
        Version, models.PROTECT, null=True, blank=True, editable=False, related_name="upcoming_in"
    )
    upcoming_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The first version's `public_from`: the order of every list. Never moved once something was served.
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    # May lie ahead: a planned end. The note is what its address says to readers from then on.
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_note = models.CharField(max_length=300, blank=True, editable=False)

    # How far the work on it is, whose turn it is and by when: what its last WorkflowStep says. No reader sees any of it.
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.DRAFT, editable=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    due_on = models.DateField("due", null=True, blank=True, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        permissions = [("publish_article", "Can publish and withdraw articles")]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="article_by_date"),
            models.Index(fields=["-updated_at", "-id"], name="article_by_last_change"),
            models.Index(fields=["upcoming_at"], name="article_due", condition=Q(upcoming_at__isnull=False)),
            models.Index(fields=["withdrawn_at"], name="article_withdrawn", condition=Q(withdrawn_at__isnull=False)),
            models.Index(fields=["stage", "due_on"], name="article_by_stage"),
            models.Index(fields=["due_on"], name="article_by_due", condition=Q(due_on__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(upcoming=None, upcoming_at=None) | Q(upcoming__isnull=False, upcoming_at__isnull=False),
                name="upcoming_version_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(series=None, series_part=None) | Q(series__isnull=False, series_part__isnull=False),
                name="part_of_a_series_has_its_number",
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="stage_is_known"),
            models.CheckConstraint(
                condition=~Q(stage=Stage.PUBLISHED) | Q(published_at__isnull=False), name="published_work_has_its_date"
            ),
            models.UniqueConstraint(
                fields=["series", "series_part"],
                name="part_once_in_a_series",
                violation_error_message="Another piece has this number in the series.",
            ),
        ]

    def __str__(self) -> str:
        return self.headline or "Untitled"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        if kwargs.get("update_fields") is None or {"body", "lead"} & set(kwargs["update_fields"]):
            ImageUsage.keep(self, image_uuids(self.body), lead=self.lead_id)

    def get_absolute_url(self) -> str:
        return _address(get_script_prefix()) % self.slug

    def audit_snapshot(self) -> dict[str, Any]:
        """What is told of it beside its columns, when somebody did something to it."""
        names = self.bylines.order_by("position", "pk").values_list("author__name", flat=True)
        return {"state": self.state(), "bylines": list(names)}

    def served(self, now: datetime | None = None) -> Version:
        """The version that readers get at `now`. Nothing else chooses.

        Raises Version.DoesNotExist for an article that nobody may read yet.
        """
        now = now or timezone.now()
        version = self.upcoming if self.upcoming_at is not None and self.upcoming_at <= now else self.live
        if version is None:
            raise Version.DoesNotExist(f"Nothing of article {self.pk} is public at {now}.")
        return version

    def served_id(self, now: datetime) -> int | None:
        """The id of `served(now)`, without fetching it."""
        return self.upcoming_id if self.upcoming_at is not None and self.upcoming_at <= now else self.live_id

    def as_served(self, now: datetime | None = None) -> Version:
        """The served version, knowing this very article: a list asks for nothing more."""
        version = self.served(now)
        version.article = self
        return version

    def read_now(self) -> Version | None:
        """The version that readers have, if any."""
        there = self.published_at is not None and self.published_at <= timezone.now() and self.state() != "withdrawn"
        return self.served() if there else None

    def waiting(self) -> Version | None:
        """The version that waits for its time."""
        return self.upcoming if self.upcoming_at is not None and self.upcoming_at > timezone.now() else None

    def last_from(self) -> datetime | None:
        """From when the last version that is planned is served, else the first one."""
        return self.upcoming_at or self.published_at

    def record(self, now: datetime | None = None) -> "VersionLog":
        """When it was published, and every public change since, in one query."""
        return VersionLog(tuple(VersionLogEntry(*row) for row in _changes(self.pk, now or timezone.now())))

    def state(self, now: datetime | None = None) -> str:
        """One of draft, scheduled, published, changing, withdrawn: what the newsroom calls it."""
        now = now or timezone.now()
        if self.withdrawn_at is not None and self.withdrawn_at <= now:
            return "withdrawn"
        waiting = self.upcoming_at is not None and self.upcoming_at > now
        if self.live_id is None and (self.upcoming_at is None or waiting):
            return "scheduled" if waiting else "draft"
        return "changing" if waiting else "published"


_changes = CompiledQuery(
    lambda article, now: (
        Version.objects.was_public(now).filter(article=article).values_list("number", "public_from", "note")
    ),
    "article",
    "now",
)

# The working row's own columns: no public page reads them.
WORKING = ("body", "headline", "standfirst", "lead_caption", "seo_title", "seo_description")


class Byline(models.Model):
    article = models.ForeignKey(Article, models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, models.PROTECT, related_name="bylines")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "author"],
                name="author_once_in_a_byline",
                violation_error_message="This author stands in the byline already.",
            )
        ]

    def __str__(self) -> str:
        return str(self.author)


@cache
def _address(prefix: str) -> str:
    """The address of an article, `%s` for its slug: a list has dozens, and to look each up would be half its price."""
    before, _, behind = reverse("articles:article", args=["slug"]).rpartition("slug")
    return f"{before}%s{behind}"
