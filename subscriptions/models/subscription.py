"""Subscriptions and their change log."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Min, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from subscriptions import states
from subscriptions.models.catalog import Price
from subscriptions.periods import add_intervals
from truthlytics.web.dates import local_date
from truthlytics.web.users import User

# The provider of subscriptions that were given.
GIFT = "gift"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def live(self) -> Self:
        return self.filter(status__in=states.LIVE)

    def live_of(self, user: User) -> "Subscription | None":
        """Return the live subscription of `user` with its prices, plans and tier."""
        return self.live().filter(user=user).select_related("price__plan__tier", "next_price__plan").first()

    def started_between(self, first: datetime, end: datetime) -> Self:
        """Subscriptions of any status that began in the interval [first, end)."""
        return self.filter(anchor__gte=first, anchor__lt=end).exclude(status=states.PENDING)

    def renewed_by_provider(self) -> Self:
        """Live subscriptions that their provider renews and ends."""
        return self.live().exclude(provider_ref="")

    def unconfirmed(self) -> Self:
        """Subscriptions with a cancellation or end that the provider has not confirmed."""
        return self.exclude(provider_request="")

    def with_first_subscribed(self) -> Self:
        """Annotate each with `first_subscribed_at`, without a query per row."""
        grants: Any = self.model._meta.get_field("grants").related_model
        counted = grants.objects.filter(user=OuterRef("user")).exclude(source__in=states.FREE).order_by("starts_at")
        return self.annotate(first_subscribed_at=Subquery(counted.values("starts_at")[:1]))

    def ended_or_overdue(self, now: datetime) -> Self:
        """Subscriptions that have ended, including those past their paid period that `tick` has not ended yet."""
        return self.filter(Q(status=states.ENDED) | Q(period_end__lte=now, provider_ref=""))


class Subscription(models.Model):
    """A reader's contract. Access is decided by `Grant`, never here. `period_end` ends the paid period."""

    class Status(models.TextChoices):
        PENDING = states.PENDING, _("Pending")
        TRIALING = states.TRIALING, _("Free trial")
        ACTIVE = states.ACTIVE, _("Active")
        PAST_DUE = states.PAST_DUE, _("Payment overdue")
        ENDED = states.ENDED, _("Ended")

    class EndReason(models.TextChoices):
        CANCELLED = "cancelled", pgettext_lazy("subscription", "Cancelled")
        TERM_OVER = "term_over", _("Paid period ended")
        ENDED_BY_EDITOR = "editor", _("Ended by an editor")
        ABANDONED = "abandoned", _("Abandoned")
        ACCOUNT_DELETED = "deleted", _("Account deleted")
        UNPAID = "unpaid", _("Renewal not paid")
        REFUNDED = "refunded", _("Refunded")
        WITHDRAWN = "withdrawn", _("Reader withdrew from the contract")
        CHARGED_BACK = "chargeback", _("Charged back")
        REPLACED = "replaced", _("Replaced by another subscription")

    class Request(models.TextChoices):
        CANCEL = "cancel", _("Cancel")
        END = "end", _("End")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="subscriptions")
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="subscriptions")
    provider = models.CharField(max_length=20)
    # The provider's subscription, for one that it renews. Blank if the reader pays for each period themselves.
    provider_ref = models.CharField(_("provider reference"), max_length=100, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    anchor = models.DateTimeField(_("billing anchor"))
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    cancel_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=10, choices=EndReason, blank=True)
    # The price of the next period, if it differs.
    next_price = models.ForeignKey(Price, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # When `next_price` begins, for a subscription that the provider does not renew.
    next_price_at = models.DateTimeField(null=True, blank=True)
    past_due_since = models.DateTimeField(null=True, blank=True)
    card = models.CharField(max_length=60, blank=True, help_text=_("Such as “Visa ending 4242”."))
    card_expires_on = models.DateField(null=True, blank=True)
    # A cancellation or end that the provider has not confirmed; `tick` repeats it.
    provider_request = models.CharField(max_length=6, choices=Request, blank=True)
    # Incremented by each update from the provider, so that an older answer never overwrites a newer one.
    version = models.PositiveIntegerField(default=0, editable=False)
    synced_at = models.DateTimeField(null=True, blank=True)
    # Of a contract from another system: invoices that were paid until then are in the books of that system.
    books_since = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-period_start", "-pk"]
        indexes = [models.Index(fields=["status", "period_end"], name="subscription_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status__in=states.LIVE),
                name="one_live_subscription_per_user",
                violation_error_message=_("You already have a subscription."),
            ),
            models.CheckConstraint(
                condition=Q(status="ended", ended_at__isnull=False) | (~Q(status="ended") & Q(ended_at=None)),
                name="ended_subscription_has_end_date",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_ref"],
                condition=~Q(provider_ref=""),
                name="one_subscription_per_provider_ref",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.price.description}"

    @cached_property
    def first_subscribed_at(self) -> datetime | None:
        """The start of the reader's first paid, given or complimentary access ever; None if there was none yet.

        Neither a change of plan or payment nor a gap starts it again. Free trials do not count.
        """
        counted = self.user.grants.exclude(source__in=states.FREE)
        first: datetime | None = counted.aggregate(first=Min("starts_at"))["first"]
        return first

    @property
    def is_live(self) -> bool:
        return self.status in states.LIVE

    @property
    def is_past_due(self) -> bool:
        return self.status == states.PAST_DUE

    @property
    def is_trial(self) -> bool:
        return self.status == states.TRIALING

    @property
    def is_gift(self) -> bool:
        """Whether someone else has paid for it. It ends on its own."""
        return self.provider == GIFT

    @property
    def has_contract(self) -> bool:
        """Whether the provider renews and ends it; its end is known only from the provider."""
        return bool(self.provider_ref)

    @property
    def renews(self) -> bool:
        """Whether the provider will charge again at the end of the period."""
        return self.has_contract and self.is_live and self.cancel_at is None

    def is_over(self, now: datetime) -> bool:
        """Whether its end has passed, although it has not been ended yet."""
        if self.cancel_at is not None:
            return self.cancel_at <= now
        return not self.has_contract and self.period_end <= now

    def end_of_extension(self, price: Price, start: datetime) -> datetime:
        """Return the end of a period of `price` that is added at `start`, the end of what is paid for.

        Counted from the day on which the subscription began, so that a short month doesn't shorten later ones.
        """
        months = (start.year - self.anchor.year) * 12 + start.month - self.anchor.month
        if add_intervals(self.anchor, "month", months) != start:
            return add_intervals(start, price.interval, price.count)
        return add_intervals(self.anchor, "month", months + price.months)

    @property
    def upcoming_price(self) -> Price:
        """The price of the next period."""
        return self.next_price or self.price


EVENTS = [
    ("abandoned", pgettext_lazy("event", "Abandoned")),
    ("account_deleted", pgettext_lazy("event", "Account deleted")),
    ("cancel_reached", pgettext_lazy("event", "Cancel reached")),
    ("cancel_requested", pgettext_lazy("event", "Cancel requested")),
    ("cancel_undone", pgettext_lazy("event", "Cancel undone")),
    ("charged_back", pgettext_lazy("event", "Charged back")),
    ("ended_by_editor", pgettext_lazy("event", "Ended by editor")),
    ("ended_by_provider", pgettext_lazy("event", "Ended by provider")),
    ("first_paid", pgettext_lazy("event", "First paid")),
    ("moved", pgettext_lazy("event", "Moved from another system")),
    ("payment_failed", pgettext_lazy("event", "Payment failed")),
    ("plan_changed", pgettext_lazy("event", "Plan changed")),
    ("refunded", pgettext_lazy("event", "Refunded")),
    ("renewed", pgettext_lazy("event", "Renewed")),
    ("replaced", pgettext_lazy("event", "Replaced")),
    ("term_over", pgettext_lazy("event", "Term over")),
    ("trial_resumed", pgettext_lazy("event", "Trial resumed")),
    ("trial_started", pgettext_lazy("event", "Trial started")),
    ("unpaid", pgettext_lazy("event", "Unpaid")),
    ("withdrawal_undone", pgettext_lazy("event", "Withdrawal undone")),
    ("withdrawn", pgettext_lazy("event", "Withdrawn")),
]


class SubscriptionChange(models.Model):
    """An append-only log entry: what happened to a subscription, when and by whom."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField(_("date"))
    event = models.CharField(max_length=20, choices=EVENTS)
    was = models.CharField(_("from"), max_length=8)
    became = models.CharField(_("to"), max_length=8)
    # How the monthly recurring revenue changed, and the first day of the month in the publication's time zone.
    mrr_minor = models.BigIntegerField(_("change of monthly revenue"), default=0)
    currency = models.CharField(max_length=3, blank=True)
    month = models.DateField(editable=False)
    actor = models.CharField(max_length=60, help_text=_("“reader”, “clock”, a provider, or an editor’s name."))
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["currency", "month", "event", "mrr_minor"], name="change_by_month")]

    def __str__(self) -> str:
        return f"{self.get_event_display()}, {local_date(self.at, 'j M Y')}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.month = timezone.localdate(self.at).replace(day=1)
        super().save(*args, **kwargs)
