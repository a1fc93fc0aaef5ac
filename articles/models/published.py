"""Queries about what readers see of articles: the pages, lists, feeds and front page that an article is on."""

from collections.abc import Collection
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Case, F, When
from django.utils import timezone

from articles.models.publishable import not_withdrawn
from articles.models.sections import Section
from articles.models.versions import FEED_COLUMNS, LIST_COLUMNS
from articles.models.workflow import WorkflowQuerySet


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
