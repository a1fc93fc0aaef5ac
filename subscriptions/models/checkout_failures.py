"""Checkouts that their provider refused or did not answer, and keys that it refused, for staff."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscriptions.models.orders import Order

# How long the dashboard warns of the last failure unless a reader has paid with the provider since.
WARNED_FOR = timedelta(days=7)


class CheckoutFailureQuerySet(models.QuerySet["CheckoutFailure"]):
    def unsolved(self, now: datetime) -> Self:
        """Recent failures of providers that have started no checkout since."""
        return self.filter(solved_at=None, at__gt=now - WARNED_FOR)


class CheckoutFailure(models.Model):
    """A checkout that could not be started, or another request for which the provider did not accept our key.

    Readers get a sentence; staff see what the provider said.
    """

    class Kind(models.TextChoices):
        WRONG_KEY = "wrong_key", _("The provider does not accept our key")
        REFUSED = "refused", _("The provider refused it")
        NO_ANSWER = "no_answer", _("The provider did not respond")

    # None if our key was refused for something else than a checkout, such as a renewal or a refund.
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.CASCADE, related_name="checkout_failures")
    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=9, choices=Kind)
    # In the provider's words, without keys and email addresses.
    message = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(_("date"))
    # When the provider next started a checkout, of this order or another, or accepted the key again.
    solved_at = models.DateTimeField(_("solved"), null=True, blank=True)

    objects = CheckoutFailureQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["provider", "at"], condition=Q(solved_at=None), name="unsolved_checkout_failure")
        ]

    def __str__(self) -> str:
        return f"{self.order or self.provider}: {self.get_kind_display()}"
