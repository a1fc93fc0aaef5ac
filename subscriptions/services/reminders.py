"""Reminders before a subscription ends, renews or is charged for the first time.

They concern the contract, so that readers can't turn them off.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import batched
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from subscriptions import states
from subscriptions.emails import contracts
from subscriptions.emails.once import key_of
from subscriptions.models import Payment, SentEmail, Subscription, User
from subscriptions.models.subscription import SubscriptionQuerySet
from truthlytics.publication.language import site_language

# In days before the end. The last of each that is due is sent, so that a missed week doesn't bring several at once.
ENDING = (0, 3, 14)
TRIAL_ENDING, RENEWAL, CARD = 3, 7, 14
# The renewals of longer periods are announced.
LONG_MONTHS = 6
BATCH = 500


class Reminder(NamedTuple):
    """`email` is the name of the function in `emails.contracts` that sends it with these details."""

    email: str
    subscription: Subscription
    details: tuple[object, ...]

    @property
    def key(self) -> str:
        return key_of(self.email, self.subscription, *self.details)


Finder = Callable[[SubscriptionQuerySet, datetime], Iterator[Reminder]]


@site_language()
def send_due(now: datetime, *, user: User | None = None) -> int:
    """Send all reminders that are due, or those of `user`. Returns the number sent.

    Safe to run twice, concurrently or late.
    """
    subscriptions = Subscription.objects.all() if user is None else Subscription.objects.filter(user=user)
    return sum(_send_all(find, subscriptions, now) for find in (ending, trials, renewals, cards))


def _send_all(find: Finder, subscriptions: SubscriptionQuerySet, now: datetime) -> int:
    sent = 0
    for batch in batched(find(subscriptions, now), BATCH):
        keys = {reminder.key for reminder in batch}
        known = set(SentEmail.objects.filter(kind=batch[0].email, key__in=keys).values_list("key", flat=True))
        sent += sum(_send(find, reminder, now) for reminder in batch if reminder.key not in known)
    return sent


@transaction.atomic
def _send(find: Finder, reminder: Reminder, now: datetime) -> bool:
    """Send a reminder if it is still due: the subscription may have been extended or cancelled meanwhile."""
    locked = Subscription.objects.select_for_update(of=("self",)).filter(pk=reminder.subscription.pk)
    return any(getattr(contracts, due.email)(due.subscription, *due.details) for due in find(locked, now))


def ending(subscriptions: SubscriptionQuerySet, now: datetime) -> Iterator[Reminder]:
    """Paid periods and gifts that end and don't renew. Not those that the reader has cancelled."""
    unrenewed = subscriptions.filter(status=states.ACTIVE, provider_ref="", cancel_at=None)
    for subscription in _ends_within(unrenewed, max(ENDING), now, ended=timedelta(days=1)):
        days = _days_left(subscription, now)
        yield Reminder("ending_soon", subscription, (min(stage for stage in ENDING if days <= stage),))


def trials(subscriptions: SubscriptionQuerySet, now: datetime) -> Iterator[Reminder]:
    """Free trials, unless they are so short that the email at their start is enough."""
    for subscription in _ends_within(subscriptions.filter(status=states.TRIALING, cancel_at=None), TRIAL_ENDING, now):
        if subscription.period_end - subscription.period_start > timedelta(days=TRIAL_ENDING + 1):
            yield Reminder("trial_ending", subscription, ())


def renewals(subscriptions: SubscriptionQuerySet, now: datetime) -> Iterator[Reminder]:
    """Renewals of long periods, and first charges, such as those after a period that was paid by transfer.

    Contracts from another system were charged there.
    """
    is_long = Q(price__interval="year") | Q(next_price__interval="year") | Q(price__count__gte=LONG_MONTHS)
    was_charged = Exists(Payment.objects.filter(subscription=OuterRef("pk"), status=Payment.Status.SUCCEEDED))
    is_first = ~was_charged & Q(books_since=None)
    renewed = subscriptions.filter(is_long | is_first, status=states.ACTIVE, cancel_at=None)
    for subscription in _ends_within(renewed.exclude(provider_ref=""), RENEWAL, now):
        yield Reminder("renewal_ahead", subscription, ())


def cards(subscriptions: SubscriptionQuerySet, now: datetime) -> Iterator[Reminder]:
    """Cards that expire before they are charged next."""
    charged = subscriptions.filter(status__in=(states.ACTIVE, states.TRIALING), cancel_at=None)
    charged = charged.exclude(provider_ref="").exclude(card_expires_on=None)
    for subscription in _ends_within(charged, CARD, now):
        expires = subscription.card_expires_on
        if expires is not None and expires < _last_day(subscription):
            yield Reminder("card_expiring", subscription, ())


def _ends_within(
    subscriptions: SubscriptionQuerySet, days: int, now: datetime, *, ended: timedelta = timedelta()
) -> Iterator[Subscription]:
    """Return the subscriptions with a period that ends in this many days or less, or today less than `ended` ago."""
    soon = subscriptions.filter(period_end__gt=now - ended, period_end__lt=now + timedelta(days=days + 1))
    for subscription in soon.order_by("period_end", "pk"):
        if 0 <= _days_left(subscription, now) <= days:
            yield subscription


def _last_day(subscription: Subscription) -> date:
    return timezone.localdate(subscription.period_end)


def _days_left(subscription: Subscription, now: datetime) -> int:
    return (_last_day(subscription) - timezone.localdate(now)).days
