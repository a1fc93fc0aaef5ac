"""Ledger of the built-in payment providers: the records a payment processor would keep."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscriptions.models.catalog import Price
from subscriptions.money import Money


class LedgerContract(models.Model):
    """A subscription that a provider without an external service, such as the demo, renews. Only providers write it."""

    class Status(models.TextChoices):
        PENDING = "pending"
        TRIALING = "trialing"
        ACTIVE = "active"
        PAST_DUE = "past_due"
        ENDED = "ended"

    ref = models.CharField(max_length=100, unique=True)
    order_uuid = models.UUIDField(unique=True)
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="+")
    next_price = models.ForeignKey(Price, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The discount on each invoice in minor units, and the number of invoices still reduced (None: all).
    discount_minor = models.BigIntegerField(default=0)
    discounts_left = models.PositiveSmallIntegerField(null=True, default=0)
    trial_days = models.PositiveSmallIntegerField(default=0)
    starts_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    cancel_at = models.DateTimeField(null=True, blank=True)
    past_due_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    card_declines = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.ref}: {self.status}"


class LedgerEntry(models.Model):
    """A payment request, or an invoice of a contract. Only providers read and write it."""

    class Status(models.TextChoices):
        OPEN = "open"
        WAITING = "waiting"
        DECLINED = "declined"
        PAID = "paid"
        CLOSED = "closed"

    provider = models.CharField(max_length=20)
    ref = models.CharField(max_length=100)
    order_uuid = models.UUIDField()
    contract = models.ForeignKey(
        LedgerContract, null=True, blank=True, on_delete=models.CASCADE, related_name="entries"
    )
    price = models.ForeignKey(Price, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    minor = models.BigIntegerField()
    # Refunds: their key, amount in minor units and ISO date.
    refunds = models.JSONField(default=list, blank=True)
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
