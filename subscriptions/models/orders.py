"""Orders. Order lines are snapshots: amounts are never read from the catalogue."""

import base64
import re
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from subscriptions.models.billing import BillingDetails, TaxFacts
from subscriptions.models.by_hand import settled_by_hand
from subscriptions.models.cart import Cart
from subscriptions.models.catalog import Price
from subscriptions.models.coupons import Coupon
from subscriptions.money import CURRENCIES, Money

# An order's number as typed or printed by others, such as "2026 00042".
NUMBER = re.compile(r"(?<!\d)(20\d\d)[\s./–-]*(\d{5,9})(?!\d)")
# The characters after the number make a reference hard to guess: 40 bits of the order's uuid.
REFERENCE = re.compile(r"\b(20\d\d-\d{5,9})-([A-Z2-7]{8})\b")


class OrderQuerySet(models.QuerySet["Order"]):
    def of(self, user: object) -> Self:
        """Return the user's own orders, newest first."""
        return self.filter(user=user).prefetch_related("lines").order_by("-placed_at", "-pk")

    def for_subscription(self) -> Self:
        """Orders of the reader's own subscription, which exclude gifts."""
        return self.exclude(kind=Order.Kind.GIFT)

    def unclosed(self) -> Self:
        """Cancelled orders with a checkout that the provider has not closed yet."""
        cancelled = self.filter(status=Order.Status.CANCELLED, checkout_closed_at=None)
        return cancelled.exclude(checkout_ref="")

    def named_in(self, text: str) -> Self:
        """Orders with a number that is in `text`, with or without its hyphen, as bank statements print references."""
        return self.filter(number__in=[f"{year}-{count}" for year, count in NUMBER.findall(text)])

    def referred_to(self, text: str) -> "Order | None":
        """Return the order with the whole reference in `text`, or None. Only its reader knows it."""
        for number, secret in REFERENCE.findall(text.upper()):
            order = self.filter(number=number).select_related("user").first()
            if order is not None and constant_time_compare(order.reference, f"{number}-{secret}"):
                return order
        return None

    def awaiting_transfer(self) -> Self:
        """Open orders that an editor marks as paid, such as those by bank transfer."""
        return self.filter(status=Order.Status.OPEN, provider__in=settled_by_hand())


class Order(BillingDetails, TaxFacts):
    """What a reader ordered, with the buyer's details and the tax as they were when it was placed."""

    class Kind(models.TextChoices):
        SUBSCRIPTION = "subscription", _("Subscription")
        EXTENSION = "extension", _("Extension")
        GIFT = "gift", _("Gift")
        # A contract that was concluded in another system and continues here.
        MOVED = "moved", _("From another system")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        PAID = "paid", _("Paid")
        CANCELLED = "cancelled", pgettext_lazy("order", "Cancelled")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # Set from the id right after insertion, which makes it unique without a contended counter.
    number = models.CharField(max_length=20, unique=True, null=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    cart = models.ForeignKey(Cart, null=True, on_delete=models.SET_NULL, related_name="orders")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.SUBSCRIPTION)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    # Before and after the discount. Zero is due today if the order starts a free trial.
    subtotal_minor = models.BigIntegerField(_("subtotal"), default=0)
    discount_minor = models.BigIntegerField(_("discount"), default=0)
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3, choices=[(code, code) for code in CURRENCIES])
    coupon = models.ForeignKey(Coupon, null=True, blank=True, on_delete=models.PROTECT, related_name="orders")
    trial_days = models.PositiveSmallIntegerField(default=0)
    renews = models.BooleanField(default=False, help_text=_("Whether the provider charges again for each period."))
    # The path of the article that the reader came from, for the revenue report.
    came_from = models.CharField(max_length=300, blank=True)
    # The campaign of the cart.
    campaign = models.CharField(max_length=100, blank=True, default="", db_default="")
    consent_text = models.TextField(help_text=_("The terms shown next to the order button."))
    consented_at = models.DateTimeField()
    # The versions of these pages that were public when the order was placed.
    terms_version = models.ForeignKey(
        "articles.PageVersion", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    withdrawal_version = models.ForeignKey(
        "articles.PageVersion", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    # The sentence with which the reader asked for an immediate start, if that was asked.
    start_text = models.TextField(_("immediate start"), blank=True)
    start_agreed_at = models.DateTimeField(_("immediate start agreed"), null=True, blank=True)
    provider = models.CharField(max_length=20)
    checkout_ref = models.CharField(_("checkout reference"), max_length=100, blank=True, db_index=True)
    checkout_url = models.CharField(max_length=2000, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    checked_at = models.DateTimeField(_("checked with the provider"), null=True, blank=True)
    # Set once the provider accepts no more payments for a cancelled order.
    checkout_closed_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "-pk"]
        indexes = [
            models.Index(fields=["status", "currency", "paid_at", "came_from", "total_minor"], name="order_by_article"),
            models.Index(fields=["campaign"], name="order_by_campaign"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(total_minor__gte=0), name="order_not_negative"),
            models.CheckConstraint(
                condition=Q(discount_minor__gte=0, discount_minor__lte=F("subtotal_minor")),
                name="order_discount_in_range",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status="open") & ~Q(kind="gift"),
                name="one_open_order_per_user",
                violation_error_message=_("You already have an open order."),
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="open", kind="gift"), name="one_open_gift_order_per_user"
            ),
        ]

    def __str__(self) -> str:
        return gettext("Order %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("subscriptions:order", args=[self.uuid])

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def gross(self) -> Money:
        return self.total

    @property
    def subtotal(self) -> Money:
        return Money(self.subtotal_minor, self.currency)

    @property
    def discount(self) -> Money:
        return Money(self.discount_minor, self.currency)

    @property
    def reference(self) -> str:
        """The number with characters that no one can guess, for declarations, such as "2026-00042-K7QXM4TP"."""
        return f"{self.number}-{base64.b32encode(self.uuid.bytes[:5]).decode()}"

    @property
    def awaits_transfer(self) -> bool:
        """Whether the order can be marked as paid."""
        return self.is_open and self.is_settled_by_hand and bool(self.checkout_ref)

    @property
    def is_settled_by_hand(self) -> bool:
        """Whether the money arrives where only an editor sees it."""
        return self.provider in settled_by_hand()

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
