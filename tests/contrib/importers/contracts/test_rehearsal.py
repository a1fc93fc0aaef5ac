"""The plan says what is charged next, and a rehearsal what in a year; `verify` shows what differs from it."""

import csv
import re
from datetime import timedelta

from django.utils import timezone

from tests.contrib.importers.contracts.base import DAY, ContractsCase


class NextChargeTests(ContractsCase):
    def line_of(self, email, text):
        return next(line for line in text.splitlines() if line.strip().startswith(f"{email}: "))

    def test_who_has_cancelled_has_another_line(self):
        self.old.subscribe()
        self.fake.cancel_in_dashboard(self.old.subscribe("bea@example.org")["id"])
        text = self.plan_of()
        self.assertIn("next charge €5.00 on 2026-02-28", self.line_of("ada@example.org", text))
        self.assertIn("cancelled: ends then, not charged again", self.line_of("bea@example.org", text))

    def test_a_discount_a_pause_and_a_credit_are_counted_as_they_are_charged(self):
        coupon = self.fake.create_coupon(percent_off=20, duration="forever")["id"]
        self.old.subscribe(discounts=[{"coupon": coupon}])
        self.old.subscribe("bea@example.org")["pause_collection"] = {"behavior": "void", "resumes_at": None}
        resumes = self.fake.now + 40 * DAY
        self.old.subscribe("cid@example.org")["pause_collection"] = {"behavior": "void", "resumes_at": resumes}
        self.fake.get(self.old.subscribe("dot@example.org")["customer"])["balance"] = -700
        text = self.plan_of()
        self.assertIn("next charge €4.00 on 2026-02-28", self.line_of("ada@example.org", text))
        self.assertIn("not charged as it is", self.line_of("bea@example.org", text))
        self.assertIn("next charge €5.00 on 2026-03-31", self.line_of("cid@example.org", text))
        self.assertIn("next charge €3.00 on 2026-03-31", self.line_of("dot@example.org", text))
        self.assertIn("2026-02-28: 1, €4.00\n    2026-03-31: 2, €8.00\n", text)

    def test_the_sum_of_each_day_is_that_of_its_rows(self):
        rng_prices = [self.old.price(minor) for minor in (300, 500, 900)]
        for number in range(12):
            coupon = self.fake.create_coupon(percent_off=10 * (number % 3 + 1), duration="once")["id"]
            discounts = [{"coupon": coupon}] * (number % 2)
            made = self.old.subscribe(f"r{number}@example.org", rng_prices[number % 3], discounts=discounts)
            if number % 4 == 3:
                self.fake.cancel_in_dashboard(made["id"])
            self.fake.advance(days=1)
        text, days = self.plan_of(), {}
        for amount, day in re.findall(r"next charge €([\d.]+) on (\S+)", text):
            days.setdefault(day, []).append(round(100 * float(amount)))
        sums = re.findall(r"    (\S+): (\d+), €([\d.]+)\n", text)
        expected = [(day, str(len(found)), f"{sum(found) / 100:.2f}") for day, found in sorted(days.items())]
        self.assertEqual((sums, len(expected)), (expected, 9))

    def test_a_contract_that_is_not_ours_is_named(self):
        self.old.subscribe("jan@example.org", price := self.old.price(2500), listed=False)
        self.old.list("jan@example.org", status="", plan="", payment="")
        self.lines[price] = "not ours"
        self.assertIn("which is mapped as not ours", self.line_of("jan@example.org", self.plan_of()))


class RehearsalTests(ContractsCase):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "year.csv"
        self.contract = self.old.subscribe()
        self.pass_time(days=10)
        self.deliver()

    def rehearse(self):
        text = self.run_step("plan", "--year", str(self.path))
        with self.path.open(newline="") as file:
            return text, list(csv.DictReader(file))

    def move_and_wait(self, days):
        self.rehearse()
        self.apply("--shop-is-off")
        self.deliver()
        for _ in range(days):
            self.pass_time(days=1)
            self.deliver()

    def verify_year(self, **more):
        return self.verify("--year", str(self.path), **more)

    def test_both_sides_of_a_year(self):
        text, rows = self.rehearse()
        self.assertEqual(len(rows), 12)
        self.assertEqual(rows[1]["day before"], "2026-03-31")
        sides = {(row["amount before"], row["amount here"], row["difference"]) for row in rows}
        self.assertEqual(sides, {("5.00", "5.00", "")})
        self.assertIn("    2026-03: €5.00; €5.00\n", text)

    def test_what_differs_has_its_reason(self):
        due = timezone.now() + timedelta(hours=20)
        terms = {"amount": 500, "currency": "EUR", "interval": "month", "paid_through": due}
        self.old.list("cid@example.org", customer_ref=self.old.customer("cid@example.org")["id"], **terms)
        self.old.list("dot@example.org", **terms | {"payment": "transfer"})
        self.old.subscribe("eve@example.org", quantity=2)
        text, rows = self.rehearse()
        why = {row["reader"]: row["difference"] for row in rows}
        self.assertEqual(why["ada@example.org"], "")
        self.assertEqual(why["cid@example.org"], "later, because nothing is charged within 48 hours")
        self.assertIn("access until the paid date", why["dot@example.org"])
        self.assertIn("left alone, and goes on where it is: its quantity is 2", why["eve@example.org"])
        self.assertIn("eve@example.org: 2026-03-10 10.00 EUR; nothing (left alone", text)

    def test_who_is_charged_nowhere_has_a_line(self):
        self.fake.cancel_in_dashboard(self.contract["id"])
        _text, rows = self.rehearse()
        self.assertEqual([(row["reader"], row["day here"]) for row in rows], [("ada@example.org", "")])

    def test_nothing_differs_when_all_came_as_announced(self):
        self.move_and_wait(60)
        text = self.verify_year()
        self.assertIn("2 charges were announced until now, and 2 came as announced", text)

    def test_another_amount(self):
        self.move_and_wait(1)
        self.fake.get(self.contract["customer"])["balance"] = -200
        self.move_and_wait_more(30)
        text = self.verify_year(fails=True)
        self.assertIn("€5.00 was announced for 2026-02-28, but €3.00 was charged", text)

    def move_and_wait_more(self, days):
        self.pass_time(days=days)
        self.deliver()

    def test_a_charge_that_did_not_come(self):
        self.move_and_wait(1)
        self.contract["pause_collection"] = {"behavior": "void", "resumes_at": None}
        self.move_and_wait_more(40)
        self.assertIn("€5.00 was announced for 2026-02-28, but was not charged", self.verify_year(fails=True))

    def test_a_charge_that_nobody_announced(self):
        self.contract["pause_collection"] = {"behavior": "void", "resumes_at": None}
        self.move_and_wait(1)
        self.contract["pause_collection"] = None
        self.move_and_wait_more(40)
        self.assertIn("€5.00 was charged on 2026-02-28, but was not announced", self.verify_year(fails=True))

    def test_a_charge_because_a_reader_stays(self):
        self.fake.cancel_in_dashboard(self.contract["id"])
        self.move_and_wait(1)
        self.fake.update_subscription(self.contract["id"], cancel_at_period_end=False)
        self.deliver()
        self.move_and_wait_more(40)
        self.assertIn("1 difference (Cancel undone since then)", self.verify_year())

    def test_what_readers_do_is_counted_apart(self):
        self.move_and_wait(1)
        self.client.force_login(self.reader)
        with self.committing():
            self.client.post("/account/cancellation/")
        self.deliver()
        self.move_and_wait_more(70)
        self.assertIn("2 differences (Cancel", self.verify_year())

    def test_who_was_announced_and_is_not_here(self):
        self.rehearse()
        self.move_and_wait_more(40)
        self.assertIn(f"{self.contract['id']}: in the rehearsal, but not moved", self.verify_year(fails=True))

    def test_a_file_that_is_none_is_refused(self):
        for text in ("", "a,b\n1,2\n", "\x00"):
            self.path.write_text(text)
            with self.subTest(text=text):
                self.assertIn("rehearsal", self.verify_year(fails=True))
        self.rehearse()
        self.path.write_text(self.path.read_text().replace("5.00,2026", "5.00,28.2.2026"))
        self.assertIn("of the rehearsal was changed", self.verify_year(fails=True))

    def test_each_other_product_is_one_line(self):
        self.old.subscribe("ada@example.org", self.old.price(2500), customer=self.contract["customer"], listed=False)
        self.lines[self.old.price(2500)] = "not ours"
        self.move_and_wait(1)
        self.move_and_wait_more(100)
        self.assertIn(
            "3 charges were for something else than a moved contract: €75.00, of 1 customer", self.verify_year()
        )
