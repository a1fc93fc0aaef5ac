"""Generated exports of Substack: two tables, with the headings of its archives (`subscriber_emails`, `email_list`).

Its rows name no plan and no amount: the map says what they pay. `GENERATED_LISTS` names another number than 60.
"""

import random
import tempfile
from collections import Counter
from datetime import UTC, timedelta
from pathlib import Path

from django.test import SimpleTestCase

from subscriptions.models import Price
from tests.budget import takes_longer
from tests.contrib.importers.contracts.generated_lists import NO_DAYS, NOW, Row
from tests.contrib.importers.contracts.test_generated_lists import NUMBER, OURS, START, contract_of
from truthlytics.contrib.importers.contracts.entries import Action
from truthlytics.contrib.importers.contracts.plan import Known, make_plan
from truthlytics.contrib.importers.contracts.prices import PriceMap, Target
from truthlytics.contrib.importers.readers.lists import Lists

PAYING = ["email", "expiry", "email_disabled", "prefer_digests", "stripe_connected_customer_id", "type"]
ALL = ["email", "active_subscription", "expiry", "email_disabled", "prefer_digests", "created_at"]
TYPES = {
    "paid": ("paid", "PAID"), "app": ("ios_app", "iOS App", "android_app"), "comp": ("comp", "free_forever"),
    "gift": ("gift", "gift_subscription"), "free": ("free", "free_signup", "author"),
}  # fmt: skip
OTHER_TYPES = ["paused", "trial", "founding?", "abo", "bezahlt", "payé", "lapsed", "refunded", "group", "1", "true", ""]
OTHER_TYPES += ["-", "unknown", "paid (cancelled)"]
YES, NO, NEITHER = ("true", "TRUE"), ("false", "FALSE"), ("maybe", "actif?", "2", "paid")


class Export:
    """Rows with what they truly say: `types` and `active` by address, None if no one knows."""

    def __init__(self, rng):
        self.rng, self.rows, self.types, self.active, self.days = rng, [], {}, {}, {}
        self.paying, self.all = [PAYING], [ALL]
        strangeness = rng.choice((0, 0.2, 0.8))
        for number in range(rng.randint(4, 16)):
            self.add(f"r{number}@example.org", strangeness)

    def add(self, email, strangeness):
        rng, day = self.rng, NOW + timedelta(days=self.rng.randint(5, 300))
        is_day = rng.random() >= strangeness / 4
        expiry = f"{day:%Y-%m-%d}T16:20:44.000Z" if is_day else rng.choice(NO_DAYS)
        customer = f"cus_{email.partition('@')[0]}" if rng.random() < 0.7 else ""
        meaning = rng.choice(("paid", "paid", "paid", *TYPES))
        word = rng.choice(TYPES[meaning])
        if rng.random() < strangeness:
            meaning, word = None, rng.choice(OTHER_TYPES)
        if rng.random() < 0.85:
            self.types[email] = meaning
            self.paying.append([email, expiry, "false", "false", customer, word])
        meaning = rng.choice((True, True, False))
        word = rng.choice(YES if meaning else NO)
        if rng.random() < strangeness / 2:
            meaning, word = None, rng.choice(NEITHER)
        if email not in self.types or rng.random() < 0.5:
            self.active[email] = meaning
            self.all.append([email, word, expiry, "false", "false", "2020-01-01T00:00:00.000Z"])
        cells = {"email": email, "customer": customer or f"cus_x{email}"}
        self.rows.append(Row(cells, 500, day, is_day, at_stripe=rng.random() < 0.3))

    def write(self, folder):
        for name, lines in (("subscriber_emails.csv", self.paying), ("email_list.csv", self.all)):
            (folder / name).write_text("\n".join(map(",".join, lines)), encoding="utf-8")
        return [folder / "subscriber_emails.csv", folder / "email_list.csv"]

    def refusal(self, row, action):
        """Return why nothing of the kind may be done with a row, "" if it may."""
        email = row.cells["email"]
        kind, active = self.types.get(email, ""), self.active.get(email, "")
        if kind is None or active is None:
            return "a word that no one knows"
        if kind not in {"paid", "app"} and not (kind == "" and active is True):
            return f"{kind or 'not active'}"
        if action == Action.ADOPT:
            return ""
        if not row.is_day:
            return "no date"
        if action == Action.CREATE and (kind != "paid" or "x" in row.cells["customer"]):
            return f"no card of {kind}"
        return ""


@takes_longer("60 exports are written, read and planned.")
class GeneratedSubstackTests(SimpleTestCase):
    def test_nothing_is_done_that_the_export_does_not_say(self):
        done, refused, wrong = Counter(), 0, []
        price = Price(plan=OURS.plan, minor=500, currency="EUR", interval="month", count=1)
        prices = PriceMap({"price_1": OURS, "": Target(OURS.plan, price)})
        # In the last one, a row of the paying readers has an empty type, and nothing else.
        for seed in (*range(NUMBER), 1039):
            export = Export(random.Random(seed))
            with tempfile.TemporaryDirectory() as folder:
                lists = Lists(export.write(Path(folder)), "substack", zone=UTC)
                readers = list(lists.read(lambda problem: None))
            contracts = [contract_of(row, number) for number, row in enumerate(export.rows) if row.at_stripe]
            plan = make_plan(readers, contracts, prices, now=START, card_of=lambda customer: "pm_1", known=Known())
            rows = {row.cells["email"]: row for row in export.rows}
            for entry in plan.entries:
                row = rows[entry.email]
                refused += entry.action == Action.REFUSE
                if entry not in plan.to_apply:
                    continue
                done[str(entry.action)] += 1
                if reason := export.refusal(row, entry.action):
                    wrong.append((seed, entry.email, str(entry.action), reason))
                elif entry.action != Action.ADOPT and entry.paid_until.date() != row.day:
                    wrong.append((seed, entry.email, f"{entry.paid_until}, but {row.day}"))
        self.assertEqual(wrong[:20], [])
        for action in ("adopt", "create", "access"):
            self.assertGreater(done[action], NUMBER / 4, done)
        self.assertGreater(refused, NUMBER)
