"""Grants: periods of access. Access ends with the period; nothing has to revoke it."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from subscriptions import states
from subscriptions.models.catalog import TierLevel
from subscriptions.models.subscription import Subscription
from truthlytics.web.dates import local_date


def new_key() -> str:
    return str(uuid.uuid4())


class GrantQuerySet(models.QuerySet["Grant"]):
    def running(self, now: datetime) -> Self:
        return self.filter(starts_at__lte=now, ends_at__gt=now, revoked_at=None)


class Grant(models.Model):
    class Source(models.TextChoices):
        ORDER = "order", _("Paid order")
        INVOICE = "invoice", _("Paid invoice")
        TRIAL = states.TRIAL, _("Free trial")
        GRACE = states.GRACE, _("Payment overdue")
        GIFT = "gift", _("Gift")
        COMP = "comp", _("Complimentary")
        # The period that a reader had paid for in another system.
        MOVED = "moved", _("Paid in another system")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    level = models.PositiveSmallIntegerField(choices=TierLevel)
    may_comment = models.BooleanField(_("can comment"), default=True)
    starts_at = models.DateTimeField()
    # Required, so that no access is open-ended by accident.
    ends_at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=Source, default=Source.COMP)
    source_key = models.CharField(max_length=100, default=new_key, editable=False)
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="grants", editable=False
    )
    note = models.CharField(max_length=200, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.CharField(max_length=60, blank=True, editable=False)

    objects = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["-ends_at", "-pk"]
        indexes = [models.Index(fields=["user", "ends_at", "level"], name="grant_by_user")]
        constraints = [
            models.UniqueConstraint(fields=["source", "source_key"], name="one_grant_per_source"),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")),
                name="grant_ends_after_it_starts",
                violation_error_message=_("The end must be after the start."),
            ),
        ]

    def __str__(self) -> str:
        return _("%(level)s until %(day)s") % {
            "level": self.get_level_display(),
            "day": local_date(self.ends_at, "j M Y"),
        }
