"""A year of trade with tax computed here, with rates by country and as a small business, in three currencies."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from itertools import cycle

from django.test import override_settings
from django.utils import timezone

from subscriptions.models import Gift, Order, OrderLine, Payment
from subscriptions.providers import provider_named
from subscriptions.services import provider_requests, refunds, withdrawals
from subscriptions.services.sync import mark_paid, sync_subscription
from tests.budget import takes_longer
from tests.factories import make_coupon, make_user
from tests.subscriptions.contracts import Contracts
from tests.subscriptions.year.base import BUYERS, CURRENCIES, READERS, YearCase, YearReader, details, reissue
from tests.subscriptions.year.books import Sale
from truthlytics.web.analyze import refresh_statistics

# What readers do in a month; a third of them only renew.
DECK = ["refund_part", "refund_part", "refund_whole", "refund_and_keep", "refund_part_there", "refund_whole_there"]
DECK += ["upgrade", "upgrade", "dispute", "dispute", "refund_part_and_dispute", "reissue", "reissue", "move", "move"]
DECK += ["miss_a_payment"]
DECK += [""] * (len(DECK) // 2)
GIFT_DECK = ["refund", "reissue", ""]
DECISIONS = ["won", "lost"]
# The number of the reader who pays by the quarter: in euros, without trial or coupon.
QUARTERLY = 10_000


class ContractReader(YearReader):
    """A reader whose contract is kept in memory."""

    months = 1

    def begin(self):
        prices, now = self.case.prices[self.currency], timezone.now()
        price = self.rng.choice(prices)
        coupon = self.case.coupon if self.number % 3 == 1 else None
        first = price.minor * 3 // 4 if coupon else price.minor
        self.order = Order.objects.create(
            user=self.user, number=f"2025-{self.number:05d}", provider="contracts", placed_at=now, consented_at=now,
            start_agreed_at=now, currency=self.currency, renews=True, subtotal_minor=price.minor, coupon=coupon,
            discount_minor=price.minor - first, total_minor=first, trial_days=self.trial_days, **details(self.buyer),
        )  # fmt: skip
        OrderLine.objects.create(
            order=self.order, price=price, description="Plan", total_minor=price.minor, currency=self.currency
        )
        amounts = {known.pk: known.minor for known in prices}
        self.contract = Contracts.begin(
            self.order, amounts | {price.pk: first}, trial_days=self.trial_days, months=self.months
        )
        self.contract.prices = amounts

    @property
    def is_live(self):
        return self.contract.status in ("active", "trialing") and not self.dispute_state

    @property
    def paid(self):
        return [invoice.payment for invoice in self.contract.invoices if invoice.payment is not None]

    def paid_refs(self):
        return [payment.ref for payment in self.paid]

    def sync(self):
        with self.case.captureOnCommitCallbacks(execute=True):
            sync_subscription("contracts", self.contract.ref)
        self.note_buyers()

    def pass_month(self):
        card = self.case.draw() if self.is_live and self.paid else ""
        self.contract.card = card != "miss_a_payment"
        Contracts.renew(self.contract)
        self.sync()
        self.act(card)
        if card in THERE:
            self.sync()

    def begin_month(self):
        """The bank decides an open chargeback, and every fourth new reader withdraws from the contract."""
        if self.dispute_state == "open":
            self.decide()
        elif self.is_live and self.number % 4 == 2 and timezone.now() - self.order.placed_at < timedelta(days=14):
            self.act("withdraw")

    def decide(self):
        self.dispute_state = next(self.case.decisions)
        Contracts.change_last_payment(self.contract, dispute=self.dispute_state)
        if self.dispute_state == "lost":
            self.lost[self.paid[-1].ref] = timezone.now()
        self.case.done[f"dispute_{self.dispute_state}"] += 1
        self.sync()

    def withdraw(self):
        with self.case.captureOnCommitCallbacks(execute=True):
            made = withdrawals.withdraw(order=self.order, now=timezone.now())
            withdrawals.refund(declaration=made, by="Edith")
        self.sync()

    # What happens at the provider

    def upgrade(self):
        """The provider charges the difference for the rest of the period at once."""
        dearest = self.case.prices[self.currency][-1]
        if self.contract.price == dearest.pk or self.contract.period_end <= timezone.now():
            return False
        self.contract.price = dearest.pk
        Contracts.charge(self.contract, self.rng.randint(1, 600), timezone.now(), self.contract.period_end)

    def refund_part_there(self):
        return Contracts.change_last_payment(self.contract, refund=self.rng.randint(1, 99))

    def refund_whole_there(self):
        return Contracts.change_last_payment(self.contract, refund=10_000)

    def dispute(self):
        self.dispute_state = "open"
        return Contracts.change_last_payment(self.contract, dispute="open")

    def refund_part_and_dispute(self):
        self.refund_part_there()
        return self.dispute()

    def miss_a_payment(self):
        return bool(self.contract.failed)

    def sales(self):
        for payment in self.paid:
            yield Sale(
                payment.ref,
                "contracts",
                self.currency,
                payment.amount.minor,
                payment.paid_at,
                self.buyers[payment.ref],
                refunds=[(made.at, made.amount.minor) for made in payment.refunds],
                lost_at=self.lost.get(payment.ref),
                reissues=self.reissues.get(payment.ref, []),
            )


class QuarterlyReader(ContractReader):
    """A reader who pays for three months at a time, and cancels in the second term."""

    months = 3

    def begin_month(self):
        if self.contract.status == "active":
            self.act("cancel_with_notice")

    def pass_month(self):
        Contracts.renew(self.contract)
        self.sync()


THERE = {"upgrade", "refund_part_there", "refund_whole_there", "dispute", "refund_part_and_dispute"}


class GiftSale:
    """A gift that is sold by bank transfer. A refund is sent in the month after it was promised."""

    def __init__(self, case, number):
        self.case, self.reissues = case, {}
        self.currency, self.buyer = CURRENCIES[number % len(CURRENCIES)], BUYERS[number % len(BUYERS)]
        price, now = case.prices[self.currency][0], timezone.now()
        self.card = GIFT_DECK[number // case.gifts_every % len(GIFT_DECK)]
        order = Order.objects.create(
            kind=Order.Kind.GIFT,
            provider="manual",
            placed_at=now,
            consented_at=now,
            currency=self.currency,
            subtotal_minor=price.minor,
            total_minor=price.minor,
            user=case.giver,
            **details(self.buyer),
        )
        OrderLine.objects.create(
            order=order, price=price, description="Plan", total_minor=price.minor, currency=self.currency
        )
        Gift.objects.create(order=order, price=price, deliver_at=now, redeem_by=now + timedelta(days=365))
        self.provider = provider_named("manual")
        order.checkout_ref = self.provider.start_checkout(order, key=str(order.uuid)).ref
        order.save()
        with case.captureOnCommitCallbacks(execute=True):
            mark_paid(order=order, by="Edith")
        self.ref = order.checkout_ref

    def begin_month(self):
        """Send a refund that was promised a month ago, or promise it."""
        payment = Payment.objects.get(provider_ref=self.ref)
        if (promised := payment.refunds.first()) is not None:
            with self.case.captureOnCommitCallbacks(execute=True):
                self.case.done["refund_transferred"] += refunds.mark_transferred(refund=promised, by="Edith")
            self.card = ""
        elif self.card == "refund":
            refunds.refund(payment=payment, amount=payment.money, by="Edith")
        elif self.card == "reissue":
            reissue(self, payment, BUYERS[2])
            self.card = ""

    def pass_month(self):
        pass

    def sales(self):
        state = self.provider.checkout_state(self.ref).payments[-1]
        yield Sale(
            self.ref,
            "manual",
            self.currency,
            state.amount.minor,
            state.paid_at,
            self.buyer,
            refunds=[(made.at, made.amount.minor) for made in state.refunds],
            reissues=self.reissues.get(self.ref, []),
        )


@override_settings(
    PAYMENT_PROVIDERS=["tests.subscriptions.contracts.Contracts", "subscriptions.providers.manual.Manual"]
)
class YearTests(YearCase):
    deck = DECK
    must = {*DECK, "withdraw", "dispute_won", "dispute_lost", "refund_transferred", "cancel_with_notice"} - {""}
    gifts_every, closes = 3, True

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        if not cls.small_business:
            cls.set_rates()
        cls.coupon = make_coupon()
        cls.giver = make_user(email="giver@example.org", password=None)

    @classmethod
    def settings_of_tax(cls):
        return {"tax_rate": 7, "withdrawal_refund": "unused"}

    def trade(self):
        Contracts.by_ref.clear()
        self.decisions = cycle(DECISIONS)
        for month in range(1, 13):
            self.clock.move_to(datetime(2025, month, 4, 12, tzinfo=UTC))
            if len(self.people) > 100:  # without statistics, PostgreSQL reads whole tables of a long year
                refresh_statistics()
            for person in self.people:
                person.begin_month()
            # In summer, this is the first day of the next month in Berlin.
            self.clock.move_to(datetime(2025, month, monthrange(2025, month)[1], 22, 30, tzinfo=UTC))
            for person in self.people:
                person.pass_month()
            self.people += [ContractReader(self, number) for number, at in self.joining.items() if at == month - 1]
            if month == 2:
                self.people.append(QuarterlyReader(self, QUARTERLY))
            if month < 10 and month % self.gifts_every == 0:
                self.people.append(GiftSale(self, month))
            provider_requests.repeat(timezone.now())

    def sales(self):
        self.assertFalse(Payment.objects.filter(status="surplus").exists())
        return [sale for person in self.people for sale in person.sales()]

    @takes_longer("Months of trade pass.")
    def test_a_year_adds_up_to_the_cent(self):
        self.check_year()


class SmallBusinessYearTests(YearTests):
    seed, readers, small_business = 2, max(READERS // 4, 3), True
    must, closes = {"refund_transferred", "cancel_with_notice"}, False

    @classmethod
    def settings_of_tax(cls):
        return {"small_business": True, "small_business_note": "No VAT under § 19 UStG."}
