"""A year of trade with Stripe, which computes the tax: the books are kept from Stripe's own objects."""

from datetime import UTC, datetime, timedelta
from itertools import cycle

from django.utils import timezone

from subscriptions.models import Gift, Order, OrderLine, Subscription
from subscriptions.services import plan_change
from subscriptions.services.checkout import start_payment
from tests.budget import takes_longer
from tests.factories import make_order, make_price, make_user
from tests.fakestripe import FakeStripe, connected, poster
from tests.subscriptions.year.base import CURRENCIES, READERS, YearCase, YearReader
from tests.subscriptions.year.books import Buyer, Sale

COUNTRIES = ["DE", "AT", "FR", "NL", "US"]
# In per cent; elsewhere the publisher is not registered, and Stripe charges no tax.
TAX = {"DE": 7, "AT": 10, "FR": 5.5, "NL": 9}
DECK = [
    "refund_part",
    "refund_whole",
    "refund_and_keep",
    "refund_part_there",
    "refund_whole_there",
    "upgrade",
    "upgrade",
]
DECK += ["dispute", "dispute", "reissue", "reissue", "move"]
# Fewer events than the site asks for: each of them makes it fetch everything.
HEARD = r"invoice\.paid|charge\.refunded|charge\.dispute\.(created|closed)|checkout\.session\.completed"


class StripeReader(YearReader):
    """A reader who pays with Stripe. Where they live is what they entered there."""

    def move_to(self, buyer):
        self.buyer = buyer

    def choose_price(self):
        return self.rng.choice(self.case.prices[self.currency])

    def begin(self):
        with self.case.captureOnCommitCallbacks(execute=True):
            order = make_order(self.user, self.choose_price(), provider="stripe")
        self.case.fake.pay(order.checkout_ref, country=COUNTRIES[self.number % len(COUNTRIES)])
        session = self.case.fake.get(order.checkout_ref)
        self.contract, self.customer = session["subscription"], session["customer"]

    def sync(self):
        self.case.hear()

    @property
    def is_live(self):
        return self.case.fake.get(self.contract)["status"] in ("active", "trialing") and not self.dispute_state

    def paid_refs(self):
        charges = self.case.fake.all("charge", customer=self.customer, status="succeeded")
        return [charge["payment_intent"] for charge in charges]

    def begin_month(self):
        """The bank decides an open chargeback; otherwise the reader draws a card."""
        if self.dispute_state == "open":
            self.dispute_state = next(self.case.decisions)
            self.case.fake.close_dispute(self.disputed["id"], self.dispute_state)
            if self.dispute_state == "lost":
                self.case.lost[self.disputed["payment_intent"]] = timezone.now()
            self.case.done[f"dispute_{self.dispute_state}"] += 1
        elif self.is_live:
            self.act(self.case.draw())
        self.sync()

    def reissue(self):
        done = super().reissue()
        self.case.reissues |= self.reissues
        return done

    # What happens at Stripe

    def move(self):
        self.case.fake.get(self.customer)["address"] = {"country": self.rng.choice(COUNTRIES)}

    def upgrade(self):
        bought, dearest = Subscription.objects.get(provider_ref=self.contract), self.case.prices[self.currency][-1]
        if bought.price == dearest or bought.is_trial:
            return False
        token = plan_change.option(bought, dearest).token
        with self.case.captureOnCommitCallbacks(execute=True):
            plan_change.change(subscription=bought, price=dearest, at_renewal=False, token=token, now=timezone.now())

    def refund_part_there(self):
        return self.refund_there(self.rng.randint(1, 99))

    def refund_whole_there(self):
        return self.refund_there(None)

    def refund_there(self, amount):
        if (payment := self.a_payment()) is None or (amount and amount > payment.refundable.minor):
            return False
        self.case.fake.refund_in_dashboard(payment.provider_ref, amount)

    def dispute(self):
        if (payment := self.a_payment()) is None:
            return False
        self.dispute_state, self.disputed = "open", self.case.fake.dispute(payment.provider_ref)


class QuarterlyReader(StripeReader):
    """A reader who pays for three months at a time, and cancels in the second term."""

    def choose_price(self):
        plan = self.case.prices[self.currency][0].plan
        return make_price(plan, minor=2550, currency=self.currency, interval="month", count=3)

    def begin_month(self):
        if self.is_live:
            self.act("cancel_with_notice")
        self.sync()


class StripeYearTests(YearCase):
    seed, readers, deck = 3, max(READERS // 3, 4), DECK
    must = {"refund_part", "reissue", "upgrade", "dispute_lost", "cancel_with_notice"}

    @classmethod
    def settings_of_tax(cls):
        return {"immediate_start": "never"}

    def setUp(self):
        super().setUp()
        self.fake = FakeStripe(int(timezone.now().timestamp()), tax_percent=TAX)
        self.enterContext(connected(self.fake, STRIPE_AUTOMATIC_TAX=True))
        self.post, self.lost, self.reissues = poster(), {}, {}

    def hear(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.fake.deliver(self.post, only=HEARD)
        self.fake.lose()

    def move_to(self, at):
        self.fake.advance(to=int(at.timestamp()))
        self.clock.move_to(at)
        self.hear()

    def trade(self):
        self.decisions = cycle(["won", "lost"])
        for month in range(1, 13):
            self.move_to(datetime(2025, month, 4, 12, tzinfo=UTC))
            for reader in self.people:
                reader.begin_month()
            # When everyone renews.
            self.move_to(datetime(2025, month, 10, 12, tzinfo=UTC))
            self.people += [StripeReader(self, number) for number, at in self.joining.items() if at == month - 1]
            if month == 2:
                self.people.append(QuarterlyReader(self, 10_000))
            if month in (5, 9):
                self.give(month)

    def give(self, number):
        """Sell a gift, which Stripe taxes at its checkout."""
        currency, now = CURRENCIES[number % len(CURRENCIES)], timezone.now()
        price = self.prices[currency][0]
        order = Order.objects.create(
            user=make_user(email=f"giver{number}@example.org", password=None),
            kind=Order.Kind.GIFT,
            provider="stripe",
            placed_at=now,
            consented_at=now,
            currency=currency,
            subtotal_minor=price.minor,
            total_minor=price.minor,
        )
        OrderLine.objects.create(
            order=order, price=price, description="Plan", total_minor=price.minor, currency=currency
        )
        Gift.objects.create(order=order, price=price, deliver_at=now, redeem_by=now + timedelta(days=365))
        start_payment(order=order)
        self.fake.pay(order.checkout_ref, country=COUNTRIES[number % 3])
        self.hear()

    def sales(self):
        """Read all charges at Stripe, with the tax on their invoices and sessions."""
        taxed = {}
        for invoice in self.fake.all("invoice", status="paid"):
            for payment in invoice["payments"]["data"]:
                tax = sum(tax["amount"] for tax in invoice["total_taxes"])
                taxed[payment["payment"]["payment_intent"]] = tax, invoice["customer_address"]["country"]
        for session in self.fake.all("checkout.session", mode="payment"):
            country = session["customer_details"]["address"]["country"]
            taxed[session["payment_intent"]] = session["total_details"]["amount_tax"], country
        for charge in self.fake.all("charge", status="succeeded"):
            ref = charge["payment_intent"]
            tax, country = taxed[ref]
            refunded = [(when(made["created"]), made["amount"]) for made in reversed(charge["refunds"]["data"])]
            yield Sale(
                ref,
                "stripe",
                charge["currency"].upper(),
                charge["amount"],
                when(charge["created"]),
                Buyer(country),
                tax=tax,
                refunds=refunded,
                lost_at=self.lost.get(ref),
                reissues=self.reissues.get(ref, []),
            )

    @takes_longer("Months of trade pass.")
    def test_a_year_adds_up_to_the_cent(self):
        self.check_year()


def when(seconds):
    return datetime.fromtimestamp(seconds, UTC)
