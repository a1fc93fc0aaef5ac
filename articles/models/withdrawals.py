"""When articles were withdrawn and restored, for the page of corrections."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class WithdrawalQuerySet(models.QuerySet["Withdrawal"]):
    def begun(self, now: datetime | None = None) -> Self:
        """Return those in effect, of articles that readers had seen."""
        return self.filter(at__lte=now or timezone.now(), article__published_at__lte=F("at"))

    def listed(self, now: datetime | None = None) -> Self:
        """Return those that have `begun`, newest first, with what the page of corrections shows."""
        return (
            self.begun(now)
            .select_related("article")
            .order_by("-at", "-pk")
            .only("at", "note", "ended_at", "article__slug", "article__uuid", "article__withdrawn_at")
        )


class Withdrawal(models.Model):
    """An article is off the site from `at`, which may lie ahead, until it is restored.

    The row without `ended_at` says the same as `withdrawn_at` and `withdrawn_note` of the article. Rows stay once their
    time has come (see `services.withdrawals`).
    """

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="withdrawals")
    at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="withdrawal_by_date")]
        constraints = [
            models.UniqueConstraint(fields=["article"], condition=Q(ended_at=None), name="article_withdrawn_once")
        ]

    def __str__(self) -> str:
        return f"Article {self.article_id}, withdrawn {self.at:%Y-%m-%d}"
