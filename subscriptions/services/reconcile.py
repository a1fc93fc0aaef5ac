"""Compare orders, subscriptions and payments with their providers, find what differs, and fix what can be fixed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from subscriptions import states
from subscriptions.models import Grant, Order, Payment, Refund, Subscription
from subscriptions.money import Money
from subscriptions.providers import Provider, ProviderError, all_providers
from subscriptions.providers.base import InvoiceState, NotOurs, PaymentState, SubscriptionState
from subscriptions.services import provider_requests, refunds
from subscriptions.services.renewals import order_of
from subscriptions.services.sync import sync_order, sync_subscription

# A provider may call the wait for a postponed charge a trial.
PAID_FOR = {states.TRIALING, states.ACTIVE}


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between our records and a provider's. `fix` is None if a person has to decide."""

    where: str
    text: str
    fix: Callable[[], object] | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


def differences(*, since: datetime, now: datetime) -> Iterator[Difference]:
    """Compare with every provider that renews: all contracts by their ids, those changed since then in detail.

    Not atomic: providers are asked throughout. A provider that doesn't respond is a difference too.
    """
    for provider in all_providers():
        if provider.renews:
            try:
                yield from _compare(provider, since)
            except ProviderError as error:
                yield Difference(provider.code, f"It could not be asked: {error}")
    yield from _unconfirmed(now)


def fix(found: Iterable[Difference]) -> None:
    """Fix what can be fixed. Failures are left for the next comparison."""
    for difference in found:
        if difference.fix is not None:
            try:
                difference.fix()
            except ProviderError:
                continue


def _compare(provider: Provider, since: datetime) -> Iterator[Difference]:
    live_there = set(provider.live_subscriptions())
    known = Subscription.objects.filter(provider=provider.code).exclude(provider_ref="")
    live_here = set(known.live().values_list("provider_ref", flat=True))
    changed = {item.ref for item in provider.changed_since(since) if item.kind == "subscription"}
    unsynced = set(known.live().filter(synced_at__lt=since).values_list("provider_ref", flat=True))
    for ref in sorted((live_there ^ live_here) | changed | unsynced):
        yield from _compare_contract(provider, ref)
    not_withdrawn = known.filter(provider_ref__in=live_there).exclude(end_reason=Subscription.EndReason.WITHDRAWN)
    owners = not_withdrawn.values_list("user", "provider_ref")
    for user, count in Counter(user for user, _ref in owners).items():
        if count > 1:
            refs = ", ".join(sorted(ref for owner, ref in owners if owner == user))
            yield Difference(provider.code, f"User {user} has {count} live contracts: {refs}.")
    yield from _compare_orders(provider)


def _compare_contract(provider: Provider, ref: str) -> Iterator[Difference]:
    where = f"{provider.code} {ref}"
    fetch = partial(sync_subscription, provider.code, ref)
    ours = Subscription.objects.filter(provider=provider.code, provider_ref=ref).first()
    try:
        state = provider.subscription_state(ref)
    except NotOurs:
        if ours is not None:
            yield Difference(where, "It no longer names an order here, so that nothing is recorded of it.")
        return
    except ProviderError as error:
        yield Difference(where, f"It could not be fetched: {error}")
        return
    if ours is not None:
        state = state.in_our_books(ours.books_since)
        yield from (Difference(where, text, fetch) for text in _texts(ours, state))
        if ours.status == states.ENDED and state.status != states.ENDED and not _may_be_undone(ours, state):
            yield Difference(where, "It has ended here, but not there.", partial(_end_there, ours))
    elif not order_of(provider.code, state).exists():
        if state.status != states.ENDED:
            yield Difference(where, "None of our orders has started it, but it is live.")
    elif state.invoices:
        yield Difference(where, "It is not recorded here.", fetch)


def _may_be_undone(ours: Subscription, state: SubscriptionState) -> bool:
    """Whether it is only cancelled there because its reader has withdrawn: see `services.undoing`."""
    return ours.end_reason == Subscription.EndReason.WITHDRAWN and state.cancel_at is not None


def _texts(ours: Subscription, state: SubscriptionState) -> Iterator[str]:
    """Describe how a subscription differs from the state of its contract."""
    if ours.status != states.ENDED:
        if ours.status != state.status and not {ours.status, state.status} <= PAID_FOR:
            yield f"It is {ours.status} here and {state.status} there."
        if state.invoices and state.status != states.ENDED and ours.period_end != state.invoices[-1].period_end:
            yield f"Its period ends {ours.period_end:%Y-%m-%d} here, {state.invoices[-1].period_end:%Y-%m-%d} there."
        if state.status != states.ENDED and ours.cancel_at != state.cancel_at and not ours.provider_request:
            yield f"It is {_cancelled(ours.cancel_at)} here and {_cancelled(state.cancel_at)} there."
    granted = Grant.objects.filter(source=Grant.Source.INVOICE, source_key__in=[i.ref for i in state.invoices])
    with_access = set(granted.values_list("source_key", flat=True))
    for invoice in state.invoices:
        yield from _invoice_texts(ours, invoice, has_access=invoice.ref in with_access)


def _cancelled(at: datetime | None) -> str:
    return "not cancelled" if at is None else f"cancelled for {at:%Y-%m-%d}"


def _invoice_texts(ours: Subscription, invoice: InvoiceState, *, has_access: bool) -> Iterator[str]:
    paid = invoice.payment
    payments = Payment.objects.filter(provider=ours.provider)
    payment = None if paid is None else payments.filter(provider_ref=paid.ref).first()
    owed = payment is None or payment.status != Payment.Status.SURPLUS
    if owed and not has_access:
        yield f"Invoice {invoice.ref} gives no access."
    if paid is not None:
        yield from payment_differences(payment, paid)


def payment_differences(payment: Payment | None, paid: PaymentState) -> Iterator[str]:
    """Describe how our record of a payment, None if there is none, differs from the provider's."""
    if payment is None or payment.status not in (Payment.Status.SUCCEEDED, Payment.Status.SURPLUS):
        yield f"Payment {paid.ref} over {paid.amount} is not recorded."
        return
    if payment.money != paid.amount:
        yield f"Payment {paid.ref} is {payment.money} here and {paid.amount} there."
    if payment.dispute != paid.dispute:
        yield f"The chargeback of payment {paid.ref} is not recorded."
    done = [refund for refund in payment.refunds.all() if refund.status == Refund.Status.DONE]
    here = Money(sum(refund.minor for refund in done), payment.currency)
    there = Money(sum(refund.amount.minor for refund in paid.refunds), paid.amount.currency)
    if here != there:
        yield f"Of payment {paid.ref}, {here} is refunded here and {there} there."


def _end_there(ours: Subscription) -> None:
    Subscription.objects.filter(pk=ours.pk).update(provider_request=Subscription.Request.END)
    provider_requests.repeat(ours.ended_at or ours.period_end, user=ours.user)


def _compare_orders(provider: Provider) -> Iterator[Difference]:
    for order in Order.objects.filter(provider=provider.code, status=Order.Status.OPEN).exclude(checkout_ref=""):
        try:
            state = provider.checkout_state(order.checkout_ref)
        except ProviderError as error:
            yield Difference(f"{provider.code} {order}", f"It could not be fetched: {error}")
            continue
        if state.status == "complete":
            yield Difference(f"{provider.code} {order}", "It is paid there and open here.", partial(sync_order, order))


def _unconfirmed(now: datetime) -> Iterator[Difference]:
    for subscription in Subscription.objects.exclude(provider_request=""):
        text = f"The request to {subscription.provider_request} it is not confirmed."
        repeat = partial(provider_requests.repeat, now, user=subscription.user)
        yield Difference(f"{subscription.provider} {subscription.provider_ref}", text, repeat)
    waiting = Refund.objects.filter(status=Refund.Status.REQUESTED).select_related("payment")
    for refund in waiting:
        if not refund.awaits_transfer:
            text = f"A refund of {refund.money} is not confirmed."
            repeat_refunds = partial(refunds.repeat_requested, now)
            yield Difference(f"{refund.payment.provider} {refund.payment.provider_ref}", text, repeat_refunds)
