"""Lists as programs and spreadsheets write them, also damaged ones."""

import gzip
import json
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from django.test import SimpleTestCase

from truthlytics.contrib.importers.readers import read_lists
from truthlytics.contrib.importers.readers.lists import Lists
from truthlytics.contrib.importers.readers.values import parse_amount, parse_date, parse_labels
from truthlytics.contrib.importers.sources import UnreadableFile


class ListCase(SimpleTestCase):
    def read(self, data, kind="csv", name="list.csv", **options):
        """Return the readers of a list, and (code, row) of each problem."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        path = folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        problems = []
        readers = list(read_lists([path], kind, report=problems.append, **options))
        self.sentences = [problem.what for problem in problems]
        return readers, [(problem.code, problem.row) for problem in problems]

    def emails(self, data, **options):
        return [reader.email for reader in self.read(data, **options)[0]]


class TableTests(ListCase):
    def test_encodings(self):
        text = "E-Mail;Vorname;Nachname\nada@example.org;Zoë;Müller\n"
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"):
            with self.subTest(encoding):
                (reader,), problems = self.read(text.encode(encoding))
                self.assertEqual((reader.name, reader.row, problems), ("Zoë Müller", 2, []))
        self.assertEqual(self.emails(gzip.compress(text.encode()), name="list.csv.gz"), ["ada@example.org"])

    def test_delimiters(self):
        for delimiter in ",;\t|":
            with self.subTest(delimiter):
                rows = [["Name", "Email", "Note"], ["Ada", "ADA@Example.ORG ", "a"], ["Bo", "bo@example.org", ""]]
                text = "\r\n".join(delimiter.join(row) for row in rows)
                self.assertEqual(self.emails(text), ["ada@example.org", "bo@example.org"])
        self.assertEqual(self.emails("sep=;\nEmail;Note\nada@example.org;a,b,c,d\n"), ["ada@example.org"])

    def test_without_headings(self):
        self.assertEqual(
            self.emails("ada@example.org\n\nbo@example.org\n", kind="newsletter"), ["ada@example.org", "bo@example.org"]
        )
        (first, second), _ = self.read("Ada,ada@example.org\nBo,bo@example.org\n", columns={"Column 1": "name"})
        self.assertEqual([first.name, second.name, second.row], ["Ada", "Bo", 2])

    def test_unknown_headings_are_found_by_their_values_or_said(self):
        text = "Postfach,Wer\nada@example.org,Ada\n"
        self.assertEqual(self.emails(text), ["ada@example.org"])
        (reader,), _ = self.read(text, columns={"Wer": "name"})
        self.assertEqual(reader.name, "Ada")
        with self.assertRaisesMessage(UnreadableFile, "no column of email addresses"):
            self.read(text, columns={"Postfach": ""})

    def test_two_columns_with_one_heading(self):
        (reader,), _ = self.read("email,note,note,email\n,first,second,ada@example.org\n")
        self.assertEqual((reader.email, reader.note), ("ada@example.org", "first"))

    def test_ragged_rows(self):
        text = "email,name,newsletter\nada@example.org\nbo@example.org,Bo,no,yes\ncy@example.org,Cy,yes,,\n"
        readers, problems = self.read(text)
        self.assertEqual([reader.email for reader in readers], ["ada@example.org", "cy@example.org"])
        self.assertEqual((problems, self.sentences), ([("ragged", 3)], ["It has 4 cells, but there are 3 columns."]))

    def test_rows_are_counted_as_a_spreadsheet_does(self):
        text = 'email,note\nada@example.org,"two\nlines"\n\nno address,\n,Bo\n'
        _readers, problems = self.read(text)
        self.assertEqual(problems, [("email", 4), ("email", 5)])
        self.assertEqual(self.sentences, ["“no address” is not an email address.", "It has no email address."])

    def test_a_quotation_mark_that_is_not_closed_hides_nobody(self):
        text = 'email,name\nada@example.org,"Ada\nbo@example.org,Bo\ncy@example.org,Cy\n'
        with self.assertRaisesMessage(UnreadableFile, "row 2: a quotation mark there is not closed"):
            self.read(text)

    def test_what_is_no_list(self):
        for data in (
            b"",
            b"\n\n",
            b"\0" * 50,
            b"\xff\xfe",
            b"PK\x03\x04broken",
            b"\x89PNG\r\n\x1a\n\0\0",
            b'"' * 3_000_000,
        ):
            with self.subTest(data[:10]), self.assertRaises(UnreadableFile):
                self.read(data)

    def test_what_ends_a_line(self):
        for end in ("\n", "\r\n", "\r"):
            with self.subTest(end):
                self.assertEqual(len(self.emails(f"email{end}ada@example.org{end}bo@example.org")), 2)
        (reader,), _ = self.read("email,note\nada@example.org,one\u2028two\x85three\x0cfour\n")
        self.assertEqual(reader.email, "ada@example.org")

    def test_columns_are_shown_with_values(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "a.csv").write_text("Mail,Plan\nada@example.org,gold\nbo@example.org,gold\n")
        (table,) = Lists([folder / "a.csv"], "csv").tables
        self.assertEqual(
            [tuple(column) for column in table.columns],
            [("Mail", ["ada@example.org", "bo@example.org"], "email"), ("Plan", ["gold"], "plan")],
        )


class ValueTests(SimpleTestCase):
    def test_dates(self):
        expected = datetime(2024, 3, 5, 9, 30, tzinfo=UTC)
        for text in (
            "2024-03-05T09:30:00Z", "2024-03-05 09:30:00 UTC", "2024-03-05 10:30:00 +0100", "2024-03-05 09:30",
            "05.03.2024 09:30", "5/3/2024 9:30 AM", "1709631000", "1709631000000",
        ):  # fmt: skip
            with self.subTest(text):
                self.assertEqual(parse_date(text, UTC), expected)
        day = datetime(2024, 3, 25, tzinfo=UTC)
        for text in (
            "2024-03-25",
            "25.3.2024",
            "25/03/2024",
            "25 Mar 2024",
            "March 25, 2024",
            "25.03.24",
        ):
            with self.subTest(text):
                self.assertEqual(parse_date(text, UTC), day)
        self.assertEqual(parse_date("03/25/2024", UTC, month_first=True), day)
        for text in ("soon", "03/25/2024", "2024-13-45", "0", "99/99/9999", "1.1.1", "9999999999999999", "0001-01-01"):
            with self.subTest(text):
                self.assertIsNone(parse_date(text, UTC))

    def test_amounts(self):
        for text, currency, minor in (
            ("1,299.50", "USD", 129950), ("€ 9,90", "EUR", 990), ("1.299,50", "EUR", 129950), ("900", "JPY", 900),
            ("5", "EUR", 500), ("free", "EUR", None), ("1.005", "EUR", None),
        ):  # fmt: skip
            with self.subTest(text):
                self.assertEqual(parse_amount(text, currency), minor)

    def test_labels(self):
        self.assertEqual(parse_labels('"""Editors""", vip,vip'), ("Editors", "vip"))
        self.assertEqual(parse_labels("a; b"), ("a", "b"))


class MonthFirstTests(ListCase):
    def test_one_date_shows_the_order_of_all(self):
        readers, _ = self.read("email,joined\na@example.org,03/04/2024\nb@example.org,03/25/2024\n")
        self.assertEqual([reader.joined_at.month for reader in readers], [3, 3])
        readers, _ = self.read("email,joined\na@example.org,03/04/2024\nb@example.org,25/03/2024\n")
        self.assertEqual([reader.joined_at.month for reader in readers], [4, 3])


class MeaningTests(ListCase):
    def test_only_who_says_yes_wants_the_newsletter(self):
        text = "email,newsletter\na@x.org,yes\nb@x.org,no\nc@x.org,\nd@x.org,maybe\n"
        readers, problems = self.read(text)
        self.assertEqual([reader.wants_newsletter for reader in readers], [True, False, None, None])
        self.assertEqual(problems, [("value", 5)])

    def test_a_list_of_newsletter_readers(self):
        text = "email,status,unsubscribed_at\na@x.org,active,\nb@x.org,active,2024-01-02\nc@x.org,pending,\nd@x.org,,\n"
        readers, _ = self.read(text, kind="newsletter")
        self.assertEqual([reader.wants_newsletter for reader in readers], [True, False, False, True])
        self.assertIsNone(self.read("email\na@x.org\n")[0][0].wants_newsletter)

    def test_cancelled_but_paid(self):
        text = "email,status,paid through\na@x.org,cancelled,2999-01-02\nb@x.org,unpaid,2999-01-02\n"
        (first, second), _ = self.read(text, kind="memberful")
        self.assertEqual((first.contracts[0].cancelled, first.contracts[0].paid_through.year), (True, 2999))
        self.assertIsNone(second.contracts[0].paid_through)

    def test_two_lists_of_substack_are_one_subscription(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "email_list.csv").write_text(
            "email,active_subscription,expiry,email_disabled,created_at\n"
            "a@x.org,true,2999-01-01,false,2020-01-01\nb@x.org,true,2118-09-11,true,2020-01-01\n"
            "1@deletion-request.substack.com,,,false,2020-01-01\n"
        )
        (folder / "paying.csv").write_text(
            "email,expiry,email_disabled,stripe_connected_customer_id,type\n"
            "a@x.org,2999-01-01,false,cus_1,paid\nb@x.org,2118-09-11,true,,comp\nc@x.org,2999-01-01,false,,ios_app\n"
        )
        with zipfile.ZipFile(folder / "export.zip", "w") as archive:
            for path in folder.glob("*.csv"):
                archive.write(path, path.name)
            archive.writestr("posts.csv", "post_id,title\n1.a,Write to x@x.org\n")
            archive.writestr("posts/1.opens.csv", "post_id,email\n1,stranger@x.org\n")
        readers = list(read_lists([folder / "export.zip"], "substack"))
        self.assertEqual([reader.email for reader in readers if reader.delete], ["1@deletion-request.substack.com"])
        contracts = [(reader.email, c.customer_ref, c.payment) for reader in readers for c in reader.contracts]
        self.assertEqual(contracts, [("a@x.org", "cus_1", "card"), ("c@x.org", "", "other")])
        free = [(reader.email, reader.free_access, reader.free_until) for reader in readers if reader.free_access]
        self.assertEqual(free, [("b@x.org", "comp", None)])

    def test_who_pays_in_an_app_is_not_charged_by_a_card_that_is_known_too(self):
        text = "email,expiry,stripe_connected_customer_id,type\na@x.org,2999-01-01,cus_1,ios_app\n"
        [reader], _ = self.read(text, kind="substack")
        self.assertEqual((reader.contracts[0].payment, reader.unknown), ("other", ()))

    def test_several_items_of_a_shop_are_not_the_first_one(self):
        heading = "customer_email,subscription_status,next_payment_date,billing_period,billing_interval,order_total"
        heading += ",order_currency,payment_method,order_items\n"
        row = "a@x.org,wc-active,2999-01-01,month,{},5.00,EUR,stripe,{}\n"
        for number, items, plan, unknown in [
            ("1", "name:Gold|quantity:1", "Gold", []),
            ("1", "name:Gold|quantity:1;name:Silver|quantity:1", "Gold + Silver", []),
            ("1", "name:Gold|quantity:3", "Gold", ["3"]),
            ("two", "name:Gold|quantity:1", "Gold", ["two month"]),
        ]:
            with self.subTest(number, items=items):
                [reader], _ = self.read(heading + row.format(number, items), kind="woocommerce")
                self.assertEqual((reader.contracts[0].plan, [word.text for word in reader.unknown]), (plan, unknown))

    def test_words_of_members_in_an_export_of_ghost(self):
        contract = {"customer_id": "cus_1", "subscription_id": "sub_1", "status": "active", "plan_interval": "month"}
        contract |= {"plan_currency": "eur", "plan_amount": 500, "cancel_at_period_end": 0}
        for change, unknown in [
            ({}, []), ({"status": "frozen"}, ["frozen"]), ({"plan_interval": "moon"}, ["moon"]),
            ({"plan_currency": "euro dollar"}, ["euro dollar"]), ({"cancel_at_period_end": "perhaps"}, ["perhaps"]),
        ]:  # fmt: skip
            with self.subTest(**change):
                tables = {
                    "members": [{"id": "1", "email": "a@x.org", "status": "paid"}],
                    "members_stripe_customers": [{"member_id": "1", "customer_id": "cus_1"}],
                    "members_stripe_customers_subscriptions": [contract | change],
                }
                data = json.dumps({"db": [{"meta": {"version": "5.0.0"}, "data": tables}]})
                [reader], _ = self.read(data, kind="ghost", name="export.json")
                self.assertEqual([word.text for word in reader.unknown], unknown)
