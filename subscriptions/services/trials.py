"""Free trials, once for each person."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from subscriptions import emails
from subscriptions.models import Grant, Order, Plan, Subscription, TrialUse, User
from subscriptions.services import lifecycle
from truthlytics.web.known_devices import mailbox


def fingerprint(email: str) -> str:
    """Return a keyed hash of the mailbox, which is kept after an account's deletion.

    Not a secret of the reader: it only tells whether the same address comes again.
    """
    return salted_hmac("subscriptions.trials", mailbox(email), algorithm="sha256").hexdigest()


def may_have_one(user: User | None) -> bool:
    """Whether `user` can still get a free trial: not after a trial or a subscription.

    A visitor who is not logged in may, and is checked again after logging in.
    """
    if user is None:
        return True
    had_one = Subscription.objects.filter(user=user).exclude(end_reason=Subscription.EndReason.ABANDONED)
    return not (TrialUse.objects.filter(fingerprint=fingerprint(user.email)).exists() or had_one.exists())


def days_for(user: User | None, plan: Plan) -> int:
    """Return the days of the free trial that `user` gets with `plan`, 0 for none."""
    return plan.trial_days if plan.trial_days and may_have_one(user) else 0


def record(user: User, now: datetime) -> bool:
    """Record that the person has used their trial. Returns False if they had used it before."""
    return TrialUse.objects.get_or_create(fingerprint=fingerprint(user.email), defaults={"started_at": now})[1]


@transaction.atomic
def start(order: Order, now: datetime) -> Subscription | None:
    """Start the trial of an order by transfer, which stays open to be paid. Returns None if it was used before.

    Safe to call twice: the second call finds the trial used.
    """
    if not order.trial_days or not record(order.user, now):
        return None
    price = order.lines.select_related("price__plan__tier").get().price
    end = now + timedelta(days=order.trial_days)
    pending = Subscription.objects.create(
        user=order.user, price=price, provider=order.provider, anchor=now, period_start=now, period_end=end
    )
    subscription = lifecycle.apply_event(
        subscription=pending, event="trial_started", at=now, actor=order.provider, note=str(order)
    )
    Grant.objects.create(
        user=order.user,
        level=price.plan.tier.level,
        may_comment=price.plan.tier.may_comment,
        starts_at=now,
        ends_at=end,
        source=Grant.Source.TRIAL,
        source_key=str(subscription.uuid),
        subscription=subscription,
    )
    emails.trial_started(subscription)
    return subscription
