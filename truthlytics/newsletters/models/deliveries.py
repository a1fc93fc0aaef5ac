"""Deliveries: what is known about the email of one issue to one address, and what the mail provider reports."""

from collections import Counter
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.access import Level
from truthlytics.newsletters.models.issues import Issue


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def uncertain(self) -> Self:
        """Return the emails that the mail server may or may not have accepted."""
        return self.filter(state=Delivery.State.UNCERTAIN)

    def of_current_issues(self, now: datetime) -> Self:
        """Return those of issues that are being sent, are paused, or were prepared in the last day."""
        return self.filter(issue__in=Issue.objects.current(now).order_by())

    def counts(self) -> Counter[str]:
        """Return the number of deliveries by state."""
        return Counter(dict(self.order_by().values_list("state").annotate(number=Count("pk"))))


class Delivery(models.Model):
    """An email of an issue to an address. Each change of `state` is a conditional update, so that none is sent twice.

    `level` is that of the variant that the address gets. When the email is submitted, it falls if the reader's access
    has ended, and never rises.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        CLAIMED = "claimed", _("About to be submitted")
        SUBMITTING = "submitting", _("Being submitted")
        SUBMITTED = "submitted", _("Accepted by the mail server")
        REJECTED = "rejected", _("Rejected")
        UNCERTAIN = "uncertain", _("Uncertain")
        SKIPPED = "skipped", _("Not sent")

    issue = models.ForeignKey("newsletters.Issue", models.CASCADE, related_name="deliveries")
    # None if the reader has deleted the address; the row stays for the numbers.
    address = models.ForeignKey("newsletters.Address", models.SET_NULL, null=True, related_name="deliveries")
    level = models.PositiveSmallIntegerField(choices=Level)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, db_default=State.QUEUED)
    # The sender that claimed it (`Issue.sender`).
    sender = models.UUIDField(null=True, editable=False)
    # That the mail server was unreachable does not count.
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    retry_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    # What the mail server answered, without the address.
    answer = models.CharField(max_length=300, blank=True, default="", db_default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "address"], name="one_delivery_per_issue")]
        indexes = [
            models.Index(fields=["issue", "state", "id"], name="delivery_by_state"),
            # How many were sent in the last day or minute, by all issues.
            models.Index(
                fields=["submitted_at"], condition=Q(submitted_at__isnull=False), name="delivery_by_submission"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.address}"


class ProviderEvent(models.Model):
    """What a mail provider reports about an email, stored once by its id and applied by a task."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", _("Delivered")
        SOFT_BOUNCE = "soft_bounce", _("Could not be delivered for now")
        HARD_BOUNCE = "hard_bounce", _("Could not be delivered")
        COMPLAINT = "complaint", _("Reported as spam")

    provider = models.CharField(max_length=30)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind)
    delivery = models.ForeignKey(Delivery, models.CASCADE, null=True, related_name="events")
    address = models.ForeignKey("newsletters.Address", models.CASCADE, null=True, related_name="events")
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once")]
        indexes = [models.Index(fields=["address", "kind", "happened_at"], name="event_by_address")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.happened_at:%Y-%m-%d %H:%M}"
