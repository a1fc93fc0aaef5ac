"""Demo payment page that takes no money, for demo and development only. It renews subscriptions like a card would."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscriptions.models import LedgerContract, LedgerEntry, Order, Price, Subscription
from subscriptions.money import Money
from subscriptions.periods import add_intervals
from subscriptions.providers.base import (
    ChangedObject,
    ChangePreview,
    CheckoutStart,
    CheckoutState,
    Declined,
    InvoiceState,
    PaymentState,
    ProviderError,
    SubscriptionState,
)
from subscriptions.providers.ledger import LedgerProvider, Status

Contract = LedgerContract.Status
# When a declined renewal is charged, counted from the day on which it is due, and when the contract ends unpaid.
ATTEMPTS = (timedelta(), timedelta(days=3), timedelta(days=7))
GIVE_UP_AFTER = timedelta(days=14)
LIVE = (Contract.TRIALING, Contract.ACTIVE, Contract.PAST_DUE)


class Demo(LedgerProvider):
    code = "demo"
    label = _("Demo payment")
    page = "demo:payment"
    renews = True
    # The same in every language: the demo's payments are made before its language is changed.
    method = "Demo •••• 4242"

    def check(self) -> list[CheckMessage]:
        if self.offered():
            return []
        hint = "It gives access without payment. Remove TRUTHLYTICS_DEMO and DEBUG from the environment, and restart."
        return [
            Error(
                "The demo payment provider is enabled on a site that isn’t a demo.", hint=hint, id="subscriptions.E001"
            )
        ]

    def offered(self) -> bool:
        return bool(settings.DEMO or settings.DEBUG)

    def start_checkout(self, order: Order, *, key: str, starts_at: datetime | None = None) -> CheckoutStart:
        started = super().start_checkout(order, key=key, starts_at=starts_at)
        if order.renews:
            contract = self._contract_of(order, starts_at)
            LedgerEntry.objects.filter(provider=self.code, ref=started.ref, contract=None).update(contract=contract)
        return started

    def _contract_of(self, order: Order, starts_at: datetime | None) -> LedgerContract:
        price = order.lines.select_related("price").get().price
        coupon = order.coupon
        left = {None: 0, "once": 1, "forever": None}
        defaults = {
            "ref": f"demo-subscription:{order.uuid}",
            "price": price,
            "discount_minor": order.discount_minor,
            "discounts_left": left.get(coupon.duration if coupon else None, coupon.periods if coupon else 0),
            "trial_days": order.trial_days,
            "starts_at": starts_at,
        }
        return LedgerContract.objects.get_or_create(order_uuid=order.uuid, defaults=defaults)[0]

    # What the demo page does.

    @transaction.atomic
    def pay(self, ref: str) -> bool:
        """Pay the checkout, which starts its contract. Returns False if it was paid before."""
        paid = self.settle(ref, Status.PAID, by="demo page")
        entry = self.entry(ref)
        if paid and entry is not None and entry.contract is not None:
            self._start(entry.contract, entry, timezone.now())
        return paid

    def decline(self, ref: str) -> None:
        self._unpaid(ref).update(status=Status.DECLINED, declines=F("declines") + 1)

    def wait(self, ref: str) -> None:
        self._unpaid(ref).update(status=Status.WAITING)

    def _unpaid(self, ref: str) -> QuerySet[LedgerEntry]:
        entries = LedgerEntry.objects.filter(provider=self.code, ref=ref)
        return entries.exclude(status__in=[Status.PAID, Status.CLOSED])

    def contract(self, order: Order) -> LedgerContract | None:
        """Return the contract that `order` started, or None."""
        started = LedgerContract.objects.exclude(status=Contract.PENDING).select_related("price")
        return started.filter(order_uuid=order.uuid).first()

    def set_card(self, ref: str, *, declines: bool) -> None:
        """Use a card that is accepted, which pays an overdue renewal, or one that is declined."""
        LedgerContract.objects.filter(ref=ref).update(card_declines=declines)
        overdue = LedgerContract.objects.filter(ref=ref, status=Contract.PAST_DUE).first()
        if not declines:
            now = timezone.now()
            # Who has skipped ahead may be overdue before the day has come.
            self.advance(ref, now, until=max(now, overdue.period_end) if overdue and overdue.period_end else now)

    def next_date(self, contract: LedgerContract) -> datetime | None:
        """Return when something happens next: a charge, the end, or of an unpaid renewal the last of its attempts."""
        if contract.status == Contract.PAST_DUE and contract.past_due_at is not None:
            return contract.past_due_at + GIVE_UP_AFTER
        return contract.period_end if contract.status in LIVE else None

    def retries(self, contract: LedgerContract) -> list[datetime]:
        """Return when a declined renewal will be charged again."""
        if contract.status != Contract.PAST_DUE or contract.past_due_at is None:
            return []
        return [contract.past_due_at + delay for delay in ATTEMPTS[self._attempts(contract, contract.past_due_at) :]]

    def _attempts(self, contract: LedgerContract, due: datetime) -> int:
        """Return how often the renewal that is due then has been declined."""
        return LedgerEntry.objects.filter(contract=contract, status=Status.DECLINED, period_start=due).count()

    # The contract.

    def _start(self, contract: LedgerContract, entry: LedgerEntry, now: datetime) -> None:
        free_until = contract.starts_at or (now + timedelta(days=contract.trial_days) if contract.trial_days else None)
        contract.period_start = now
        if free_until is not None:
            contract.status, contract.period_end = Contract.TRIALING, free_until
            LedgerEntry.objects.filter(pk=entry.pk).update(
                price=contract.price, period_start=now, period_end=free_until, minor=0
            )
        else:
            contract.status = Contract.ACTIVE
            contract.period_end = add_intervals(now, contract.price.interval, contract.price.count)
            self._use_discount(contract)
            LedgerEntry.objects.filter(pk=entry.pk).update(
                price=contract.price, period_start=now, period_end=contract.period_end
            )
        contract.save()

    @transaction.atomic
    def advance(self, ref: str, now: datetime, *, until: datetime | None = None) -> LedgerContract:
        """Do what is due at `until`, by default now: charge the next period, end what was cancelled or never paid.

        What happens is dated `now`.
        """
        until = until or now
        contract = LedgerContract.objects.select_for_update().filter(ref=ref).first()
        if contract is None:
            raise ProviderError(f"No subscription {ref!r} in the ledger.")
        while contract.status in LIVE and contract.period_end is not None:
            if min(contract.cancel_at or contract.period_end, contract.period_end) > until:
                break
            if contract.cancel_at is not None:
                contract.status, contract.ended_at = Contract.ENDED, min(contract.cancel_at, contract.period_end, now)
            elif contract.card_declines:
                self._decline_renewal(contract, contract.period_end, until, now)
                break
            else:
                self._renew(contract, now)
        contract.save()
        return contract

    def _renew(self, contract: LedgerContract, now: datetime) -> None:
        start = contract.period_end or now
        contract.price = contract.next_price or contract.price
        contract.next_price = None
        end = add_intervals(start, contract.price.interval, contract.price.count)
        minor = contract.price.minor - self._use_discount(contract)
        self._invoice(contract, minor, start, end, now)
        contract.status, contract.past_due_at = Contract.ACTIVE, None
        contract.period_start, contract.period_end = start, end

    def _decline_renewal(self, contract: LedgerContract, due: datetime, until: datetime, now: datetime) -> None:
        contract.status, contract.past_due_at = Contract.PAST_DUE, contract.past_due_at or due
        price = contract.next_price or contract.price
        for delay in ATTEMPTS[self._attempts(contract, due) :]:
            if due + delay <= until:
                self._invoice(contract, price.minor, due, due, now, status=Status.DECLINED)
        if until >= contract.past_due_at + GIVE_UP_AFTER:
            contract.status, contract.ended_at = Contract.ENDED, now

    def _use_discount(self, contract: LedgerContract) -> int:
        """Return the discount on the next invoice, in minor units, and count it."""
        if contract.discounts_left == 0:
            return 0
        if contract.discounts_left is not None:
            contract.discounts_left -= 1
        return min(contract.discount_minor, contract.price.minor)

    def _invoice(
        self,
        contract: LedgerContract,
        minor: int,
        start: datetime,
        end: datetime,
        now: datetime,
        *,
        status: str = Status.PAID,
    ) -> None:
        number = LedgerEntry.objects.filter(contract=contract).count() + 1
        LedgerEntry.objects.create(
            provider=self.code,
            ref=f"{contract.ref}:{number}",
            order_uuid=contract.order_uuid,
            contract=contract,
            price=contract.price,
            period_start=start,
            period_end=end,
            minor=minor,
            currency=contract.price.currency,
            status=status,
            declines=int(status == Status.DECLINED),
            settled_at=now,
            settled_by="demo",
        )

    # The provider interface.

    def checkout_state(self, ref: str) -> CheckoutState:
        state = super().checkout_state(ref)
        entry = self.entry(ref)
        if entry is None or entry.contract is None:
            return state
        started = entry.contract.ref if entry.status == Status.PAID else ""
        tries = tuple(payment for payment in state.payments if payment.status != "succeeded")
        return CheckoutState(ref, state.status, started, tries)

    def subscription_state(self, ref: str) -> SubscriptionState:
        contract = self.advance(ref, timezone.now())
        entries = list(contract.entries.exclude(period_end=None).order_by("pk"))
        card = "" if contract.status == Contract.PENDING else str(self.method)
        return SubscriptionState(
            ref=ref,
            status=contract.status,  # type: ignore[arg-type]
            order=str(contract.order_uuid),
            price_id=contract.next_price_id or contract.price_id,
            period_start=contract.period_start or timezone.now(),
            period_end=contract.period_end or timezone.now(),
            cancel_at=contract.cancel_at,
            ended_at=contract.ended_at,
            is_unpaid=contract.status == Contract.ENDED and contract.past_due_at is not None,
            invoices=tuple(self._invoice_state(entry) for entry in entries if entry.status == Status.PAID),
            failed_payments=tuple(
                payment for entry in entries for payment in self.payments(entry) if payment.status == "failed"
            ),
            card=card,
        )

    def _invoice_state(self, entry: LedgerEntry) -> InvoiceState:
        start, end = entry.period_start or timezone.now(), entry.period_end or timezone.now()
        payment: PaymentState | None = self.payments(entry)[-1] if entry.minor else None
        is_trial = entry.minor == 0 and entry.price is not None and not self._is_free(entry)
        return InvoiceState(entry.ref, start, end, entry.price_id, payment, is_trial=is_trial)

    def _is_free(self, entry: LedgerEntry) -> bool:
        """Whether a discount of 100 % makes the invoice free, rather than a trial."""
        contract, price = entry.contract, entry.price
        return contract is not None and price is not None and contract.discount_minor >= price.minor

    def payment_owner(self, ref: str) -> ChangedObject:
        entry = self.entry(ref)
        if entry is not None and entry.contract is not None:
            return ChangedObject("subscription", entry.contract.ref)
        return ChangedObject("checkout", ref)

    def cancel(self, subscription: Subscription, *, key: str) -> None:
        contract = LedgerContract.objects.filter(ref=subscription.provider_ref).first()
        if contract is not None and contract.period_end is not None:
            contract.cancel_at = min(subscription.cancel_at or contract.period_end, contract.period_end)
            contract.next_price = None
            contract.save(update_fields=["cancel_at", "next_price"])

    def undo_cancel(self, subscription: Subscription, *, key: str) -> None:
        live = LedgerContract.objects.filter(ref=subscription.provider_ref, status__in=LIVE)
        if not live.update(cancel_at=None):
            raise ProviderError("The subscription has ended.")

    def end(self, subscription: Subscription, *, key: str) -> None:
        live = LedgerContract.objects.filter(ref=subscription.provider_ref, status__in=LIVE)
        live.update(status=Contract.ENDED, ended_at=timezone.now())

    def preview_change(self, subscription: Subscription, price: Price) -> ChangePreview:
        now = timezone.now()
        contract = self.advance(subscription.provider_ref, now)
        start, end = contract.period_start or now, contract.period_end or now
        total = (end - start).total_seconds()
        left = max((end - now).total_seconds(), 0) / total if total and contract.status == Contract.ACTIVE else 0
        unused = round(contract.price.minor * left)
        same_period = (price.interval, price.count) == (contract.price.interval, contract.price.count)
        due = round(price.minor * left) - unused if same_period else price.minor - unused
        next_at = end if same_period else add_intervals(now, price.interval, price.count)
        return ChangePreview(Money(max(due, 0), price.currency), price.money, next_at)

    def change_price(self, subscription: Subscription, price: Price, *, at_renewal: bool, key: str) -> None:
        if at_renewal:
            LedgerContract.objects.filter(ref=subscription.provider_ref).update(next_price=price)
            return
        preview = self.preview_change(subscription, price)
        with transaction.atomic():
            contract = LedgerContract.objects.select_for_update().get(ref=subscription.provider_ref)
            if contract.price_id == price.pk:
                return
            if contract.card_declines:
                raise Declined("The card was declined.")
            now = timezone.now()
            contract.price, contract.next_price = price, None
            contract.period_start, contract.period_end = now, preview.next_at
            self._invoice(contract, preview.due_now.minor, now, preview.next_at, now)
            contract.save()

    @transaction.atomic
    def postpone(self, subscription: Subscription, until: datetime, *, key: str) -> None:
        contract = LedgerContract.objects.select_for_update().get(ref=subscription.provider_ref)
        if contract.period_end is not None and contract.period_end < until:
            self._invoice(contract, 0, contract.period_end, until, timezone.now())
            contract.period_end = until
            contract.save(update_fields=["period_end"])

    def manage_url(self, subscription: Subscription, *, back: str) -> str:
        contract = LedgerContract.objects.filter(ref=subscription.provider_ref).first()
        return reverse("demo:subscription", args=[contract.order_uuid]) if contract else ""

    def live_subscriptions(self) -> Iterator[str]:
        return iter(LedgerContract.objects.filter(status__in=LIVE).values_list("ref", flat=True))
