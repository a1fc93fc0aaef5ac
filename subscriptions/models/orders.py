"""Orders and payments. Order lines are snapshots: amounts are never read from the catalogue."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from subscriptions.models.cart import Cart
from subscriptions.models.catalog import Price
from subscriptions.money import CURRENCIES, Money


class OrderQuerySet(models.QuerySet["Order"]):
    def of(self, user: object) -> Self:
        """Return the user's own orders, newest first."""
        return self.filter(user=user).prefetch_related("lines").order_by("-placed_at", "-pk")

    def awaiting_transfer(self) -> Self:
        """Open orders to be paid by bank transfer."""
        return self.filter(status=Order.Status.OPEN, provider="manual")


class Order(models.Model):
    class Status(models.TextChoices):
        OPEN = "open"
        PAID = "paid"
        CANCELED = "canceled"

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # Set from the id right after insertion, which makes it unique without a contended counter.
    number = models.CharField(max_length=20, unique=True, null=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    cart = models.ForeignKey(Cart, null=True, on_delete=models.SET_NULL, related_name="orders")
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, choices=[(code, code) for code in CURRENCIES])
    consent_text = models.TextField(help_text=_("The terms shown next to the order button."))
    consented_at = models.DateTimeField()
    provider = models.CharField(max_length=20)
    checkout_ref = models.CharField(_("checkout reference"), max_length=100, blank=True, db_index=True)
    checkout_url = models.CharField(max_length=500, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)

    objects: ClassVar[OrderQuerySet] = OrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(total_minor__gte=0), name="order_not_negative"),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status="open"),
                name="one_open_order_per_user",
                violation_error_message=_("You already have an open order."),
            ),
        ]

    def __str__(self) -> str:
        return f"Order {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("subscriptions:order", args=[self.uuid])

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def awaits_transfer(self) -> bool:
        """Whether the order can be marked as paid."""
        return self.is_open and self.provider == "manual" and bool(self.checkout_ref)

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    @property
    def is_paid(self) -> bool:
        return self.status == self.Status.PAID


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="order_lines")
    description = models.CharField(max_length=120)
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(total_minor__gte=0), name="order_line_not_negative")]

    def __str__(self) -> str:
        return self.description

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class PaymentQuerySet(models.QuerySet["Payment"]):
    def needing_attention(self) -> Self:
        """Payments that need attention: failed while the order is still open, or surplus."""
        failed = Q(status=Payment.Status.FAILED, order__status=Order.Status.OPEN)
        return self.filter(failed | Q(status=Payment.Status.SURPLUS))


class Payment(models.Model):
    """A payment reported by a provider. `surplus` payments were not owed and should be refunded."""

    class Status(models.TextChoices):
        PROCESSING = "processing"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        SURPLUS = "surplus"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(_("provider reference"), max_length=100)
    status = models.CharField(max_length=10, choices=Status)
    minor = models.BigIntegerField(_("amount"), help_text=_("In minor units: 900 is €9.00, or ¥900."))
    currency = models.CharField(max_length=3)
    recorded_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    objects: ClassVar[PaymentQuerySet] = PaymentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gte=0), name="payment_not_negative"),
            models.UniqueConstraint(fields=["provider", "provider_ref"], name="one_row_per_payment"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(status="succeeded"), name="one_settling_payment_per_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.money}, {self.get_status_display().lower()}"

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)
