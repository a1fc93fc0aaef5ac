"""Ledger of the built-in payment providers: the records a payment processor would keep."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscriptions.money import Money


class LedgerContract(models.Model):
    """A subscription that the demo provider renews. Only `providers/` reads and writes it."""

    class Status(models.TextChoices):
        TRIALING = "trialing"
        ACTIVE = "active"
        PAST_DUE = "past_due"
        ENDED = "ended"

    ref = models.CharField(max_length=100, unique=True)
    order_uuid = models.UUIDField(unique=True)
    price_id = models.BigIntegerField()
    # The amount of each renewal, in minor units, and how many more renewals the discount reduces (None: all).
    minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    discounted_left = models.PositiveSmallIntegerField(null=True, default=0)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    anchor = models.DateTimeField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    cancel_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    next_price_id = models.BigIntegerField(null=True, blank=True)
    card_declines = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.ref}: {self.status}"


class LedgerEntry(models.Model):
    """A payment request, or an invoice of a contract. Only `providers/` reads and writes it."""

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
    price_id = models.BigIntegerField(null=True, blank=True)
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(default=0)
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
