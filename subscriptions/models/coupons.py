"""Coupons and who used them."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from subscriptions.models.catalog import Plan
from subscriptions.money import CURRENCIES, Money, percentage


class CouponQuerySet(models.QuerySet["Coupon"]):
    def valid(self, now: datetime) -> Self:
        """Coupons that can be used at `now` and have uses left."""
        started = Q(starts_at=None) | Q(starts_at__lte=now)
        unended = Q(ends_at=None) | Q(ends_at__gt=now)
        unspent = Q(max_uses=None) | Q(uses__lt=F("max_uses"))
        return self.filter(started & unended & unspent, archived_at=None)


class Coupon(models.Model):
    """A discount in percent, or by an amount in one currency."""

    class Kind(models.TextChoices):
        PERCENT = "percent", _("Percent")
        AMOUNT = "amount", _("Amount")

    class Duration(models.TextChoices):
        ONCE = "once", _("The first period")
        REPEATING = "repeating", _("A number of periods")
        FOREVER = "forever", _("Every period")

    code = models.CharField(max_length=40, unique=True, help_text=_("What readers enter, in capitals: SPRING25."))
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.PERCENT)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, choices=[(code, code) for code in CURRENCIES])
    duration = models.CharField(max_length=9, choices=Duration, default=Duration.ONCE)
    periods = models.PositiveSmallIntegerField(
        default=1, help_text=_("The number of payments to reduce, if you chose “a number of periods”.")
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True, help_text=_("Leave blank for no limit."))
    uses = models.PositiveIntegerField(default=0, editable=False)
    first_time_only = models.BooleanField(
        default=False, help_text=_("Only for readers who have never had a paid subscription.")
    )
    plans = models.ManyToManyField(Plan, blank=True, help_text=_("Leave empty for all plans."))
    archived_at = models.DateTimeField(null=True, blank=True)
    # The only reader who can use it: one who pays in another system, and continues here at the old price.
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="own_coupons"
    )

    objects = CouponQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                # Without the tests for null, the database would accept a coupon without a discount.
                condition=Q(kind="percent", percent__isnull=False, percent__gte=1, percent__lte=100, minor=None)
                | (Q(kind="amount", minor__isnull=False, minor__gt=0, percent=None) & ~Q(currency="")),
                name="coupon_has_one_discount",
                violation_error_message=_("Enter a percentage from 1 to 100, or an amount with its currency."),
            ),
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(uses__lte=F("max_uses")), name="coupon_uses_within_limit"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def discount(self) -> str:
        """The discount as text, such as "25%" or "€2.00"."""
        return percentage(self.percent) if self.percent is not None else str(Money(self.minor or 0, self.currency))

    def is_valid(self, now: datetime) -> bool:
        """Whether readers can use it at `now`, as by `CouponQuerySet.valid`."""
        has_begun = self.starts_at is None or self.starts_at <= now
        has_ended = self.ends_at is not None and self.ends_at <= now
        is_left = self.max_uses is None or self.uses < self.max_uses
        return self.archived_at is None and has_begun and not has_ended and is_left

    def off(self, price: Money) -> Money:
        """Return the discount on `price`, rounded down and at most the price."""
        if self.percent is not None:
            return Money(price.minor * self.percent // 100, price.currency)
        return Money(min(self.minor or 0, price.minor) if price.currency == self.currency else 0, price.currency)


class Redemption(models.Model):
    """A reader's use of a coupon: reserved by an order, used once it is paid, released if it is not."""

    class State(models.TextChoices):
        RESERVED = "reserved"
        USED = "used"
        RELEASED = "released"

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="redemptions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="redemptions")
    # The order that reserved it. The model is named as text because orders refer to coupons.
    order = models.ForeignKey("subscriptions.Order", on_delete=models.PROTECT, related_name="redemptions")
    state = models.CharField(max_length=8, choices=State, default=State.RESERVED)
    # Reduced periods still to come, for orders by transfer; a provider that renews counts itself. None: for ever.
    periods_left = models.PositiveSmallIntegerField(null=True, blank=True, default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["coupon", "user"], condition=~Q(state="released"), name="one_redemption_per_reader"
            ),
            models.UniqueConstraint(fields=["order"], condition=~Q(state="released"), name="one_redemption_per_order"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon} by {self.user}"
