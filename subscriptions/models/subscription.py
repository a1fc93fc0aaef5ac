"""A reader's running contract, and the ledger of what happened to it."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from subscriptions import states
from subscriptions.models.catalog import Price


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def live(self) -> Self:
        return self.filter(status__in=states.LIVE)

    def begun_between(self, first: datetime, end: datetime) -> Self:
        """Contracts that began from `first` and before `end`, whatever became of them."""
        return self.filter(anchor__gte=first, anchor__lt=end).exclude(status=states.PENDING)

    def over(self, now: datetime) -> Self:
        """Those that have ended, and those whose paid time is over and that the clock has still to end."""
        return self.filter(Q(status=states.ENDED) | Q(period_end__lte=now))


class Subscription(models.Model):
    """Who may read is never asked here but of `Grant`. Times are UTC; `period_end` is the last one paid for."""

    class Status(models.TextChoices):
        PENDING = states.PENDING
        ACTIVE = states.ACTIVE
        ENDED = states.ENDED

    class EndReason(models.TextChoices):
        CANCELED = "canceled"
        TERM_OVER = "term_over", "paid time over"
        ENDED_BY_EDITOR = "editor", "ended by an editor"
        ABANDONED = "abandoned"

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="subscriptions")
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="subscriptions")
    provider = models.CharField(max_length=20)
    status = models.CharField(max_length=7, choices=Status, default=Status.PENDING)
    anchor = models.DateTimeField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    cancel_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=9, choices=EndReason, blank=True)

    objects: ClassVar[SubscriptionQuerySet] = SubscriptionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-period_start", "-pk"]
        indexes = [models.Index(fields=["status", "period_end"], name="subscription_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status__in=states.LIVE),
                name="one_live_subscription_per_user",
                violation_error_message="You already have a subscription.",
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_at__isnull=False) | (~Q(status="ended") & Q(ended_at=None)),
                name="ended_subscription_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"Subscription {self.pk}"

    @property
    def is_live(self) -> bool:
        return self.status in states.LIVE


class SubscriptionChange(models.Model):
    """One line of the ledger: what happened, when, by whom. Written once, never changed."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    event = models.CharField(max_length=20, choices=[(event, event) for event in states.EVENTS])
    was = models.CharField(max_length=7)
    became = models.CharField(max_length=7)
    actor = models.CharField(max_length=60, help_text="“reader”, “clock”, a provider, or an editor's name.")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.event} at {self.at:%Y-%m-%d %H:%M}"
