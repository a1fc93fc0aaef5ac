"""Lists in words that the site does not know: nothing is charged, attached or given before somebody explains them."""

import json
from datetime import timedelta
from unittest import mock

from django.test import SimpleTestCase
from django.utils import timezone

from subscriptions.models import Grant, Subscription
from tests.contrib.importers.contracts.base import ContractsCase
from tests.test_docs import DOCS
from truthlytics.contrib.importers.management.commands import import_contracts
from truthlytics.contrib.importers.readers.columns import ALIASES
from truthlytics.contrib.importers.readers.lists import Lists
from truthlytics.contrib.importers.readers.vocabulary import MEANINGS

HEADING = "E-Mail,Tarif,Betrag,Währung,Intervall,Status,Zahlungsart,Stripe-Kunde,Nächste Zahlung"
# States that mean “does not pay”, or may do so.
STATES = [
    "paused", "inactive", "suspended", "refunded", "chargeback", "dispute", "deleted", "blocked", "non-renewing",
    "will not renew", "storniert", "pausiert", "ruhend", "Kündigung vorgemerkt", "Gekündigt zum 20.12.2026",
    "läuft aus", "résilié", "suspendu", "cancelado", "opgezegd", "disdetto", "actve", "aktiv (gekündigt)", "?", "",
]  # fmt: skip

NOTHING_FREE = "0 create with the saved card, 0 access until the paid date, 0 free"


class ListCase(ContractsCase):
    """Ada has a saved card, which the shop charges next in 20 days."""

    def setUp(self):
        super().setUp()
        self.lists = self.enterContext(self.reading())
        self.customer = self.old.customer("ada@example.org")["id"]
        self.due = timezone.now() + timedelta(days=20)

    def reading(self):
        """Let the command read the real file."""
        path = self.folder / "list.csv"
        return mock.patch.object(import_contracts, "Lists", lambda paths, kind, **said: Lists([path], kind, **said))

    VALUES = ("email", "plan", "amount", "currency", "interval", "status", "payment", "customer", "next")

    def row(self, **fields):
        values = {
            "email": "ada@example.org", "plan": "Old plan", "amount": "5.00", "currency": "EUR", "interval": "month",
            "status": "active", "payment": "card", "customer": self.customer, "next": f"{self.due:%Y-%m-%d}",
        }  # fmt: skip
        return ",".join((values | fields).values())

    def write(self, *rows, heading=HEADING):
        (self.folder / "list.csv").write_text("\n".join([heading, *rows]), encoding="utf-8")

    def mapping(self, **said):
        path = self.folder / "mapping.json"
        path.write_text(json.dumps(said), encoding="utf-8")
        return "--mapping", str(path)

    def planned(self, *rows, heading=HEADING, said=None, **more):
        self.write(*rows, heading=heading)
        return self.plan_of(*(self.mapping(**said) if said else ()), kind="csv", **more)


class StateTests(ListCase):
    def test_no_state_is_active_that_is_not_known(self):
        rows = [self.row(status=state, email=f"r{number}@example.org") for number, state in enumerate(STATES)]
        text = self.planned(*rows)
        self.assertIn(f"0 attach, {NOTHING_FREE}, {len(STATES)} refuse", text)
        self.assertIn("“pausiert”: 1, not known, and refused until it is mapped (r11@example.org)", text)
        self.assertIn("empty: 1, not known", text)
        self.apply("--shop-is-off", kind="csv")
        self.pass_time(days=60)
        self.tick()
        self.assertEqual((self.fake.all("charge"), Subscription.objects.count(), Grant.objects.count()), ([], 0, 0))

    def test_a_contract_at_Stripe_is_not_attached_either(self):
        contract = self.old.subscribe("bea@example.org", listed=False)
        text = self.planned(self.row(email="bea@example.org", customer=contract["customer"], status="pausiert"))
        self.assertIn("“pausiert” is not known under “State of the subscription”: say what it means", text)
        self.assertIn("0 attach", text)

    def test_a_contract_that_has_ended_on_the_list_and_goes_on_at_Stripe(self):
        contract = self.old.subscribe("bea@example.org", listed=False)
        text = self.planned(self.row(email="bea@example.org", customer=contract["customer"], status="beendet"))
        self.assertIn("but Stripe goes on charging it", text)

    def test_an_explained_state_is_followed(self):
        rows = [self.row(status="läuft"), self.row(status="pausiert", email="bea@example.org")]
        said = {"words": {"status": {"Läuft": "active", "pausiert": "over"}}}
        text = self.planned(*rows, said=said)
        self.assertIn("1 create with the saved card, 0 access until the paid date, 1 free", text)

    def test_an_active_contract_that_was_cancelled_is_not_charged(self):
        for cell, expected in [
            ("2026-01-15", "1 access"), ("15.1.2026", "1 access"), ("1/2/2026", "1 access"), ("true", "1 access"),
            ("", "1 create"), ("no", "1 create"), ("bald", "1 refuse"),
        ]:  # fmt: skip
            for heading in ("Gekündigt am", "cancel_at_period_end", "Cancel date"):
                with self.subTest(heading, cell=cell):
                    self.assertIn(expected, self.planned(f"{self.row()},{cell}", heading=f"{HEADING},{heading}"))

    def test_what_is_said_of_empty_cells_is_followed(self):
        for name, meaning, expected in [
            ("interval", "year", "€5.00 a year"), ("currency", "USD", "$5.00 a month"), ("amount", "7.50", "€7.50"),
            ("payment", "transfer", "1 access"), ("status", "cancelled", "1 access"),
        ]:  # fmt: skip
            with self.subTest(name):
                said = {"words": {name: {"": meaning}}}
                self.assertIn(expected, self.planned(self.row(**{name: ""}), said=said))
                headings, cells = HEADING.split(","), self.row().split(",")
                place = list(self.VALUES).index(name)
                del headings[place], cells[place]
                self.assertIn(expected, self.planned(",".join(cells), heading=",".join(headings), said=said))
        for said, expected in [("no", "1 free"), ("yes", "1 create")]:
            text = self.planned(f"{self.row()},", heading=f"{HEADING},Zahlt", said={"words": {"paid": {"": said}}})
            self.assertIn(expected, text)

    def test_a_list_without_a_column_of_states_asks_once(self):
        heading, row = HEADING.replace("Status,", ""), self.row().replace("active,", "")
        self.assertIn("the list has no column of “State of the subscription”", self.planned(row, heading=heading))
        text = self.planned(row, heading=heading, said={"words": {"status": {"": "active"}}})
        self.assertIn("1 create with the saved card", text)

    def test_a_later_list_with_an_unknown_state_changes_nothing_here(self):
        self.write(self.row())
        self.apply("--shop-is-off", kind="csv")
        self.write(self.row(status="pausiert", next=f"{self.due + timedelta(days=30):%Y-%m-%d}"))
        self.apply(kind="csv")
        self.assertEqual(f"{self.subscription.period_end:%Y-%m-%d}", f"{self.due:%Y-%m-%d}")


class OtherWordsTests(ListCase):
    def test_no_other_word_of_money_is_guessed(self):
        for fields, reason in [
            ({"interval": "halbmonatlich"}, "“halbmonatlich” is not known under “Billing interval”"),
            ({"interval": "monthly for 3 months"}, "is not known under “Billing interval”"),
            ({"interval": ""}, "“Billing interval” is empty"),
            ({"payment": "SEPA"}, "“SEPA” is not known under “Payment method”"),
            ({"payment": "stripe (failed)"}, "is not known under “Payment method”"),
            ({"payment": ""}, "“Payment method” is empty"),
            ({"currency": "USDT"}, "“USDT” is not known under “Currency”"),
            ({"currency": "$"}, "“$” is not known under “Currency”"),
            ({"currency": ""}, "“Currency” is empty"),
            ({"amount": "1.250"}, "the amount “1.250” can’t be read with certainty"),
            ({"amount": "5.00 (-20%)"}, "the amount “5.00 (-20%)” can’t be read with certainty"),
            ({"amount": "$5.00"}, "the amount “$5.00” can’t be read with certainty"),
            ({"amount": "-5.00"}, "the amount “-5.00” can’t be read with certainty"),
            ({"amount": ""}, "“Amount” is empty"),
            ({"next": "Ende März"}, "“Ende März” is not a date"),
            ({"email": "müller@x.org"}, "its owner could not log in"),
            ({"email": "1@deletion-request.substack.com"}, "the reader has asked to be deleted"),
        ]:
            with self.subTest(**fields):
                text = self.planned(self.row(**fields))
                self.assertIn(reason, text)
                self.assertIn(f"{NOTHING_FREE}, 1 refuse", text)

    def test_columns_that_change_the_price(self):
        for heading, cell in [
            ("Rabatt", "20 %"), ("Menge", "3"), ("MwSt", "0.95"), ("Pausiert", "ja"), ("Kostenlos", "vielleicht"),
            ("Auto renew", "maybe"), ("Zahlt", "manchmal"), ("Subscription status", "cancelled"),
        ]:  # fmt: skip
            with self.subTest(heading):
                text = self.planned(f"{self.row()},{cell}", heading=f"{HEADING},{heading}")
                self.assertIn(f"{NOTHING_FREE}, 1 refuse", text)
        for heading, cell in [("Rabatt", "0,00 €"), ("Menge", "1"), ("MwSt", ""), ("Pausiert", "nein")]:
            with self.subTest(heading, cell=cell):
                text = self.planned(f'{self.row()},"{cell}"', heading=f"{HEADING},{heading}")
                self.assertIn("1 create with the saved card", text)

    def test_every_six_months(self):
        for words in ("halbjährlich", "every 6 months", "6 Monate", "semiannually"):
            with self.subTest(words):
                text = self.planned(self.row(interval=words))
                self.assertIn("ada@example.org: create with the saved card, €5.00 every 6 months", text)

    def test_a_period_that_no_plan_has(self):
        self.assertIn("€5.00 a week, and no plan here has such a period", self.planned(self.row(interval="weekly")))

    def test_the_reason_names_the_column_that_was_not_read(self):
        text = self.planned(self.row(), heading=HEADING.replace("Intervall", "Rhythmus"))
        self.assertIn("no column was read as “Billing interval”", text)
        self.assertIn("Rhythmus: – not imported – (month)", text)
        self.assertIn("Stripe-Kunde: Customer at Stripe", text)
        said = {"columns": {"Rhythmus": "interval"}}
        self.assertIn("1 create", self.planned(self.row(), heading=HEADING.replace("Intervall", "Rhythmus"), said=said))

    def test_the_list_and_the_price_that_it_is_mapped_to_differ(self):
        self.lines["Old plan"] = str(self.month.pk)
        heading = HEADING.replace("Intervall", "Rhythmus")
        text = self.planned(self.row(amount="7.00"), heading=heading)
        self.assertIn(f"the list says something else than price {self.month.pk}", text)

    def test_what_costs_nothing_is_complimentary_access(self):
        text = self.planned(self.row(amount="0.00"))
        self.assertIn("free (it costs nothing: complimentary access, which the import of readers gives)", text)
        [reader] = Lists([self.folder / "list.csv"], "csv").read(self.fail)
        self.assertEqual((reader.free_access, reader.contracts), ("comp", ()))

    def test_products_are_shown_with_what_they_are_taken_for(self):
        text = self.planned(self.row(), self.row(email="bea@example.org", plan="Gold"))
        self.assertIn("Old plan: 1, taken for “reader” (ada@example.org)", text)
        self.assertIn("Gold: 1, not in the map, and left alone (bea@example.org)", text)

    def test_who_pays_nothing_on_the_list_is_not_charged_by_a_contract(self):
        contract = self.old.subscribe("bea@example.org", listed=False)
        row = {"email": "bea@example.org", "customer": contract["customer"]}
        for fields, heading in [({"amount": "0.00"}, HEADING), ({"next": "2026-02-20,nein"}, f"{HEADING},Zahlt")]:
            with self.subTest(heading):
                text = self.planned(self.row(**row | fields), heading=heading)
                self.assertIn("0 attach", text)
                self.assertIn("the list says that its reader pays nothing, but Stripe charges it", text)

    def test_a_free_plan_on_the_list_and_a_contract_that_is_charged(self):
        contract = self.old.subscribe("bea@example.org", listed=False)
        row = {"email": "bea@example.org", "customer": contract["customer"]}
        for plan in ("Free", "FREE_TIER", "kostenlos"):
            self.lines[plan] = "reader"
            for fields in ({}, {"amount": "0.00"}, {"amount": ""}, {"status": "", "payment": "", "amount": ""}):
                with self.subTest(plan, **fields):
                    text = self.planned(self.row(**row | fields, plan=plan))
                    self.assertIn("0 attach", text)
                    self.assertIn("the list says that its reader pays nothing, but Stripe charges it", text)
        self.assertIn("“kostenlos”: 1, taken for “free”", text)
        said = {"words": {"access": {"Kostenlos": "paid"}}}
        self.assertIn("1 attach", self.planned(self.row(**row, plan="kostenlos"), said=said))

    def test_an_amount_of_nothing_in_any_state_and_a_contract_that_is_charged(self):
        contract = self.old.subscribe("bea@example.org", listed=False)
        for status in ("active", "past_due", "on-hold", "canceled", "expired"):
            row = self.row(email="bea@example.org", customer=contract["customer"], amount="0.00", status=status)
            with self.subTest(status):
                self.assertIn("0 attach", self.planned(row))

    def test_a_reader_whose_contract_is_not_ours(self):
        contract = self.old.subscribe("jan@example.org", listed=False)
        self.lines[self.old.prices.pop((500, "month", "eur", 1))] = "not ours"
        heading = "email,name,stripe_customer_id"
        self.write(f"jan@example.org,Jan,{contract['customer']}", heading=heading)
        self.assertIn("has the price price_", self.plan_of())
        self.assertIn("which is mapped as not ours", self.plan_of())


class DateTests(ListCase):
    """In a list, 1/2/2027 can be 2 January or 1 February."""

    def due_dates(self, *dates, said=None):
        rows = [self.row(next=date, email=f"r{number}@example.org") for number, date in enumerate(dates)]
        text = self.planned(*rows, said=said)
        found = [line for line in text.splitlines() if "create with the saved card, €" in line]
        return [line.split("paid until ")[1][:10] for line in found], text

    def test_the_order_is_asked_for(self):
        found, text = self.due_dates("3/4/2026", "3/5/2026")
        self.assertEqual(found, [])
        self.assertIn("“?/?/2026”: 2, not known", text)
        self.assertIn("whether the day or the month comes first", text)
        said = {"words": {"dates": {"?/?/2026": "month first"}}}
        self.assertEqual(self.due_dates("3/4/2026", "3/5/2026", said=said)[0], ["2026-03-04", "2026-03-05"])
        said = {"words": {"dates": {"?/?/2026": "day first"}}}
        self.assertEqual(self.due_dates("3/4/2026", "3/5/2026", said=said)[0], ["2026-04-03", "2026-05-03"])

    def test_one_row_decides_for_all(self):
        self.assertEqual(self.due_dates("3/4/2026", "3/25/2026")[0], ["2026-03-04", "2026-03-25"])
        self.assertEqual(self.due_dates("3/4/2026", "25/3/2026")[0], ["2026-04-03", "2026-03-25"])

    def test_rows_that_differ_decide_nothing(self):
        for dates in (("3/25/2026", "25/3/2026"), ("3/25/2026", "25-3-2026"), ("25.3.2026", "3/25/2026")):
            with self.subTest(dates):
                dotted = [date for date in dates if "." in date]
                self.assertEqual(self.due_dates(*dates)[0], ["2026-03-25"] * len(dotted))

    def test_a_year_of_two_digits_shows_no_order(self):
        self.assertEqual(self.due_dates("3/25/26", "3/26/26")[0], [])


class MappingTests(ListCase):
    def test_the_template_is_filled_in_and_used(self):
        path = self.folder / "template.json"
        rows = [self.row(status="läuft"), self.row(status="", email="bea@example.org")]
        self.planned(*rows)
        self.plan_of("--template", str(path), kind="csv")
        said = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual(said["words"]["status"], {"läuft": "", "": ""})
        self.assertEqual((said["columns"]["Intervall"], said["prices"]["Old plan"]), ("interval", ""))
        said["words"]["status"] = {"läuft": "active", "": "over"}
        text = self.planned(*rows, said=said)
        self.assertIn("1 create with the saved card, 0 access until the paid date, 1 free", text)

    def test_a_mapping_that_can_not_be_used(self):
        for said, reason in [
            ({"words": {"status": {"läuft": "maybe"}}}, "“maybe” is no meaning for status"),
            ({"words": {"mood": {"x": "y"}}}, "There is no topic “mood”"),
            ({"words": {"status": {"Läuft": "active", "läuft": "over"}}}, "explained twice"),
            ({"words": {"date": {"bald": "next week"}}}, "Use a date such as 2027-03-31"),
            ({"words": {"status": ["a"]}}, "must have texts"),
            ({"columns": {"Lage": "mood"}}, "There is no field “mood”"),
            ({"states": {}}, "and nothing else"),
            ({"prices": {"Old plan": "reader"}}, "Leave --prices out"),
        ]:
            with self.subTest(reason):
                self.assertIn(reason, self.planned(self.row(), said=said, fails=True))


class DocsTests(SimpleTestCase):
    def test_the_page_has_each_heading_and_meaning(self):
        page = (DOCS / "moving-in.md").read_text(encoding="utf-8").split("### What the list says")[1]
        for field in ["until", "renews_on", "plan", *(topic for topic in MEANINGS if topic in ALIASES)]:
            with self.subTest(field):
                self.assertIn(f"| `{field}` | {', '.join(ALIASES[field].split('|'))} |", page)
        for topic in MEANINGS:
            self.assertIn(f"`{topic}`", page)
        for meaning in ["active", "cancelled", "unpaid", "over", *MEANINGS["access"], *MEANINGS["dates"]]:
            self.assertIn(f"`{meaning}`", page)
