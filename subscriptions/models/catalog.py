"""The catalogue: a tier grants access, a plan sells a tier, a price is an amount for a period."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscriptions import periods
from subscriptions.money import CURRENCIES, Money
from truthlytics.publication import get_publication


class TierLevel(models.IntegerChoices):
    SUBSCRIBER = 10, _("Subscriber")
    SUPPORTER = 20, _("Supporter")


class Tier(models.Model):
    """An access level. Readers with a tier may read everything that requires its level or less."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    level = models.PositiveSmallIntegerField(choices=TierLevel, unique=True)
    may_comment = models.BooleanField(_("can comment"), default=True)
    benefits = models.TextField(blank=True, help_text=_("One benefit per line."))

    class Meta:
        ordering = ["level"]

    def __str__(self) -> str:
        return self.name


class Plan(models.Model):
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="plans")
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    summary = models.CharField(max_length=200, blank=True)
    benefits = models.TextField(
        blank=True, help_text=_("One benefit per line. Leave blank to use the tier’s benefits.")
    )
    trial_days = models.PositiveSmallIntegerField(
        _("free trial"),
        default=0,
        validators=[MaxValueValidator(90)],
        help_text=_("Number of free days, or 0 for none. Each reader gets one trial."),
    )
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True, help_text=_("Not sold after this time."))

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def gives(self) -> list[str]:
        return [line.strip() for line in (self.benefits or self.tier.benefits).splitlines() if line.strip()]


class PriceQuerySet(models.QuerySet["Price"]):
    def current(self) -> Self:
        """Prices on sale with their plan and tier, ordered by plan, shorter periods first.

        None before the publisher has begun to sell.
        """
        on_sale = self.none() if get_publication().selling_waits_since is not None else self
        on_sale = on_sale.filter(archived_at=None, plan__archived_at=None).select_related("plan__tier")
        return on_sale.order_by("plan__position", "plan_id", "interval", "count")

    def for_level(self, level: int) -> Self:
        """Prices with a tier that gives access to `level`."""
        return self.filter(plan__tier__level__gte=level)


class Price(models.Model):
    """`minor` units of `currency` for `count` intervals. Ordered prices never change: add a new row instead."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="prices")
    minor = models.BigIntegerField(_("amount"), help_text=_("Enter minor units: 900 means €9.00 or ¥900."))
    currency = models.CharField(max_length=3, choices=[(code, code) for code in CURRENCIES])
    interval = models.CharField(max_length=5, choices=[("month", _("month")), ("year", _("year"))])
    count = models.PositiveSmallIntegerField(_("interval count"), default=1)
    archived_at = models.DateTimeField(null=True, blank=True, help_text=_("Not sold after this time."))

    objects = PriceQuerySet.as_manager()

    MONEY_FIELDS = ("plan_id", "minor", "currency", "interval", "count")

    class Meta:
        ordering = ["plan", "currency", "interval", "count"]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gte=0), name="price_not_negative"),
            models.CheckConstraint(condition=Q(count__gte=1, count__lte=120), name="price_interval_count_in_range"),
            models.UniqueConstraint(
                fields=["plan", "currency", "interval", "count"],
                condition=Q(archived_at=None),
                name="one_current_price",
                violation_error_message=_(
                    "This plan already has a price for this period and currency. Archive it first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.description}, {self.money}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. Raises ValidationError if the amount of an ordered price would change."""
        self.clean()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.money_changed() and self.has_orders():
            raise ValidationError(_("This price has been ordered and can’t be changed. Archive it and add a new one."))

    def money_changed(self) -> bool:
        if self.pk is None:
            return False
        stored = Price.objects.filter(pk=self.pk).values_list(*self.MONEY_FIELDS).first()
        return stored is not None and stored != tuple(getattr(self, name) for name in self.MONEY_FIELDS)

    def has_orders(self) -> bool:
        return self.pk is not None and self.order_lines.exists()

    @property
    def money(self) -> Money:
        return Money(self.minor, self.currency)

    @property
    def per(self) -> str:
        return periods.per_interval(self.interval, self.count)

    @property
    def length(self) -> str:
        return periods.duration(self.interval, self.count)

    @property
    def per_month(self) -> Money | None:
        """The price per month, rounded up; None for a monthly price."""
        return Money(-(-self.minor // self.months), self.currency) if self.months > 1 else None

    @property
    def months(self) -> int:
        """The length of the period in months."""
        return self.count * (12 if self.interval == periods.Interval.YEAR else 1)

    @property
    def monthly_minor(self) -> int:
        """What the price adds to the monthly recurring revenue, in minor units, rounded half up."""
        return (2 * self.minor + self.months) // (2 * self.months)

    @property
    def description(self) -> str:
        """The text on an order line, such as "Reader, monthly"."""
        return f"{self.plan.name}, {periods.as_adjective(self.interval, self.count)}"

    @property
    def on_sale(self) -> bool:
        waits = get_publication().selling_waits_since is not None
        return not waits and self.archived_at is None and self.plan.archived_at is None

    def successor(self) -> "Price | None":
        """The current price for the same plan, currency and period, or None."""
        same = Price.objects.current().filter(plan=self.plan_id, currency=self.currency)
        return same.filter(interval=self.interval, count=self.count).first()
