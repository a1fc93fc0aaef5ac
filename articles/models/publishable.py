"""The publishing lifecycle that articles, dossiers and pages share.

Editors change the working row. Publishing appends a numbered version that never changes, and readers get the newest
version that is due. No job has to run when that time comes.
"""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Case, Exists, F, Max, Min, OuterRef, Q, Subquery, When
from django.utils import timezone

from articles.models.base_version import BaseVersion, BaseVersionQuerySet
from articles.models.how_we_know import UseOfAI
from articles.models.sections import Section
from articles.models.versions import FEED_COLUMNS, LIST_COLUMNS
from articles.models.workflow import WorkflowQuerySet
from truthlytics.web.types import AnyRows


def not_withdrawn(now: datetime | None = None, prefix: str = "") -> Q:
    """Match rows that are not withdrawn at `now`. `prefix` is the lookup path to the row, such as "page__"."""
    return Q(**{f"{prefix}withdrawn_at": None}) | Q(**{f"{prefix}withdrawn_at__gt": now or timezone.now()})


def reader_number(versions: AnyRows, number: int) -> int:
    """Return the number of a version as readers count: without those that never appeared.

    `versions` are all versions of its item, and `number` is its number in the record.
    """
    return versions.filter(superseded_at=None, number__lte=number).count()


class Item(UseOfAI):
    """An article, dossier or page: the working row that editors change, with its fields and state methods."""

    versions: Any

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    # A time ahead is a scheduled removal. Readers get the note at the URL from then on.
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_note = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        raise NotImplementedError

    def state(self, now: datetime | None = None) -> str:
        """Return the newsroom's name for the state: draft, scheduled, published, changing or withdrawn."""
        now = now or timezone.now()
        if self.withdrawn_at is not None and self.withdrawn_at <= now:
            return "withdrawn"
        public, scheduled = self.public_and_scheduled(now)
        if scheduled:
            return "changing" if public else "scheduled"
        return "published" if public else "draft"

    def public_and_scheduled(self, now: datetime) -> tuple[bool, bool]:
        """Return whether a version is public at `now`, and whether one is scheduled for later."""
        raise NotImplementedError

    def served_version(self) -> Any:
        """Return the version that readers get now, or None."""
        raise NotImplementedError

    def scheduled_version(self) -> Any:
        """Return the version that is scheduled for later, or None."""
        raise NotImplementedError

    def last_public_from(self) -> datetime | None:
        """Return the time the last version is or was served from. It may lie ahead."""
        raise NotImplementedError

    @property
    def url_is_public(self) -> bool:
        """Whether readers know the URL, so that it must keep working."""
        raise NotImplementedError

    def audit_snapshot(self) -> dict[str, object]:
        """Return what the audit log stores besides the columns."""
        return {"state": self.state()}


class PublishableQuerySet[Row: "Publishable"](models.QuerySet[Row]):
    def published(self, now: datetime | None = None) -> Self:
        """Return the rows that readers can see at `now`."""
        return self.filter(not_withdrawn(now), Exists(self._public_versions(now)))

    def gone(self, now: datetime | None = None) -> Self:
        """Return the rows that were public and are withdrawn at `now`: their URLs answer 410."""
        versions = self._public_versions(now).filter(public_from__lte=OuterRef("withdrawn_at"))
        return self.filter(Exists(versions), withdrawn_at__lte=now or timezone.now())

    def with_last_change(self, now: datetime) -> Self:
        """Annotate each row with `changed_at`, the time its served version is served from."""
        newest = self._public_versions(now).order_by("-number")
        return self.annotate(changed_at=Subquery(newest.values("public_from")[:1]))

    def _public_versions(self, now: datetime | None) -> AnyRows:
        versions: Any = self.model._meta.get_field("versions").related_model
        public: AnyRows = versions.objects.was_public(now).filter(**{versions.of: OuterRef("pk")})
        return public


class Publishable(Item):
    """A publishable whose state is computed from its versions. Dossiers and pages are few, so that is cheap enough."""

    class Meta:
        abstract = True

    def public_and_scheduled(self, now: datetime) -> tuple[bool, bool]:
        ahead = [version.public_from > now for version in self.versions.all() if version.superseded_at is None]
        return not all(ahead), any(ahead)

    def served_version(self) -> Any:
        return self.versions.served().first()

    def scheduled_version(self) -> Any:
        return self.versions.scheduled().defer("content").last()

    @property
    def published_at(self) -> datetime | None:
        """The time readers first got it, or will get it."""
        first: datetime | None = self._counted_versions().aggregate(first=Min("public_from"))["first"]
        return first

    def last_public_from(self) -> datetime | None:
        last: datetime | None = self._counted_versions().aggregate(last=Max("public_from"))["last"]
        return last

    @property
    def url_is_public(self) -> bool:
        return bool(self.pk and self.versions.exists())

    def _counted_versions(self) -> Any:
        return self.versions.filter(superseded_at=None)


class PublishableVersionQuerySet[Row: "PublishableVersion"](BaseVersionQuerySet[Row]):
    def scheduled(self, now: datetime | None = None) -> Self:
        """Return the versions scheduled for a time after `now`."""
        return self.filter(public_from__gt=now or timezone.now(), superseded_at=None)

    def served(self, now: datetime | None = None) -> Self:
        """Return the served version of each public row."""
        of = self.model.of
        newest: Any = self.model.objects.was_public(now)  # type: ignore[attr-defined]
        newest = newest.filter(**{of: OuterRef(of)}).order_by("-number")
        return self.filter(not_withdrawn(now, f"{of}__"), pk=Subquery(newest.values("pk")[:1]))


class PublishableVersion(BaseVersion):
    """A published version of a dossier or page."""

    # The name of the foreign key to the dossier or page.
    of: ClassVar[str]
    # Only changes of articles have a kind.
    change: ClassVar[None] = None

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.of} {getattr(self, f'{self.of}_id')}, version {self.number}"


class PublishedQuerySet(WorkflowQuerySet):
    def published(self, now: datetime | None = None) -> Self:
        """Return the articles that readers can see; `article.served(now)` is the version they get.

        Evaluated at read time: no job has to run.
        """
        now = now or timezone.now()
        return self.filter(not_withdrawn(now), published_at__lte=now)

    def listed(self, now: datetime | None = None, *columns: str) -> Self:
        """Return `published` articles with only the version columns that lists show, and `columns` of the article."""
        return self._with_columns(LIST_COLUMNS, now, *columns)

    def syndicated(self, now: datetime | None = None) -> Self:
        """Return `published` articles with the version columns that feeds need."""
        return self._with_columns(FEED_COLUMNS, now, "uuid")

    def placeable(self, now: datetime | None = None) -> Self:
        """Return the articles that can be placed on the front page: public or scheduled."""
        return self.filter(not_withdrawn(now), published_at__isnull=False)

    def news(self) -> Self:
        """Return the articles that the front page and the feed of all articles take by themselves."""
        return self.exclude(section__in=Section.objects.filter(is_news=False))

    def newest_or_named(self, count: int, uuids: Collection[str], now: datetime) -> Self:
        """Return the `count` newest `listed` news and any other articles among `uuids`."""
        published = self.published(now).order_by("-published_at", "-id")
        rows = self.listed(now, "uuid").order_by("-published_at", "-id")
        if not uuids:
            return rows.news()[:count]
        # A union, because with OR PostgreSQL reads the whole archive.
        newest, named = self.filter(pk__in=published.news().values("pk")[:count]), self.filter(uuid__in=uuids)
        return rows.filter(pk__in=newest.values("pk").union(named.values("pk"), all=True))

    def _with_columns(self, shown: tuple[str, ...], now: datetime | None, *own: str) -> Self:
        columns = ("slug", "published_at", "upcoming", "upcoming_at", *own, *(f"live__{column}" for column in shown))
        # Few lists have a version that is due and not yet live: one query fetches those of all rows.
        return self.published(now).select_related("live").only(*columns).fetch_mode(models.FETCH_PEERS)

    def with_last_change(self, now: datetime) -> Self:
        """Annotate each article with `changed_at`, when its text last changed materially."""
        upcoming_is_due = When(upcoming_at__lte=now, then=F("upcoming__changed_at"))
        return self.annotate(changed_at=Case(upcoming_is_due, default=F("live__changed_at")))
