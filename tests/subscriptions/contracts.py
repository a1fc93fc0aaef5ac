"""A payment provider in memory, simple enough to be obviously right, against which generated lifetimes are checked."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

from subscriptions.money import Money
from subscriptions.periods import add_intervals
from subscriptions.providers.base import (
    ChangedObject,
    CheckoutState,
    InvoiceState,
    PaymentState,
    ProviderError,
    RefundState,
    SubscriptionState,
    Unavailable,
)

RETRIES = 3


@dataclass
class Contract:
    """A contract and what has happened to it. `card` tells whether its card can be charged."""

    ref: str
    order: str
    prices: dict[int, int]
    price: int
    anchor: datetime
    period_start: datetime
    period_end: datetime
    status: str = "active"
    card: bool = True
    periods: int = 1
    next_price: int | None = None
    cancel_at: datetime | None = None
    ended_at: datetime | None = None
    invoices: list[InvoiceState] = field(default_factory=list)
    failed: list[PaymentState] = field(default_factory=list)
    attempts: int = 0
    currency: str = "EUR"
    # The length of its periods.
    months: int = 1

    def state(self):
        return SubscriptionState(
            ref=self.ref,
            status=self.status,
            order=self.order,
            price_id=self.next_price or self.price,
            period_start=self.period_start,
            period_end=self.period_end,
            cancel_at=None if self.ended_at else self.cancel_at,
            ended_at=self.ended_at,
            invoices=tuple(self.invoices),
            failed_payments=tuple(self.failed),
        )


class Contracts:
    """The provider. `away` makes every request fail."""

    code, label, renews = "contracts", "Card", True
    by_ref: dict[str, Contract] = {}
    away = False
    numbers = count(1)

    # What happens at the provider

    @classmethod
    def begin(cls, order, prices, *, trial_days=0, months=1):
        now, price = timezone.now(), order.lines.get().price_id
        end = now + timedelta(days=trial_days) if trial_days else add_intervals(now, "month", months)
        contract = Contract(f"sub_{order.pk}", str(order.uuid), prices, price, now, now, end, currency=order.currency)
        contract.months = months
        if trial_days:
            contract.status, contract.anchor, contract.periods = "trialing", end, 0
            contract.invoices.append(InvoiceState(cls.new("in"), now, end, price, is_trial=True))
        else:
            cls.charge(contract, prices[price], now, end)
        cls.by_ref[contract.ref] = contract
        return contract

    @classmethod
    def new(cls, prefix):
        return f"{prefix}_{next(cls.numbers)}"

    @classmethod
    def charge(cls, contract, minor, start, end):
        paid = PaymentState(cls.new("pay"), "succeeded", Money(minor, contract.currency), timezone.now())
        contract.invoices.append(InvoiceState(cls.new("in"), start, end, contract.price, paid))

    @classmethod
    def renew(cls, contract):
        """Do what is due at the end of the period, or try a failed renewal again."""
        due = min(contract.cancel_at or contract.period_end, contract.period_end)
        if contract.status == "ended" or due > timezone.now():
            return
        if contract.cancel_at is not None:
            cls.end_now(contract, due)
        elif contract.card:
            contract.price, contract.next_price = contract.next_price or contract.price, None
            contract.periods += 1
            start = contract.period_end
            end = add_intervals(contract.anchor, "month", contract.months * contract.periods)
            contract.status, contract.attempts = "active", 0
            contract.period_start, contract.period_end = start, end
            cls.charge(contract, contract.prices[contract.price], start, end)
        else:
            contract.status, contract.attempts = "past_due", contract.attempts + 1
            amount = Money(contract.prices[contract.price], contract.currency)
            contract.failed.append(PaymentState(cls.new("pay"), "failed", amount))
            if contract.attempts > RETRIES:
                cls.end_now(contract, timezone.now())

    @classmethod
    def end_now(cls, contract, at):
        contract.status, contract.ended_at = "ended", contract.ended_at or at

    @classmethod
    def change_last_payment(cls, contract, *, refund=0, dispute=""):
        """Refund, or have the bank take back, the last payment. Returns whether there is one."""
        paid = [invoice for invoice in contract.invoices if invoice.payment is not None]
        if not paid:
            return False
        payment = paid[-1].payment
        left = payment.amount.minor - sum(made.amount.minor for made in payment.refunds)
        if refund and min(refund, left):
            made = RefundState(cls.new("re"), Money(min(refund, left), contract.currency), timezone.now())
            payment = replace(payment, refunds=(*payment.refunds, made))
        if dispute:
            payment = replace(payment, dispute=dispute)
        position = contract.invoices.index(paid[-1])
        contract.invoices[position] = replace(paid[-1], payment=payment)
        return True

    # The provider interface

    def contract(self, ref):
        if Contracts.away:
            raise Unavailable("no answer")
        return self.by_ref[ref]

    def subscription_state(self, ref):
        return self.contract(ref).state()

    def checkout_state(self, ref):
        return CheckoutState(ref, "complete", ref)

    def payment_owner(self, ref):
        owner = next(c for c in self.by_ref.values() if any(i.payment and i.payment.ref == ref for i in c.invoices))
        return ChangedObject("subscription", owner.ref)

    def payments_between(self, start, end):
        for contract in self.by_ref.values():
            for invoice in contract.invoices:
                if invoice.payment is not None and start <= invoice.payment.paid_at < end:
                    yield invoice.payment

    def cancel(self, subscription, *, key):
        contract = self.contract(subscription.provider_ref)
        contract.cancel_at = min(subscription.cancel_at or contract.period_end, contract.period_end)

    def undo_cancel(self, subscription, *, key):
        self.contract(subscription.provider_ref).cancel_at = None

    def end(self, subscription, *, key):
        self.end_now(self.contract(subscription.provider_ref), timezone.now())

    def refund(self, payment, amount, *, key):
        contract = self.contract(payment.subscription.provider_ref)
        for position, invoice in enumerate(contract.invoices):
            if invoice.payment is not None and invoice.payment.ref == payment.provider_ref:
                made = {refund.key: refund for refund in invoice.payment.refunds if refund.key}
                left = invoice.payment.amount.minor - sum(refund.amount.minor for refund in invoice.payment.refunds)
                if key not in made and amount.minor > left:
                    raise ProviderError("More than is left.")
                if key not in made:
                    made[key] = RefundState(self.new("re"), amount, timezone.now(), key)
                    refunds = (*invoice.payment.refunds, made[key])
                    contract.invoices[position] = replace(invoice, payment=replace(invoice.payment, refunds=refunds))
                return made[key]
        raise AssertionError(f"unknown payment {payment.provider_ref}")
