"""Lists of real programs, which are beside the checkout."""

import json

from django.test import SimpleTestCase, tag

from tests.contrib.importers.comparing import SHARED
from truthlytics.contrib.importers.readers import read_lists

EXPORTS = SHARED / "data" / "exports"
SUBSTACK = {"fixtures_signup_emails.csv", "fixtures_subscriber_emails.csv"}
SHOP = EXPORTS / "woocommerce" / "woocommerce-subscriptions-importer-exporter" / "wcs-import-sample.csv"


@tag("collected")
class CollectedListTests(SimpleTestCase):
    def read(self, path, kind):
        self.problems = []
        return list(read_lists([path], kind, report=self.problems.append))

    def test_every_address_is_read(self):
        lists = [path for path in sorted(EXPORTS.glob("members/*/*")) if path.suffix in {".csv", ".txt"}]
        self.assertGreater(len(lists), 15)
        for path in lists:
            with self.subTest(path.name):
                kind = "ghost" if path.parent.name == "Ghost" else "substack" if path.name in SUBSTACK else "newsletter"
                readers = self.read(path, kind)
                expected = json.loads(path.with_name(f"{path.name}.oracle.json").read_text())
                self.assertEqual(len(readers), expected["emails_valid"])
                self.assertEqual(sum(problem.code == "email" for problem in self.problems), expected["emails_invalid"])
                self.assertFalse([problem for problem in self.problems if problem.code == "ragged"])

    def test_members_of_ghost(self):
        ghost = EXPORTS / "members" / "Ghost"
        free, paid = self.read(ghost / "member-csv-export.csv", "ghost")
        self.assertEqual((free.name, free.free_access, free.labels), ("bobby tables", "comp", ("user import label",)))
        self.assertEqual((free.wants_newsletter, free.note, free.joined_at.year), (True, "a note", 2022))
        self.assertEqual([c.customer_ref for c in paid.contracts], ["cus_d81fc1d82cbfe2"])
        self.assertIs(paid.wants_newsletter, False)
        cases = self.read(ghost / "subscribed-to-emails-cases.csv", "ghost")
        self.assertEqual([reader.wants_newsletter for reader in cases].count(True), 3)
        self.assertEqual([reader.wants_newsletter for reader in cases].count(False), 3)
        (mapped,) = self.read(ghost / "members-with-mappings.csv", "ghost")
        self.assertEqual((mapped.email, mapped.name), ("member+mapped_1@example.com", "Hannah"))

    def test_newsletter_readers(self):
        migrate = EXPORTS / "members" / "migrate"
        wanted = {
            "subscribed.csv": 5, "unsubscribed.csv": 0, "cleaned.csv": 0, "members.txt": 5, "subscribers.csv": 18,
            "members.csv": 5, "invalid.csv": 3,
        }  # fmt: skip
        for name, count in wanted.items():
            with self.subTest(name):
                readers = self.read(migrate / name, "newsletter")
                self.assertEqual(sum(reader.wants_newsletter is True for reader in readers), count)

    def test_access_of_substack(self):
        readers = self.read(EXPORTS / "members" / "migrate" / "fixtures_subscriber_emails.csv", "substack")
        kinds = [reader.free_access or ("paid" if reader.contracts else "") for reader in readers]
        self.assertEqual({kind: kinds.count(kind) for kind in kinds}, {"paid": 9, "comp": 3, "gift": 5})
        self.assertEqual(sum(reader.wants_newsletter is False for reader in readers), 2)

    def test_subscriptions_of_woocommerce(self):
        readers = self.read(SHOP, "woocommerce")
        self.assertEqual(len(readers), 10)
        contracts = [contract for reader in readers for contract in reader.contracts]
        self.assertEqual([contract.amount for contract in contracts][:3], [4668, 5836, 4326])
        self.assertEqual([c.customer_ref for c in contracts if c.payment == "card"], ["cus_d590e69e76de5c"])
        self.assertEqual([(c.interval, c.interval_count) for c in contracts].count(("week", 2)), 1)
        self.assertEqual([c.status for c in contracts if c.paid_through is None], ["on hold", "on hold", "cancelled"])

    def test_members_in_an_export_of_ghost(self):
        readers = self.read(EXPORTS / "ghost" / "synthetic" / "ghost6-lexical.json", "ghost")
        self.assertEqual(len(readers), 400)
        self.assertEqual(sum(reader.free_access == "comp" for reader in readers), 39)
        self.assertEqual(sum(bool(reader.contracts) for reader in readers), 65)
        self.assertEqual(readers[1].contracts[0].subscription_ref, "sub_test000001")
        self.assertEqual(readers[0].email, "member0+news@example.org")
