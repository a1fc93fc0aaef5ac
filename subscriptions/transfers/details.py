"""What a reader needs to pay an order by bank transfer. The page, the email and the newsroom show the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise

from subscriptions.models import LedgerEntry, Order, Subscription
from subscriptions.models.by_hand import settled_by_hand
from subscriptions.transfers.payment_codes import PaymentCode, payload
from truthlytics.publication.effective_settings import BankAccount, bank_account

DAYS_TO_PAY = 14


@dataclass(frozen=True, slots=True)
class Transfer:
    """`begins_at` and `ends_at` are those of the period that is paid for, None if it begins when the money arrives.

    `instructions` tell how to pay, if not to the bank account.

    `follows` tells whether it continues a free trial ("trial"), a subscription ("subscription") or nothing ("").
    """

    order: Order
    account: BankAccount
    pay_by: datetime
    length: str
    follows: str = ""
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    instructions: str | Promise = ""

    @property
    def reference(self) -> str:
        """What the transfer has to name: digits in two groups, so that only digits occur."""
        return self.order.number or ""

    @property
    def code(self) -> PaymentCode | None:
        """The QR code, None if banking apps have none for this currency."""
        if self.instructions:
            return None
        holder, iban, bic = self.account
        text = payload(holder=holder, iban=iban, bic=bic, amount=self.order.total, reference=self.reference)
        return PaymentCode(text) if text else None


def pay_by(order: Order) -> datetime:
    """Return until when an order has to be paid: the end of its free trial, else two weeks after it was placed."""
    return order.placed_at + timedelta(days=order.trial_days or DAYS_TO_PAY)


def transfer_of(order: Order) -> Transfer | None:
    """Return how to pay an order; None if it awaits no transfer."""
    if not order.awaits_transfer:
        return None
    entry = LedgerEntry.objects.filter(provider=order.provider, ref=order.checkout_ref).first()
    price = order.lines.select_related("price__plan").get().price
    last_day, live = (entry and entry.due_at) or pay_by(order), _followed(order)
    instructions = settled_by_hand()[order.provider].instructions
    if live is None:
        return Transfer(order, bank_account(), last_day, price.length, instructions=instructions)
    return Transfer(
        order,
        bank_account(),
        # What is paid after the trial does not continue it.
        min(last_day, live.period_end) if live.is_trial else last_day,
        price.length,
        follows="trial" if live.is_trial else "subscription",
        begins_at=live.period_end,
        ends_at=live.end_of_extension(price, live.period_end),
        instructions=instructions,
    )


def _followed(order: Order) -> Subscription | None:
    """Return what the ordered period continues."""
    if order.kind != Order.Kind.EXTENSION and not order.trial_days:
        return None
    live = Subscription.objects.live().filter(user=order.user_id).first()
    return None if live is None or live.has_contract else live
