"""Articles: the working rows that editors change."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.access import Level
from articles.models.authors import Author
from articles.models.how_we_know import HOW_WE_KNOW, HowWeKnow
from articles.models.image_usage import ImageUsage
from articles.models.kinds import Kind
from articles.models.media import Image
from articles.models.publishable import Item, PublishedQuerySet
from articles.models.recordings import Recording
from articles.models.revisions import Editable
from articles.models.sections import Section, Topic
from articles.models.series import Series
from articles.models.version_log import COLUMNS, VersionLog, VersionLogEntry
from articles.models.versions import HEAVY_COLUMNS, Version
from articles.models.withdrawals import Withdrawal
from articles.richtext.vocabulary import ProseField, image_uuids
from articles.workflow.stages import Stage
from truthlytics.web.users import User

# Further lines that readers see. A version has those that are set, each under its own name.
EXTRA_LINES: tuple[str, ...] = ()
# For search engines and shared links; the page does not show them.
META_TEXTS = ("seo_title", "seo_description", "social_title")
# The text that editors type. Public pages never read it from the working row. The form, autosaves, revisions, versions,
# comparisons and the check for placeholders have all of these fields; labels are their verbose names.
TEXT_FIELDS = ("headline", "standfirst", "body", *EXTRA_LINES, "lead_caption", *META_TEXTS, *HOW_WE_KNOW)
UNLISTED_TEXTS = tuple(name for name in TEXT_FIELDS if name != "headline")
# The date by which the newsroom lists an article: scheduled, published or edited. An index has this expression.
SHOWN_AT = Coalesce("upcoming_at", "published_at", "updated_at")
SINGLE_LINE_FIELDS = tuple(name for name in TEXT_FIELDS if name != "body")


class AccessLevels(NamedTuple):
    """The access level of the draft, of what readers get, and of the scheduled version. None where there is none."""

    draft: int
    public: int | None
    scheduled: int | None

    @property
    def differ(self) -> bool:
        return len({level for level in self if level is not None}) > 1

    def __str__(self) -> str:
        """Name the level. If they differ, name each."""
        levels = {_("draft"): self.draft, _("public"): self.public, _("scheduled"): self.scheduled}
        labels = {label: Level(level).label for label, level in levels.items() if level is not None}
        if not self.differ:
            return str(Level(self.draft).label)
        return ", ".join(f"{label}: {name}" for label, name in labels.items())


class ArticleQuerySet(PublishedQuerySet):
    def with_versions(self) -> Self:
        """Fetch the versions that `served` chooses from too, without the text that only some readers may see."""
        heavy = [f"{pointer}__{column}" for pointer in ("live", "upcoming") for column in HEAVY_COLUMNS]
        return self.select_related("live", "upcoming").defer(*TEXT_FIELDS, *heavy)

    def with_access_levels(self) -> Self:
        """Fetch what `access_levels` needs in the same query."""
        return self.annotate(live_level=F("live__required_level"), upcoming_level=F("upcoming__required_level"))

    def languages(self) -> set[str]:
        """Return the languages of articles that have one of their own. One query, answered from an index."""
        return set(self.filter(language__gt="").order_by("language").values_list("language", flat=True).distinct())

    def gone(self, now: datetime | None = None) -> Self:
        """Return the articles that were public and are withdrawn at `now`: their URLs answer 410."""
        return self.filter(withdrawn_at__lte=now or timezone.now(), withdrawn_at__gte=F("published_at"))

    def with_unrecorded_withdrawal(self) -> Self:
        """Return the articles with a `withdrawn_at` or note that their current row of `Withdrawal` does not have."""
        rows = Withdrawal.objects.filter(article=OuterRef("pk"), ended_at=None)
        same = rows.filter(at=OuterRef("withdrawn_at"), note=OuterRef("withdrawn_note"))
        return self.filter(Q(withdrawn_at=None) & Exists(rows) | Q(withdrawn_at__isnull=False) & ~Exists(same))

    def visible_to(self, user: User) -> Self:
        """Return what this newsroom user may open: all articles, or an author's own drafts."""
        if user.has_perm("articles.publish_article"):
            return self
        return self.filter(Q(bylines__author__user=user) | Q(created_by=user), live=None, upcoming=None).distinct()

    def with_due_upcoming(self, now: datetime) -> Self:
        return self.filter(upcoming_at__lte=now)


class Article(Editable, HowWeKnow, Item):
    """The working row that editors change. Readers get its served version."""

    headline = models.CharField(max_length=200)
    standfirst = models.TextField(blank=True, max_length=600, help_text=_("One or two sentences under the headline."))
    body: "models.TextField[str, str]" = ProseField(blank=True)
    kind = models.CharField(_("type"), max_length=12, choices=Kind, default=Kind.ANALYSIS, blank=True)
    section = models.ForeignKey(Section, models.PROTECT, null=True, blank=True, related_name="articles")
    topics = models.ManyToManyField(Topic, blank=True, related_name="articles")
    authors = models.ManyToManyField(Author, through="Byline", related_name="articles")
    series = models.ForeignKey(Series, models.PROTECT, null=True, blank=True, related_name="articles")
    series_part = models.PositiveSmallIntegerField(
        _("part"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(9999)]
    )
    required_level = models.PositiveSmallIntegerField(
        _("access"), choices=Level, default=Level.EVERYONE, help_text=_("Who can read past the paywall.")
    )
    lead = models.ForeignKey(
        Image, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("lead image")
    )
    lead_caption = models.CharField(
        max_length=500, blank=True, help_text=_("Leave blank to use the caption from the library.")
    )
    audio = models.ForeignKey(Recording, models.PROTECT, null=True, blank=True, related_name="articles")
    seo_title = models.CharField(_("title for search engines"), max_length=120, blank=True)
    seo_description = models.CharField(_("description for search engines"), max_length=300, blank=True)
    social_title = models.CharField(_("title for shared links"), max_length=120, blank=True)
    social_image = models.ForeignKey(
        Image, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("image for shared links")
    )
    # "" for the publication's language.
    language = models.CharField(_("language"), max_length=10, blank=True)
    # The UUID of the article that the others of the group were translated from.
    translation_group = models.UUIDField(null=True, blank=True, editable=False)
    slug = models.SlugField(
        max_length=120,
        unique=True,
        help_text=_("The last part of the URL. If you change it, the old URL redirects."),
        error_messages={"unique": _("Another article has this URL. Choose a different one.")},
    )

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    # The number of the newest revision. A form that started from an older one must not overwrite it.
    revision_number = models.PositiveIntegerField(default=0, editable=False)

    live = models.ForeignKey(Version, models.PROTECT, null=True, blank=True, editable=False, related_name="live_in")
    upcoming = models.ForeignKey(
        Version, models.PROTECT, null=True, blank=True, editable=False, related_name="upcoming_in"
    )
    upcoming_at = models.DateTimeField(null=True, blank=True, editable=False)
    # `public_from` of the first version, and the order of every list. Does not change once a version was public.
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Copied from the last WorkflowStep. Readers never see these.
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.DRAFT, editable=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    due_on = models.DateField(_("due date"), null=True, blank=True, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        permissions = [("publish_article", _("Can publish and withdraw articles"))]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="article_by_date"),
            models.Index(fields=["-updated_at", "-id"], name="article_by_last_change"),
            models.Index(SHOWN_AT.desc(), F("id").desc(), name="article_by_shown_date"),
            models.Index(fields=["upcoming_at"], name="article_due", condition=Q(upcoming_at__isnull=False)),
            models.Index(fields=["withdrawn_at"], name="article_withdrawn", condition=Q(withdrawn_at__isnull=False)),
            models.Index(fields=["stage", "due_on"], name="article_by_stage"),
            models.Index(fields=["assignee"], name="article_unfinished", condition=~Q(stage=Stage.PUBLISHED)),
            models.Index(fields=["due_on"], name="article_by_due", condition=Q(due_on__isnull=False)),
            models.Index(fields=["language"], name="article_by_language", condition=Q(language__gt="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(upcoming=None, upcoming_at=None) | Q(upcoming__isnull=False, upcoming_at__isnull=False),
                name="article_upcoming_has_time",
            ),
            models.CheckConstraint(
                condition=Q(series=None, series_part=None) | Q(series__isnull=False, series_part__isnull=False),
                name="article_series_has_part",
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="article_stage_valid"),
            models.CheckConstraint(
                condition=~Q(stage=Stage.PUBLISHED) | Q(published_at__isnull=False),
                name="article_published_stage_has_date",
            ),
            models.UniqueConstraint(
                fields=["series", "series_part"],
                name="series_part_unique",
                violation_error_message=_("Another article already has this number in the series."),
            ),
            models.UniqueConstraint(
                fields=["translation_group", "language"],
                name="article_translation_language_unique",
                violation_error_message=_("Another translation of this article is in the same language."),
            ),
        ]

    def __str__(self) -> str:
        return self.headline or "Untitled"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        if kwargs.get("update_fields") is None or {"body", "lead", "social_image"} & set(kwargs["update_fields"]):
            ImageUsage.update_for(self, image_uuids(self.body), others=(self.lead_id, self.social_image_id))

    def get_absolute_url(self) -> str:
        return _url_template(get_script_prefix()) % self.slug

    def audit_snapshot(self) -> dict[str, object]:
        names = self.bylines.order_by("position", "pk").values_list("author__name", flat=True)
        return super().audit_snapshot() | {"bylines": list(names)}

    def other_translations(self) -> models.QuerySet["Article"]:
        """Return the other articles of its translation group, oldest first."""
        if self.translation_group is None:
            return Article.objects.none()
        others = Article.objects.filter(translation_group=self.translation_group).exclude(pk=self.pk)
        return others.order_by("created_at", "pk")

    def served(self, now: datetime | None = None) -> Version:
        """Return the version that readers get at `now`. This is the only place that chooses it.

        Raises Version.DoesNotExist for an article that is not public yet.
        """
        now = now or timezone.now()
        version = self.upcoming if self.upcoming_at is not None and self.upcoming_at <= now else self.live
        if version is None:
            raise Version.DoesNotExist(f"Article {self.pk} has no public version at {now}.")
        return version

    def served_id(self, now: datetime) -> int | None:
        """Return the id of `served(now)` without fetching it."""
        return self.upcoming_id if self.upcoming_at is not None and self.upcoming_at <= now else self.live_id

    def as_served(self, now: datetime | None = None) -> Version:
        """Return `served(now)` with `version.article` set to this article, so that lists need no further query."""
        version = self.served(now)
        version.article = self
        return version

    def public_and_scheduled(self, now: datetime) -> tuple[bool, bool]:
        scheduled = self.upcoming_at is not None and self.upcoming_at > now
        return self.live_id is not None or (self.upcoming_at is not None and not scheduled), scheduled

    def served_version(self) -> Version | None:
        public = self.published_at is not None and self.published_at <= timezone.now() and self.state() != "withdrawn"
        return self.served() if public else None

    def scheduled_version(self) -> Version | None:
        return self.upcoming if self.upcoming_at is not None and self.upcoming_at > timezone.now() else None

    def access_levels(self, now: datetime | None = None) -> AccessLevels:
        """Return who can read the draft, the public and the scheduled version. See `with_access_levels` for lists."""
        now = now or timezone.now()
        public, scheduled = self.public_and_scheduled(now)
        is_public = public and self.state(now) != "withdrawn"
        pointer = "upcoming" if public and not scheduled and self.upcoming_id is not None else "live"
        return AccessLevels(
            draft=self.required_level,
            public=self._level_of(pointer) if is_public else None,
            scheduled=self._level_of("upcoming") if scheduled else None,
        )

    def _level_of(self, pointer: str) -> int | None:
        if hasattr(self, f"{pointer}_level"):
            level: int | None = getattr(self, f"{pointer}_level")
            return level
        versions = Version.objects.filter(pk=getattr(self, f"{pointer}_id"))
        return versions.values_list("required_level", flat=True).first()

    def last_public_from(self) -> datetime | None:
        return self.upcoming_at or self.published_at

    @property
    def url_is_public(self) -> bool:
        return self.published_at is not None

    def version_log(self, now: datetime | None = None) -> VersionLog:
        """Return the public versions with their dates and notes, in one query."""
        rows = self.versions.was_public(now).values_list(*COLUMNS)
        return VersionLog(tuple(VersionLogEntry(number, *row) for number, row in enumerate(rows, start=1)))


@cache
def _url_template(prefix: str) -> str:
    """Return an article URL with `%s` for the slug. Lists need dozens, and reversing each would double their cost."""
    before, _, after = reverse("articles:article", args=["slug"]).rpartition("slug")
    return f"{before}%s{after}"
