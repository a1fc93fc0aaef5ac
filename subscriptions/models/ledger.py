"""Ledger of the built-in payment providers: the records a payment processor would keep."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscriptions.money import Money


class LedgerEntry(models.Model):
    """A payment request. Only `providers/` reads and writes it."""

    class Status(models.TextChoices):
        OPEN = "open"
        WAITING = "waiting"
        DECLINED = "declined"
        PAID = "paid"
        CLOSED = "closed"

    provider = models.CharField(max_length=20)
    ref = models.CharField(max_length=100)
    order_uuid = models.UUIDField()
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    declines = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.UniqueConstraint(fields=["provider", "ref"], name="one_ledger_entry_per_ref"),
            models.CheckConstraint(condition=Q(minor__gte=0), name="ledger_entry_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.ref}: {self.status}"

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)
