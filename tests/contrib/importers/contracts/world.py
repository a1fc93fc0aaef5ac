"""A seeded old system with every kind of contract, and what it would have charged."""

import random
from datetime import UTC, datetime, timedelta

from tests.contrib.importers.contracts.base import DAY, OldSystem
from tests.fakestripe import FakeStripe
from tests.fakestripe.store import add_interval
from tests.subscriptions.stripe.base import BROKEN_CARD

START = int(datetime(2026, 1, 5, 9, tzinfo=UTC).timestamp())
DAYS_BEFORE = 40
MOVE = START + DAYS_BEFORE * DAY
HOUR = 3600
# After the start, 31 January, late in the evening.
LAST_OF_MONTH = 26 * DAY + 14 * HOUR
# The full hour after 48 hours.
SOONEST = (MOVE + 49 * HOUR) // HOUR * HOUR

# What becomes of each kind: attached, created, given access, or left alone.
ADOPTED = ["monthly", "yearly", "cancelled", "trial", "coupon", "coupon once", "balance", "failing", "fee", "twice"]
ADOPTED += ["quarterly", "last of month", "one invoice", "amount off", "paused", "paused until", "cancelled later"]
CREATED = ["shop monthly", "shop yearly", "shop soon"]
LISTED = ["transfer", "paypal", "elsewhere", "ended at Stripe"]
REFUSED = ["items", "quantity", "schedule", "by email", "currency"]
OTHERS = ["foreign", "free"]
KINDS = ["monthly", "yearly", "monthly", "shop monthly", *ADOPTED, *CREATED, *LISTED, *REFUSED, *OTHERS]


def kind_of(index):
    return KINDS[index % len(KINDS)]


class QuietStripe(FakeStripe):
    """Stripe as it would be without us. It sends no messages."""

    def emit(self, type, obj, previous=None):
        self.new_id("evt")  # so that everything gets the same id in both
        return {}


class World(OldSystem):
    """`readers` readers, who subscribe on different days. The same seed makes the same world."""

    def __init__(self, fake, number, seed=1):
        super().__init__(fake)
        rng = random.Random(seed)
        self.kinds, self.customers, self.refs = {}, {}, {}
        # What the shop would charge itself: customer, amount and time of each charge.
        self.shop = []
        # The customers that the shop would charge within 48 hours, which is too soon for us.
        self.soon = set()
        joining = sorted((rng.randrange(DAYS_BEFORE * DAY), rng.random(), index) for index in range(number))
        joining = sorted((LAST_OF_MONTH if kind_of(one[2]) == "last of month" else one[0], *one[1:]) for one in joining)
        for after, _tie, index in joining:
            fake.advance(START + after)
            kind = kind_of(index)
            email = f"reader{index}@example.org"
            self.kinds[email] = kind
            self.join(kind.replace(" ", "_").lower(), email, rng)
        fake.advance(MOVE)
        self.change_some()

    def join(self, kind, email, rng):
        if kind.startswith("shop_"):
            self.join_shop(kind, email, rng)
        elif (method := getattr(self, f"join_{kind}", None)) is not None:
            method(email)
        else:
            contract = self.subscribe_in_world(email, self.price(5000, "year") if kind == "yearly" else None)
            self.refs[email] = contract["id"]

    def subscribe_in_world(self, email, price=None, **options):
        contract = self.subscribe(email, price, **options)
        self.customers[email], self.refs[email] = contract["customer"], contract["id"]
        return contract

    def join_trial(self, email):
        self.subscribe_in_world(email, trial_end=self.fake.now + 50 * DAY)

    def join_coupon(self, email):
        self.discounted(email, percent_off=20, duration="forever")

    def join_coupon_once(self, email):
        self.discounted(email, percent_off=50, duration="repeating", duration_in_months=3)

    def join_one_invoice(self, email):
        self.discounted(email, percent_off=50, duration="once")
        self.add_coupon(email, percent_off=100, duration="once")

    def join_amount_off(self, email):
        self.discounted(email, amount_off=120, currency="eur", duration="repeating", duration_in_months=5)
        self.add_coupon(email, percent_off=10, duration="forever")

    def add_coupon(self, email, **terms):
        """Give another discount from now on."""
        contract = self.fake.get(self.refs[email])
        kept = contract["discounts"]
        self.fake.update_subscription(contract["id"], discounts=[{"coupon": self.fake.create_coupon(**terms)["id"]}])
        contract["discounts"] = kept + contract["discounts"]

    def join_quarterly(self, email):
        self.subscribe_in_world(email, self.price(1400, count=3))

    def join_last_of_month(self, email):
        self.subscribe_in_world(email)

    def join_paused(self, email):
        self.subscribe_in_world(email)["pause_collection"] = {"behavior": "void", "resumes_at": None}

    def join_paused_until(self, email):
        resumes = MOVE + 75 * DAY
        self.subscribe_in_world(email)["pause_collection"] = {"behavior": "void", "resumes_at": resumes}

    def discounted(self, email, **terms):
        coupon = self.fake.create_coupon(**terms)
        self.subscribe_in_world(email, discounts=[{"coupon": coupon["id"]}])

    def join_balance(self, email):
        contract = self.subscribe_in_world(email)
        self.fake.get(contract["customer"])["balance"] = -700

    def join_fee(self, email):
        contract = self.subscribe_in_world(email)
        contract["application_fee_percent"], contract["application"] = 10.0, "ca_old"

    def join_twice(self, email):
        contract = self.subscribe_in_world(email)
        self.subscribe(email, self.price(5000, "year"), customer=contract["customer"], listed=False)

    def join_items(self, email):
        contract = self.subscribe_in_world(email)
        other = self.fake._item(contract["id"], contract["items"]["data"][0], 0)
        contract["items"]["data"].append(contract["items"]["data"][0] | {"id": other["id"]})

    def join_quantity(self, email):
        self.subscribe_in_world(email, quantity=2)

    def join_schedule(self, email):
        self.subscribe_in_world(email)["schedule"] = "sub_sched_1"

    def join_by_email(self, email):
        self.subscribe_in_world(email)["collection_method"] = "send_invoice"

    def join_currency(self, email):
        self.subscribe_in_world(email, self.price(currency="xts"))

    def join_foreign(self, email):
        self.subscribe(email, self.price(3000, "month", count=2), listed=False)

    def join_free(self, email):
        self.list(email, status="expired", payment="")

    def join_transfer(self, email):
        self.on_list(email, 6000, "year", days=90, payment="transfer")

    def join_paypal(self, email):
        self.on_list(email, 6000, "year", days=120, payment="other")

    def join_elsewhere(self, email):
        self.on_list(email, 500, "month", days=60, customer_ref="cus_elsewhere", subscription_ref=f"sub_{email}")

    def join_ended_at_stripe(self, email):
        contract = self.subscribe_in_world(email, listed=False)
        self.fake.cancel_in_dashboard(contract["id"], at_period_end=False)
        self.on_list(email, 500, "month", days=60, subscription_ref=contract["id"], status="canceled")

    def join_shop(self, kind, email, rng):
        """The shop has charged the card for the first time now, and goes on by itself."""
        customer = self.customer(email)["id"]
        self.customers[email] = customer
        interval = "year" if kind == "shop_yearly" else "month"
        minor = 5000 if interval == "year" else 500
        due, count = self.fake.now, 0
        if kind == "shop_soon":
            due = MOVE + HOUR * rng.randrange(1, 47)
        while due <= MOVE:
            count += 1
            due = add_interval(self.fake.now, interval, count)
        if due < SOONEST:
            self.soon.add(customer)
        else:
            self.shop.append((customer, minor, interval, due))
        paid = datetime.fromtimestamp(due, UTC)
        terms = {"amount": minor, "currency": "EUR", "interval": interval, "paid_through": paid}
        self.list(email, customer_ref=customer, subscription_ref=f"woo-{email}", **terms)

    def on_list(self, email, minor, interval, *, days, **fields):
        until = datetime.fromtimestamp(self.fake.now, UTC) + timedelta(days=days)
        self.list(email, amount=minor, currency="EUR", interval=interval, paid_through=until, **fields)

    def change_some(self):
        """Let some readers cancel, and the cards of others be declined from now on."""
        for email in self.of(["cancelled"]):
            self.fake.cancel_in_dashboard(self.refs[email])
        for email in self.of(["cancelled later"]):
            later = {"cancel_at": MOVE + 100 * DAY, "proration_behavior": "none"}
            self.fake.update_subscription(self.refs[email], **later)
        for email in self.of(["failing"]):
            self.fake.use_card(self.customers[email], BROKEN_CARD)

    def of(self, kinds):
        return [email for email, kind in self.kinds.items() if kind in kinds]

    def shop_charges(self, until):
        """Return what the shop would have charged until then: customer, amount and time."""
        found = []
        for customer, minor, interval, due in self.shop:
            count, at = 0, due
            while at <= until:
                found.append((customer, minor, at))
                count += 1
                at = add_interval(due, interval, count)
        return found


def charges(fake, since, without=frozenset()):
    """Return the charges that succeeded after a time: customer, amount and time."""
    made = fake.all("charge", status="succeeded")
    return [
        (charge["customer"], charge["amount"], charge["created"])
        for charge in made
        if charge["created"] > since and charge["customer"] not in without
    ]
