"""Carts. An anonymous visitor's cart is found by cookie, a user's by account."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from subscriptions.models.billing import BillingDetails
from subscriptions.models.catalog import Price
from subscriptions.models.coupons import Coupon
from subscriptions.money import Money

LIFETIME = timedelta(days=30)


def new_token() -> str:
    return secrets.token_urlsafe(16)


class Cart(BillingDetails):
    """What someone is about to order. The buyer's details are here until the visitor has an account."""

    class Status(models.TextChoices):
        OPEN = "open"
        MERGED = "merged"
        DONE = "done"

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="carts"
    )
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)
    coupon = models.ForeignKey(Coupon, null=True, blank=True, on_delete=models.SET_NULL, related_name="carts")
    # Path the reader came from; they return there after paying.
    back_to = models.CharField(max_length=300, blank=True)
    # The campaign that they followed to the plans, such as an issue of a newsletter: a slug, nothing about the reader.
    campaign = models.CharField(max_length=100, blank=True, default="", db_default="")
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(status="open"), name="one_open_cart_per_user")
        ]

    def __str__(self) -> str:
        return f"Cart {self.pk}"


class CartLine(models.Model):
    """A price in a cart. `quoted_minor` is the amount shown when the reader chose it, in minor units."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    price = models.ForeignKey(Price, on_delete=models.CASCADE, related_name="cart_lines")
    quoted_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cart"], name="one_recurring_line_per_cart"),
            models.CheckConstraint(condition=Q(quoted_minor__gte=0), name="quote_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.price} in cart {self.cart_id}"

    @property
    def quoted(self) -> Money:
        return Money(self.quoted_minor, self.price.currency)

    @property
    def has_changed(self) -> bool:
        return self.quoted_minor != self.price.minor

    @property
    def can_be_ordered(self) -> bool:
        return self.price.on_sale and not self.has_changed
