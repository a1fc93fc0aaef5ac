"""Gift subscriptions: paid, delivered by email, redeemed once, revoked when refunded."""

import logging
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions import emails
from subscriptions.models import Gift, Grant, Order, Subscription, User
from subscriptions.models.subscription import GIFT
from subscriptions.periods import add_intervals
from subscriptions.providers import ProviderError, provider_named
from subscriptions.services import lifecycle
from subscriptions.services.checkout_failures import note_refused_key
from truthlytics.events.models import Kind
from truthlytics.events.services.adding import add_events, new_event
from truthlytics.web.dates import local_date

logger = logging.getLogger(__name__)


class CannotRedeem(Exception):
    """The gift can't be redeemed; the text is for the reader."""


def paid(order: Order, now: datetime) -> None:
    """Confirm a paid gift to its giver, and send it to the recipient if it is due.

    Call it in the transaction that records the payment.
    """
    gift = Gift.objects.select_related("order__user", "price__plan").get(order=order)
    add_events(new_event(Kind.GIFT_BOUGHT, key=str(gift.pk), id=gift.pk, reader=gift.order.user_id))
    emails.gift_bought(gift)
    if gift.deliver_at <= now:
        deliver(gift, now)


def deliver(gift: Gift, now: datetime) -> bool:
    """Send the gift to its recipient, once. Returns whether this call did."""
    undelivered = Gift.objects.filter(pk=gift.pk, delivered_at=None).exclude(recipient_email="")
    if not undelivered.update(delivered_at=now):
        return False
    emails.gift_received(gift)
    return True


def deliver_due(now: datetime) -> int:
    """Send all gifts that are due. Returns the number sent."""
    return sum(_deliver(gift, now) for gift in Gift.objects.due(now).select_related("order__user", "price__plan"))


@transaction.atomic
def _deliver(gift: Gift, now: datetime) -> bool:
    return deliver(gift, now)


def redeem(*, code: str, user: User, now: datetime) -> Gift:
    """Give `user` the term of the gift, after any access they have paid for. Each gift is redeemed once.

    Not atomic: a provider that renews the reader's subscription is asked afterwards to charge later; `tick` repeats
    this until it has. Raises CannotRedeem.
    """
    lifecycle.end_due(now, user=user)
    try:
        gift = _redeem(code, user, now)
    except IntegrityError:  # The reader's subscription was created meanwhile.
        gift = _redeem(code, user, now)
    _postpone(gift)
    return gift


@transaction.atomic
def _redeem(code: str, user: User, now: datetime) -> Gift:
    gift = Gift.objects.paid().select_related("order__user", "price__plan__tier").filter(code=code).first()
    if gift is None or gift.refunded_at is not None:
        raise CannotRedeem(_("This gift doesn’t exist."))
    if gift.redeem_by <= now:
        raise CannotRedeem(
            _("This gift had to be redeemed by %(date)s.") % {"date": local_date(gift.redeem_by, "j M Y")}
        )
    free = Gift.objects.filter(pk=gift.pk, redeemed_at=None, refunded_at=None)
    if not free.update(redeemed_at=now, redeemed_by=user):
        raise CannotRedeem(_("This gift has already been redeemed."))
    price, tier = gift.price, gift.price.plan.tier
    live = Subscription.objects.live().select_for_update().filter(user=user).first()
    start = max(live.period_end, now) if live else now
    end = add_intervals(start, price.interval, price.count)
    if live is None:
        live = Subscription.objects.create(
            user=user, price=price, provider=GIFT, anchor=now, period_start=now, period_end=end
        )
        lifecycle.apply_event(subscription=live, event="first_paid", at=now, actor="reader", note=str(gift))
    elif not live.has_contract:
        _extend(live, gift, start, end)
    elif live.renews:
        Gift.objects.filter(pk=gift.pk).update(postpone_to=end)
    Grant.objects.create(
        user=user,
        level=tier.level,
        may_comment=tier.may_comment,
        starts_at=start,
        ends_at=end,
        source=Grant.Source.GIFT,
        source_key=str(gift.pk),
        # A cancelled contract ends before the gift begins.
        subscription=live if live.renews or not live.has_contract else None,
    )
    gift.refresh_from_db()
    add_events(new_event(Kind.GIFT_REDEEMED, key=str(gift.pk), id=gift.pk, reader=user.pk))
    emails.gift_redeemed(gift)
    return gift


def _extend(live: Subscription, gift: Gift, start: datetime, end: datetime) -> None:
    event = "first_paid" if live.is_trial else "renewed"
    # Until a free trial is paid for, the gift is all that the reader has.
    provider = GIFT if live.is_trial else ""
    live = lifecycle.apply_event(
        subscription=live, event=event, at=timezone.now(), actor="reader", note=str(gift), provider=provider
    )
    live.period_end, live.cancel_at = end, None
    if gift.price_id != live.price_id:
        live.next_price, live.next_price_at = gift.price, start
    live.save(update_fields=["period_end", "cancel_at", "next_price", "next_price_at"])


def repeat_postponements(now: datetime) -> int:
    """Repeat the requests to charge later that a provider has not confirmed. Returns the number confirmed."""
    return sum(_postpone(gift) for gift in Gift.objects.exclude(postpone_to=None).select_related("redeemed_by"))


def _postpone(gift: Gift) -> bool:
    """Have the provider charge after the gift instead of before it. Returns whether it has confirmed."""
    live = Subscription.objects.renewed_by_provider().filter(user=gift.redeemed_by).first()
    if gift.postpone_to is None:
        return False
    try:
        if live is not None and live.renews:
            provider_named(live.provider).postpone(live, gift.postpone_to, key=f"gift:{gift.pk}")
    except ProviderError as error:
        logger.exception("%s did not postpone the renewal of subscription %s", live and live.provider, live and live.pk)
        note_refused_key(live.provider if live else "", error)
        return False
    Gift.objects.filter(pk=gift.pk).update(postpone_to=None)
    return True


@transaction.atomic
def take_back(gift: Gift, now: datetime, *, by: str) -> None:
    """Make a gift that was refunded or charged back unusable, or end the access of the reader who redeemed it.

    Access for which the provider of the reader's own subscription was asked to charge later stays.
    """
    if Gift.objects.filter(pk=gift.pk, redeemed_at=None, refunded_at=None).update(refunded_at=now):
        return
    mine = Grant.objects.filter(source=Grant.Source.GIFT, source_key=str(gift.pk), ends_at__gt=now, revoked_at=None)
    grant = mine.select_related("subscription").first()
    if grant is None or (grant.subscription is not None and grant.subscription.has_contract):
        return
    lifecycle.revoke_access(mine, now=now, by=by)
    subscription = grant.subscription
    if subscription is None:
        return
    if not subscription.grants.filter(ends_at__gt=now, revoked_at=None).exists():
        lifecycle.end_with_refund(subscription=subscription, now=now, event="refunded", actor=by)
        return
    last = Subscription.objects.filter(pk=subscription.pk, period_end=grant.ends_at)
    last.update(period_end=grant.starts_at, next_price=None, next_price_at=None)
