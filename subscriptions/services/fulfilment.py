"""Record payments and fulfil the orders they pay for."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions import emails, states
from subscriptions.models import Cart, Grant, Order, Payment, Price, Subscription
from subscriptions.periods import add_intervals
from subscriptions.providers import provider_named
from subscriptions.providers.base import InvoiceState, PaymentState
from subscriptions.services import coupons, gifts, lifecycle, receipts, refunds, trials
from subscriptions.services.taxation import tax_payment
from truthlytics.events.models import Kind
from truthlytics.events.services.adding import add_events, new_event

Status = Payment.Status
FINAL = {Status.SUCCEEDED, Status.SURPLUS}


@transaction.atomic
def record_payment(*, order: Order, state: PaymentState, now: datetime) -> Payment:
    """Record a single payment for `order` as reported by the provider and, if it succeeded, fulfil the order.

    Idempotent and safe to call concurrently: the row of an already recorded payment is returned, with refunds and
    chargebacks brought up to date. Money that was not owed (a second payment, a cancelled order, a different amount, a
    reader who already has another subscription) is recorded as `surplus`, to be refunded.
    """
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    payment = _payment_row(state, order.provider, now, user_id=order.user_id, order=order)
    if payment.status not in FINAL and state.status != "processing":
        payment.note = _surplus_reason(order, state, now) if state.status == "succeeded" else ""
        _set_status(payment, state, order, surplus=bool(payment.note))
        if payment.status == Status.SUCCEEDED:
            _fulfil(order, payment, now)
    _apply_later_changes(payment, state)
    return payment


def record_invoice_payment(
    subscription: Subscription, order: Order, invoice: InvoiceState, price: Price, now: datetime
) -> None:
    """Record the payment of a paid invoice, once. The first one also settles the order.

    Call it in the transaction that locks `order` and `subscription`.
    """
    state = invoice.payment
    if state is None:
        return
    payment = _payment_row(state, subscription.provider, now, user_id=subscription.user_id)
    if payment.status not in FINAL and state.status == "succeeded":
        # The first payment of a contract from another system was made there.
        is_first = order.kind != Order.Kind.MOVED
        is_first = is_first and not Payment.objects.filter(order=order, status=Status.SUCCEEDED).exists()
        payment.order = order if is_first else None
        _describe(payment, subscription, price, invoice.period_start, invoice.period_end)
        payment.invoice_ref, payment.invoice_url = invoice.ref, invoice.url
        _set_status(payment, state, order)
        receipts.issue(payment=payment)
        if not order.is_open:  # The welcome email for an order contains its receipt.
            emails.receipt(payment)
    _apply_later_changes(payment, state)


def record_failed_payment(subscription: Subscription, order: Order, state: PaymentState, now: datetime) -> None:
    """Record an attempt to charge that failed, once. It may still succeed."""
    payment = _payment_row(state, subscription.provider, now, user_id=subscription.user_id)
    if payment.status == Status.PROCESSING:
        payment.order = order if order.is_open else None
        payment.subscription = subscription
        payment.description = subscription.price.description
        _set_status(payment, state, order)


def record_surplus(subscription: Subscription, invoice: InvoiceState, now: datetime) -> None:
    """Record the payment of an invoice that was not owed, once. It gives no access."""
    state = invoice.payment
    if state is None or state.status != "succeeded":
        return
    payment = _payment_row(state, subscription.provider, now, user_id=subscription.user_id)
    if payment.status not in FINAL:
        payment.subscription, payment.description = subscription, subscription.price.description
        payment.invoice_ref, payment.invoice_url = invoice.ref, invoice.url
        payment.note = _("The order had been replaced, or the reader already had a subscription.")
        _set_status(payment, state, None, surplus=True)
    _apply_later_changes(payment, state)


def settle_order(order: Order, now: datetime) -> None:
    """Mark an open order as paid, close its cart and count its coupon and free trial as used."""
    order.status, order.paid_at = Order.Status.PAID, now
    order.save(update_fields=["status", "paid_at"])
    Cart.objects.filter(orders=order, status=Cart.Status.OPEN).update(status=Cart.Status.DONE)
    coupons.use(order)
    if order.trial_days:
        trials.record(order.user, now)


def _payment_row(
    state: PaymentState, provider: str, now: datetime, *, user_id: int, order: Order | None = None
) -> Payment:
    defaults = {
        "user_id": user_id,
        "order": order,
        "status": Status.PROCESSING,
        "minor": state.amount.minor,
        "currency": state.amount.currency,
        "recorded_at": now,
    }
    rows = Payment.objects.select_for_update(of=("self",))
    return rows.get_or_create(provider=provider, provider_ref=state.ref, defaults=defaults)[0]


def _set_status(payment: Payment, state: PaymentState, order: Order | None, *, surplus: bool = False) -> None:
    """Record the outcome of a payment, and of one that was owed, for `order` or a renewal of it, the tax."""
    payment.status = Status.FAILED
    if state.status == "succeeded":
        payment.status = Status.SURPLUS if surplus else Status.SUCCEEDED
    payment.paid_at, payment.method, payment.tax_minor = state.paid_at, state.method[:60], state.tax
    payment.minor, payment.currency = state.amount.minor, state.amount.currency
    if order is not None and payment.status == Status.SUCCEEDED:
        tax_payment(payment, order, reported=state.tax, country=state.country)
    payment.save()
    if state.status == "succeeded":
        amount, currency = payment.minor, payment.currency
        add_events(
            new_event(Kind.PAYMENT_RECEIVED, id=payment.pk, reader=payment.user_id, amount=amount, currency=currency)
        )


def _apply_later_changes(payment: Payment, state: PaymentState) -> None:
    """Record refunds and a chargeback that the provider reports for a payment."""
    if state.refunds:
        refunds.record(payment, state.refunds)
    if state.dispute != payment.dispute and payment.status in FINAL:
        _note_dispute(payment, state)
        if state.dispute in (Payment.Dispute.OPEN, Payment.Dispute.LOST):
            refunds.charged_back(payment)
        if state.dispute == "lost" and payment.status == Status.SUCCEEDED:
            receipts.issue_chargeback_note(payment=payment)


def _note_dispute(payment: Payment, state: PaymentState) -> None:
    now = timezone.now()
    payment.dispute = state.dispute
    payment.disputed_at = (state.disputed_at or payment.disputed_at or now) if state.dispute else None
    payment.dispute_decided_at = now if state.dispute in ("won", "lost") else None
    payment.save(update_fields=["dispute", "disputed_at", "dispute_decided_at"])


def _describe(payment: Payment, subscription: Subscription, price: Price, start: datetime, end: datetime) -> None:
    payment.subscription, payment.description = subscription, price.description
    payment.period_start, payment.period_end = start, end


def _surplus_reason(order: Order, state: PaymentState, now: datetime) -> str:
    if not order.is_open:
        return _("The order was already in the state “%(state)s”.") % {"state": order.get_status_display()}
    # A provider with its own checkout may add taxes or apply a code that the reader entered there.
    charged_as_ordered = state.amount == order.total or provider_named(order.provider).renews
    if not charged_as_ordered or state.amount.currency != order.currency:
        return _("The order’s total is %(amount)s.") % {"amount": order.total}
    if order.kind == Order.Kind.GIFT:
        return ""
    lifecycle.end_due(now, user=order.user)
    live = Subscription.objects.live().filter(user=order.user_id).first()
    if live is not None and not _extends(order, live):
        return _("The reader already has a subscription.")
    return ""


def _extends(order: Order, live: Subscription) -> bool:
    """Whether the order continues this subscription: an extension, or what follows a free trial by transfer."""
    follows = order.kind == Order.Kind.EXTENSION or order.trial_days > 0
    return follows and not live.has_contract


def _fulfil(order: Order, payment: Payment, now: datetime) -> None:
    settle_order(order, now)
    if order.kind == Order.Kind.GIFT:
        payment.description = receipts.item_of(payment)
        payment.save()
        receipts.issue(payment=payment)
        gifts.paid(order, now)
        return
    price = order.lines.select_related("price__plan__tier").get().price
    live = Subscription.objects.live().select_for_update().filter(user=order.user_id).first()
    was_active = live is not None and live.status == states.ACTIVE
    subscription, start, end = _extend(live, order, price, now) if live else _begin(order, price, now)
    _describe(payment, subscription, price, start, end)
    payment.save()
    Grant.objects.create(
        user=order.user,
        level=price.plan.tier.level,
        may_comment=price.plan.tier.may_comment,
        starts_at=start,
        ends_at=end + lifecycle.PROCESSING_TIME,
        source=Grant.Source.ORDER,
        source_key=str(order.uuid),
        subscription=subscription,
    )
    receipts.issue(payment=payment)
    if was_active:
        emails.receipt(payment)
    else:
        emails.welcome(order, subscription)


def _begin(order: Order, price: Price, now: datetime) -> tuple[Subscription, datetime, datetime]:
    """Create the subscription that `order` pays for, starting now."""
    end = add_intervals(now, price.interval, price.count)
    subscription = Subscription.objects.create(
        user=order.user, price=price, provider=order.provider, anchor=now, period_start=now, period_end=end
    )
    subscription = lifecycle.apply_event(
        subscription=subscription, event="first_paid", at=now, actor=order.provider, note=str(order)
    )
    return subscription, now, end


def _extend(live: Subscription, order: Order, price: Price, now: datetime) -> tuple[Subscription, datetime, datetime]:
    """Add the period that `order` pays for to the end of a subscription; another price begins with it."""
    start = max(live.period_end, now)
    end = live.end_of_extension(price, start)
    event = "first_paid" if live.is_trial else "renewed"
    live = lifecycle.apply_event(
        subscription=live, event=event, at=now, actor=order.provider, note=str(order), provider=order.provider
    )
    live.period_end, live.cancel_at = end, None
    if price.pk != live.price_id:
        live.next_price, live.next_price_at = price, start
    live.save(update_fields=["period_end", "cancel_at", "next_price", "next_price_at"])
    return live, start, end
