"""Generated contracts are charged as the schedule says: at the fake of Stripe, day by day and cent by cent.

`CONTRACT_WORLDS=20 ./run test tests.contrib.importers.contracts.test_schedule` tries twenty times as many.
"""

import os
import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.test import SimpleTestCase

from subscriptions.money import Money
from subscriptions.providers.stripe import moving
from tests.budget import takes_longer
from tests.contrib.importers.contracts.base import OldSystem
from tests.contrib.importers.contracts.world import QuietStripe
from tests.fakestripe import connected
from tests.fakestripe.store import DAY, add_interval
from truthlytics.contrib.importers.contracts.prices import Terms
from truthlytics.contrib.importers.contracts.schedule import at_stripe, by_new_contract, by_terms

# The year after has a 29 February.
START = int(datetime(2027, 12, 1, 9, tzinfo=UTC).timestamp())
DAYS_BEFORE = 95
NOW = START + DAYS_BEFORE * DAY
UNTIL = add_interval(NOW, "year", 1)
CONTRACTS = 100
SEEDS = range(int(os.environ.get("CONTRACT_WORLDS", 1)))
# Amounts of which every percentage is whole, since it is not known how Stripe rounds.
MINORS, PERCENTS = (500, 1200, 5000), (10, 20, 50, 100)
INTERVALS = [("month", 1), ("month", 1), ("month", 3), ("month", 6), ("year", 1), ("year", 2), ("week", 1), ("day", 10)]


class Generated(OldSystem):
    """Contracts of every kind, with several peculiarities at once."""

    def __init__(self, fake, number, seed):
        super().__init__(fake)
        self.rng = random.Random(seed)
        for after in sorted(self.rng.randrange(DAYS_BEFORE * DAY) for _ in range(number)):
            fake.advance(START + after)
            self.join()
        fake.advance(NOW)

    def maybe(self, chance=0.25):
        return self.rng.random() < chance

    def coupon(self):
        kind = self.rng.choice(["once", "repeating", "repeating", "forever"])
        lasts = {"duration_in_months": self.rng.randrange(1, 14)} if kind == "repeating" else {}
        if self.maybe(0.6):
            return self.fake.create_coupon(percent_off=self.rng.choice(PERCENTS), duration=kind, **lasts)["id"]
        amount = self.rng.choice((100, 700, 9000))
        return self.fake.create_coupon(amount_off=amount, currency="eur", duration=kind, **lasts)["id"]

    def join(self):
        rng, now = self.rng, self.fake.now
        interval, count = rng.choice(INTERVALS)
        number = len(self.readers)
        discounts = [{"coupon": self.coupon()} for _ in range(rng.choice((0, 0, 0, 1, 1, 2)))]
        trial = {"trial_end": now + rng.randrange(3, 200) * DAY} if self.maybe() else {}
        price, quantity = self.price(rng.choice(MINORS), interval, count=count), rng.choice((1, 1, 1, 3))
        made = self.subscribe(f"r{number}@example.org", price, quantity=quantity, discounts=discounts, **trial)
        if self.maybe():
            resumes = rng.choice((None, NOW + rng.randrange(1, 300) * DAY))
            made["pause_collection"] = {"behavior": "void", "resumes_at": resumes}
        if self.maybe():
            self.fake.get(made["customer"])["balance"] = rng.choice((-5000, -700, -1, 300))
        if self.maybe(0.15):
            self.fake.cancel_in_dashboard(made["id"])
        elif self.maybe(0.15):
            later = {"cancel_at": NOW + rng.randrange(1, 400) * DAY + 7, "proration_behavior": "none"}
            self.fake.update_subscription(made["id"], **later)


class ScheduleTests(SimpleTestCase):
    @takes_longer("Fifteen months of many contracts pass.")
    def test_what_is_charged_is_what_was_foretold(self):
        for seed in SEEDS:
            fake = QuietStripe(START)
            with connected(fake):
                Generated(fake, CONTRACTS, seed)
                contracts = list(moving.contracts())
            until = datetime.fromtimestamp(UNTIL, UTC)
            foretold = {c.customer: [(x.at, x.amount) for x in at_stripe(c, until=until)] for c in contracts}
            fake.advance(UNTIL)
            happened = {customer: [] for customer in foretold}
            for charge in sorted(fake.all("charge", status="succeeded"), key=lambda one: one["created"]):
                if charge["created"] > NOW:
                    at = datetime.fromtimestamp(charge["created"], UTC)
                    happened[charge["customer"]].append((at, Money(charge["amount"], "EUR")))
            self.assertGreater(sum(map(len, happened.values())), CONTRACTS)
            different = [name for name in foretold if foretold[name] != happened[name]]
            self.assertEqual([(foretold[name], happened[name]) for name in different], [])

    def days(self, charges):
        return [f"{charge.at:%d.%m.}" for charge in charges]

    def test_a_new_contract_counts_in_UTC_and_a_shop_in_its_own_zone(self):
        berlin = ZoneInfo("Europe/Berlin")
        first, until = datetime(2027, 1, 31, 0, 30, tzinfo=berlin), datetime(2027, 5, 31, tzinfo=berlin)
        terms = Terms(Money(500, "EUR"), "month")
        shop = by_terms(terms, first, until=until)
        self.assertEqual(self.days(shop), ["31.01.", "28.02.", "31.03.", "30.04."])
        new = [charge.at.astimezone(berlin) for charge in by_new_contract(terms, first, until=until)]
        self.assertEqual([f"{at:%d.%m.}" for at in new], ["31.01.", "01.03.", "31.03.", "01.05.", "31.05."][: len(new)])

    def test_a_yearly_contract_of_a_leap_day(self):
        first, until = datetime(2028, 2, 29, tzinfo=UTC), datetime(2032, 3, 1, tzinfo=UTC)
        charges = by_terms(Terms(Money(500, "EUR"), "year"), first, until=until)
        self.assertEqual(self.days(charges), ["29.02.", "28.02.", "28.02.", "28.02.", "29.02."])
