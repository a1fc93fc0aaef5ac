"""Contracts that were moved in behave as those that were bought here, in the scenarios of the payment tests."""

from datetime import timedelta

from django.utils import timezone

from subscriptions.models import Subscription, notice
from subscriptions.periods import add_intervals
from subscriptions.providers.stripe import moving
from tests.budget import takes_longer
from tests.subscriptions.stripe import test_changing, test_ending, test_notice
from truthlytics.contrib.importers.contracts.applying import apply, begin
from truthlytics.contrib.importers.contracts.holding import held
from truthlytics.contrib.importers.contracts.pace import Pace
from truthlytics.contrib.importers.contracts.plan import Known, make_plan
from truthlytics.contrib.importers.contracts.prices import PriceMap, Target
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.readers.records import ListedContract, ListedReader

TOOK_LONGER = "A contract is made, moved and renewed first."


class MovedIn:
    """Instead of buying here, the reader has bought in another system, was moved, and has renewed here once."""

    renews_first = True

    def buy(self, price=None, user=None, card="pm_card_visa"):
        price, user = price or self.month, user or self.user
        customer = next((found["id"] for found in self.fake.all("customer")), None)
        customer = customer or self.fake.create_customer(email=user.email)["id"]
        self.fake.use_card(customer, card)
        listed = self.begin_elsewhere(customer, price)
        self.fake.lose()
        reader = ListedReader(row=1, email=user.email, contracts=(listed,))
        prices = PriceMap({"old": Target(price.plan, price), **self.old_prices()})
        known = Known()
        plan = make_plan(
            [reader], list(moving.contracts()), prices, now=timezone.now(), card_of=moving.saved_card, known=known
        )
        run = ImportRun(format="contracts", file="old.csv")
        with self.committing(), held(run, ImportRun.Status.IMPORTING, after=ImportRun.Status.DONE) as holder:
            moved = begin(plan, source="Old", shop_off_at=timezone.now(), now=timezone.now())
            apply(plan, moved, holder=holder, pace=Pace(0))
        if self.renews_first:
            self.pass_period()
        self.pass_time(days=2)  # access to the period before outlasts it by some hours
        return Subscription.objects.live().get(user=user)

    def old_prices(self):
        return {}

    def events(self):
        """Return what happened here, as if the first renewal had been the first payment."""
        first, *others = super().events()
        return ["first_paid", *others[1:]] if first == "moved" else [first, *others]


class Adopted(MovedIn):
    def begin_elsewhere(self, customer, price):
        product = self.fake.create_product(name="Old")["id"]
        recurring = {"interval": price.interval, "interval_count": price.count}
        self.old = self.fake.create_price(product=product, unit_amount=price.minor, currency="eur", recurring=recurring)
        contract = self.fake.create_subscription(customer, [{"price": self.old["id"]}])
        self.old_target = Target(price.plan, price)
        self.pass_time(days=5)
        return ListedContract(subscription_ref=contract["id"], customer_ref=customer)

    def old_prices(self):
        return {self.old["id"]: self.old_target}


class Created(MovedIn):
    def begin_elsewhere(self, customer, price):
        return ListedContract(
            plan="old",
            amount=price.minor,
            currency="EUR",
            interval=price.interval,
            payment="card",
            status="active",
            paid_through=timezone.now() + timedelta(days=20),
            customer_ref=customer,
            subscription_ref=f"woo-{self.fake.now}",
        )


@takes_longer(TOOK_LONGER)
class AdoptedChangeTests(Adopted, test_changing.ChangeTests):
    pass


@takes_longer(TOOK_LONGER)
class CreatedChangeTests(Created, test_changing.ChangeTests):
    pass


@takes_longer(TOOK_LONGER)
class AdoptedCancellationTests(Adopted, test_ending.CancellationTests):
    pass


@takes_longer(TOOK_LONGER)
class AdoptedRefundTests(Adopted, test_ending.RefundTests):
    pass


@takes_longer(TOOK_LONGER)
class AdoptedNoticeTests(Adopted, test_notice.NoticeCase):
    def test_a_contract_that_has_renewed_ends_a_month_after_its_cancellation(self):
        self.buy(self.year)
        self.pass_time(days=40)
        self.cancel()
        self.assertEqual(self.subscription.cancel_at, add_intervals(timezone.localtime(), "month", 1))
        [due] = notice.pays_back(self.subscription, self.subscription.cancel_at)
        self.assertGreater(due.amount.minor, 6500)

    def test_what_was_paid_before_it_moved_is_used_up(self):
        self.renews_first = False
        self.buy(self.year)
        self.cancel()
        self.assertEqual(self.subscription.cancel_at, self.subscription.period_end)
