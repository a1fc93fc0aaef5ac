"""The conversation under one article: how many are heard in it, and when it ends."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Self

from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.utils import timezone

from truthlytics.web.compiled_queries import CompiledQuery, filled_up, id_names


class ThreadQuerySet(models.QuerySet["Thread"]):
    def count_change(self, article_id: int, by: int) -> None:
        """Add `by` to the true count. Call it in the transaction that changes the comment."""
        self.filter(article=article_id).update(visible_count=F("visible_count") + by)

    def counts(self, article_ids: Collection[int]) -> dict[int, int]:
        """How many comments each of these articles shows, by its id; an article without one is left out."""
        given = filled_up(article_ids)
        return dict(_counts(len(given))(*given)) if given else {}

    def open(self, now: datetime | None = None) -> Self:
        return self.filter(Q(closes_at=None) | Q(closes_at__gt=now or timezone.now()))


class Thread(models.Model):
    """Made with the first comment or the first setting; an article without one is open and empty."""

    article = models.OneToOneField("articles.Article", models.CASCADE, related_name="thread")
    closes_at = models.DateTimeField(
        null=True, blank=True, help_text="From then on nobody writes here. Empty: it stays open."
    )
    closed_message = models.CharField(
        max_length=300, blank=True, help_text="What readers are told once it is closed, beside the date."
    )
    # Changed with F() in the transaction of the comment it counts.
    visible_count = models.PositiveIntegerField("comments shown", default=0, editable=False)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-visible_count"], name="conversation_by_size")]

    def __str__(self) -> str:
        return f"Thread of article {self.article_id}"

    def is_open(self, now: datetime | None = None) -> bool:
        return self.closes_at is None or self.closes_at > (now or timezone.now())


@cache
def _counts(count: int) -> CompiledQuery:
    """For so many articles."""
    # As a number: a foreign key looks for numbers when the query is made, and there are only their places.
    by_number = Thread.objects.alias(number=ExpressionWrapper(F("article"), models.BigIntegerField()))
    return CompiledQuery(
        lambda *ids: by_number.filter(number__in=ids).values_list("article", "visible_count"), *id_names(count)
    )
