"""Subscriptions and their change log."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscriptions import states
from subscriptions.models.catalog import Price


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def live(self) -> Self:
        return self.filter(status__in=states.LIVE)

    def started_between(self, first: datetime, end: datetime) -> Self:
        """Subscriptions that began in the interval [first, end), whatever their status."""
        return self.filter(anchor__gte=first, anchor__lt=end).exclude(status=states.PENDING)

    def ended_or_overdue(self, now: datetime) -> Self:
        """Subscriptions that have ended, including those past their paid period that `tick` has not ended yet."""
        return self.filter(Q(status=states.ENDED) | Q(period_end__lte=now))


class Subscription(models.Model):
    """A reader's contract. Access is decided by `Grant`, never here. `period_end` ends the paid period."""

    class Status(models.TextChoices):
        PENDING = states.PENDING
        ACTIVE = states.ACTIVE
        ENDED = states.ENDED

    class EndReason(models.TextChoices):
        CANCELED = "canceled"
        TERM_OVER = "term_over", _("Paid period ended")
        ENDED_BY_EDITOR = "editor", _("Ended by an editor")
        ABANDONED = "abandoned"
        ACCOUNT_DELETED = "deleted", _("Account deleted")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="subscriptions")
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="subscriptions")
    provider = models.CharField(max_length=20)
    status = models.CharField(max_length=7, choices=Status, default=Status.PENDING)
    anchor = models.DateTimeField(_("billing anchor"))
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
                violation_error_message=_("You already have a subscription."),
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_at__isnull=False) | (~Q(status="ended") & Q(ended_at=None)),
                name="ended_subscription_has_end_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.price.description}"

    @property
    def is_live(self) -> bool:
        return self.status in states.LIVE


class SubscriptionChange(models.Model):
    """An append-only log entry: what happened to a subscription, when and by whom."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField(_("date"))
    event = models.CharField(
        max_length=20, choices=[(event, event.replace("_", " ").capitalize()) for event in states.EVENTS]
    )
    was = models.CharField(_("from"), max_length=7)
    became = models.CharField(_("to"), max_length=7)
    actor = models.CharField(max_length=60, help_text=_("“reader”, “clock”, a provider, or an editor’s name."))
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_event_display()}, {self.at:%-d %b %Y}"
