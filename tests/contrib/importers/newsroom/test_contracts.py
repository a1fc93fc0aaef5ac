"""The pages of an import of contracts: plan, map of prices, statement about the shop, apply, compare, undo."""

import hashlib
import json
import re
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Grant, Subscription
from tests.contrib.importers.contracts.base import ContractsCase
from tests.factories import make_editor, make_member
from truthlytics.audit.log import AuditEntry
from truthlytics.contrib.importers.contracts.models import ContractRun, MovedContract, SignedYear
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.newsroom.words import MAX_WORDS
from truthlytics.contrib.importers.progress import Progress, Stopped
from truthlytics.contrib.importers.readers.vocabulary import MEANINGS
from truthlytics.contrib.importers.uploads import delete_expired

HEADINGS = (
    "email,name,plan,amount,currency,interval,status,payment method,stripe customer id,stripe subscription id,"
    "paid until,auto renew"
)


class ContractPageCase(ContractsCase):
    def setUp(self):
        super().setUp()
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(self.settings(IMPORT_WORK_DIR=folder / "work", IMPORT_DIR=folder / "server"))
        self.editor = make_editor()
        self.client.force_login(self.editor)
        self.contract = self.old.subscribe(listed=False)
        self.shopper = self.old.customer("cid@example.org")["id"]
        self.due = timezone.now() + timedelta(days=20)
        self.rows = [
            self.row_of("ada@example.org", status="active", customer=self.contract["customer"]),
            self.row_of("cid@example.org", payment="stripe", customer=self.shopper, until=f"{self.due:%Y-%m-%d}"),
            self.row_of("dot@example.org", payment="paypal", until=f"{self.due:%Y-%m-%d}"),
        ]

    @staticmethod
    def row_of(email, *, status="active", payment="card", customer="", until="", renews="yes"):
        return f"{email},,Old plan,5.00,EUR,month,{status},{payment},{customer},,{until},{renews}"

    def get(self, name, *args, **query):
        return self.client.get(reverse(f"admin:{name}", args=args), query)

    def post(self, name, /, *args, **data):
        with self.committing():
            return self.client.post(reverse(f"admin:{name}", args=args), data)

    def upload(self, **fields):
        """Upload the list, and return the run after its first plan."""
        data = "\n".join([HEADINGS, *self.rows]).encode()
        response = self.post("import_contracts", files=SimpleUploadedFile("members.csv", data), kind="csv", **fields)
        self.assertEqual(response.status_code, 302, response.context and response.context["form"].errors)
        return ImportRun.objects.latest("pk")

    def planned(self):
        """Return the run after its prices are mapped."""
        run = self.upload()
        self.map(run, {self.old.price(): "reader", "Old plan": "reader"})
        return run

    def map(self, run, prices):
        self.post("import_check", run.pk, old=[*prices], here=[*prices.values()])
        run.refresh_from_db()
        self.assertEqual((run.status, run.problem), ("checked", ""))

    def applied(self):
        run = self.planned()
        self.post("import_start", run.pk, shop_is_off="on")
        run.refresh_from_db()
        self.assertEqual((run.status, run.problem), ("done", ""))
        return run


class PlanTests(ContractPageCase):
    def test_the_first_plan_asks_what_old_prices_are_here(self):
        page = self.get("import", self.upload().pk)
        self.assertContains(page, self.old.price())
        self.assertContains(page, "€5.00 a month")
        self.assertContains(page, "Old plan")
        self.assertContains(page, "is not in the map")
        self.assertEqual(MovedContract.objects.count(), 0)

    def test_the_plan_shows_buckets_sums_and_days(self):
        page = self.get("import", self.planned().pk)
        for bucket in ("Attach: continues", "Create: a new contract", "Access until the paid date"):
            self.assertContains(page, f"<dt>{bucket}")
        self.assertContains(page, "What is charged each period, by old price")
        self.assertContains(page, f'<th scope="row">{self.due.day} {self.due:%B} {self.due.year}</th>')

    def test_each_reader_is_listed_by_bucket(self):
        run = self.planned()
        page = self.get("import_report", run.pk)
        self.assertContains(page, "dot@example.org")
        page = self.get("import_report", run.pk, code="create")
        self.assertContains(page, "cid@example.org")
        self.assertNotContains(page, "dot@example.org")

    def test_double_payers_come_first(self):
        self.old.subscribe(customer=self.contract["customer"], listed=False)
        text = self.get("import", self.planned().pk).content.decode()
        self.assertLess(text.index("2 contracts of readers who are probably paying twice"), text.index("<dt>Attach"))
        self.assertIn("a second contract: is probably paying twice", text)

    def test_a_map_with_another_amount_is_refused(self):
        run = self.upload()
        self.map(run, {self.old.price(): str(self.month.pk), "Old plan": "reader"})
        page = self.get("import", run.pk)
        self.assertContains(page, "Nothing can be applied until this is right")
        self.assertNotContains(page, "Apply the plan")

    def test_unknown_choices_are_ignored(self):
        run = self.upload()
        self.map(run, {"Old plan": "gold", "x\0": "not ours"})
        self.assertEqual(run.options["prices"], {"x": "not ours"})
        self.post("import_check", run.pk, heading=["na\0me"], field=["name"])
        self.assertEqual(ImportRun.objects.get(pk=run.pk).options["columns"], {"name": "name"})

    def test_a_column_that_was_not_found_is_chosen(self):
        headings = HEADINGS.replace("interval", "Rhythmus").replace("status", "Lage").replace("paid until", "bis <1>")
        with mock.patch(f"{__name__}.HEADINGS", headings):
            run = self.planned()
        page = self.get("import", run.pk)
        for label in ("Billing interval", "State of the subscription", "Next payment on"):
            self.assertContains(page, f"No column was read as “{label}”. Which one is it?")
        self.assertNotContains(page, "No column was read as “Amount”")
        self.assertContains(page, "<option>bis &lt;1&gt;</option>", count=3, html=True)
        self.assertNotContains(page, "<dt>Create: a new contract")
        rows = [row for _file, own in page.context["columns"] for row in own]
        missing = {"interval": "Rhythmus", "status": "Lage", "renews_on": "bis <1>", "email": "Lage", "x": "y"}
        self.post(
            "import_check", run.pk, heading=[row[0] for row in rows], field=[row[2] for row in rows],
            missing=[*missing], is_in=[*missing.values()],
        )  # fmt: skip
        page = self.get("import", run.pk)
        self.assertNotContains(page, "No column was read as")
        self.assertContains(page, "<dt>Create: a new contract")

    def test_a_list_of_a_known_system_is_not_asked_for_columns(self):
        data = SimpleUploadedFile("members.csv", b"email,name,stripe_customer_id\nada@example.org,Ada,cus_1\n")
        self.post("import_contracts", files=data, kind="ghost")
        page = self.get("import", ImportRun.objects.latest("pk").pk)
        self.assertNotContains(page, "No column was read as")

    def test_unknown_words_are_shown_and_explained(self):
        self.rows += [self.row_of("eva@example.org", status="pausiert", customer=self.shopper, until="2026-03-31")]
        run = self.planned()
        page = self.get("import", run.pk)
        self.assertContains(page, "1 row not known")
        self.assertContains(page, "“pausiert” is not known under “State of the subscription”")
        self.post("import_check", run.pk, topic=["status"], word=["pausiert"], meaning=["over"])
        run.refresh_from_db()
        self.assertEqual((run.options["words"], run.status), ({"status": {"pausiert": "over"}}, "checked"))
        page = self.get("import", run.pk)
        self.assertNotContains(page, "not known under")
        self.assertContains(page, "Free: no contract")
        self.post("import_check", run.pk, topic=["status"], word=["pausiert"], meaning=["anything"])
        run.refresh_from_db()
        self.assertEqual(run.options["words"], {"status": {"pausiert": "over"}})
        self.post("import_check", run.pk, topic=["status"], word=["pausiert"], meaning=[""])
        self.assertContains(self.get("import", run.pk), "1 row not known")

    def test_a_list_of_nonsense_is_shown_in_part_and_its_form_is_accepted(self):
        self.rows = [
            f"r{n}@example.org,,p{n},a{n},c{n},i{n},s{n},m{n},cus_{n},,d{n},n{n}" for n in range(MAX_WORDS * 10)
        ]
        run = self.upload()
        page = self.get("import", run.pk)
        self.assertContains(page, f"{MAX_WORDS * 9} more words are in the mapping.")
        html = page.content.decode()
        fields = {name: re.findall(f'name="{name}" value="([^"]*)"', html) for name in ("topic", "word")}
        self.assertLess(3 * len(MEANINGS) * MAX_WORDS, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
        self.post("import_check", run.pk, **fields, meaning=[""] * len(fields["word"]))
        run.refresh_from_db()
        self.assertEqual((run.status, run.options["words"]), ("checked", {}))
        self.assertEqual(self.get("import_mapping", run.pk).json()["words"]["status"]["s149"], "")

    def test_the_mapping_goes_out_and_in_as_a_file(self):
        self.rows += [self.row_of("eva@example.org", status="pausiert", until="2026-03-31")]
        run = self.planned()
        said = self.get("import_mapping", run.pk).json()
        self.assertEqual(said["words"], {"status": {"pausiert": ""}})
        self.assertEqual((said["prices"]["Old plan"], said["columns"]["auto renew"]), ("reader", "renews"))
        said["words"]["status"]["pausiert"] = "over"
        self.send_mapping(run, json.dumps(said))
        run.refresh_from_db()
        self.assertEqual((run.options["words"]["status"], run.status), ({"pausiert": "over"}, "checked"))
        self.assertContains(self.get("import", run.pk), "Free: no contract")

    def send_mapping(self, run, text):
        return self.post("import_check", run.pk, mapping=SimpleUploadedFile("mapping.json", text.encode()))

    def test_a_mapping_that_can_not_be_used_changes_nothing(self):
        run = self.planned()
        before = run.options
        for text in ("", "[]", '{"words": {"status": {"x": "maybe"}}}', '{"prices": 1}', "[" * 100_000):
            with self.subTest(text[:40]):
                self.send_mapping(run, text)
                run.refresh_from_db()
                self.assertEqual(run.options, before)
        self.assertContains(self.get("import", run.pk), "mapping.json")

    def test_a_second_list_has_the_same_words_but_not_those_of_empty_cells(self):
        run = self.planned()
        names = {"topic": ["status", "status", "dates"], "word": ["läuft", "", "?/?/2026"]}
        self.post("import_check", run.pk, **names, meaning=["active", "active", "day first"])
        self.assertEqual(self.upload().options["words"], {"status": {"läuft": "active"}})

    def test_a_second_list_has_the_same_map(self):
        self.planned()
        self.assertNotContains(self.get("import", self.upload().pk), "is not in the map")

    def test_rows_with_problems_are_shown(self):
        self.rows.append("no address,,,,,,,,,,,")
        self.assertContains(self.get("import", self.upload().pk), "“no address” is not an email address.")

    def test_what_was_found_out_is_deleted_after_a_week(self):
        run = self.planned()
        delete_expired(timezone.now() + timedelta(days=8))
        self.assertNotContains(self.get("import_report", run.pk), "dot@example.org")
        self.assertEqual(self.get("import", run.pk).status_code, 200)

    def test_without_the_library_it_says_what_to_install(self):
        with mock.patch.dict(sys.modules, {"stripe": None}):
            self.assertContains(self.get("import_contracts"), "install the extra “stripe”")
            self.post("import_contracts", kind="csv", files=SimpleUploadedFile("a.csv", b"email\na@example.org\n"))
            self.assertFalse(ImportRun.objects.exists())

    def test_a_key_without_rights_is_a_sentence(self):
        self.fake.fail("GET /v1/subscriptions", 403, 10)
        self.assertContains(self.get("import", self.upload().pk), "Stripe refuses the key.")


class ApplyTests(ContractPageCase):
    def test_the_statement_about_the_shop_is_required_and_recorded(self):
        run = self.planned()
        self.assertContains(self.get("import", run.pk), 'name="shop_is_off" required')
        self.post("import_start", run.pk)
        self.assertEqual(MovedContract.objects.count(), 0)
        self.post("import_start", run.pk, shop_is_off="on")
        self.assertEqual(ContractRun.objects.get().shop_off_at, timezone.now())
        entry = AuditEntry.objects.get(message__contains="the old shop charges nothing")
        self.assertEqual(entry.actor, self.editor)
        self.assertContains(self.get("import", run.pk), "It was stated on")

    def test_without_saved_cards_there_is_nothing_to_state(self):
        del self.rows[1]
        run = self.planned()
        self.assertNotContains(self.get("import", run.pk), "shop_is_off")
        self.post("import_start", run.pk)
        self.assertEqual(MovedContract.objects.done().count(), 2)

    def test_applying_moves_the_contracts(self):
        run = self.applied()
        self.assertEqual(Subscription.objects.live().count(), 3)
        page = self.get("import", run.pk)
        self.assertContains(page, "What was done")
        self.assertContains(page, "<dt>Attach")
        self.assertNotContains(page, "Apply the plan")
        self.assert_no_emails()

    def test_what_failed_is_tried_again(self):
        run = self.planned()
        self.fake.fail("POST /v1/subscriptions", 500, 1000)
        self.post("import_start", run.pk, shop_is_off="on")
        run.refresh_from_db()
        self.assertEqual((run.status, run.problem[:24]), ("stopped", "2 contracts could not be"))
        self.fake.recover()
        self.assertNotContains(self.get("import", run.pk), "shop_is_off")
        self.post("import_start", run.pk)
        run.refresh_from_db()
        self.assertEqual((run.status, MovedContract.objects.done().count()), ("done", 3))

    def test_it_is_stopped_and_continued(self):
        run = self.planned()
        with mock.patch.object(Progress, "__call__", side_effect=[None, Stopped]):
            self.post("import_start", run.pk, shop_is_off="on")
        run.refresh_from_db()
        self.assertEqual((run.status, MovedContract.objects.done().count()), ("stopped", 1))
        self.post("import_start", run.pk)
        self.assertEqual((MovedContract.objects.done().count(), ContractRun.objects.count()), (3, 1))


class AfterwardsTests(ContractPageCase):
    def test_nothing_differs(self):
        run = self.applied()
        self.post("import_verify", run.pk)
        page = self.get("import", run.pk)
        self.assertContains(page, "Nothing differs.")
        self.assertContains(page, "3 contracts were compared.")

    def test_a_later_list_is_compared(self):
        self.applied()
        self.rows = [self.rows[0], self.row_of("eve@example.org", payment="paypal", until=f"{self.due:%Y-%m-%d}")]
        run = self.upload()
        self.post("import_verify", run.pk)
        page = self.get("import", run.pk)
        self.assertContains(page, "eve@example.org")
        self.assertContains(page, "on the list, but not here")
        self.assertContains(page, "here, but not on the list any more", count=2)
        self.assertContains(page, "Apply the plan")

    def test_a_list_that_is_deleted_by_now_is_not_compared(self):
        run = self.applied()
        delete_expired(timezone.now() + timedelta(days=8))
        self.post("import_verify", run.pk)
        self.assertContains(self.get("import", run.pk), "The list is deleted by now")

    def test_there_is_nothing_to_compare_before(self):
        run = self.planned()
        self.post("import_verify", run.pk)
        run.refresh_from_db()
        self.assertEqual(run.status, "checked")

    def test_undoing_says_before_what_it_changes(self):
        run = self.applied()
        Grant.objects.create(
            user=self.reader, level=10, starts_at=timezone.now(), ends_at=self.due, source="comp",
            subscription=self.reader.subscriptions.get(),
        )  # fmt: skip
        outlook = self.get("import_undo", run.pk).context["outlook"]
        self.assertEqual([number for _label, number in outlook.removed], [0, 1, 1, 2])
        self.assertEqual(outlook.kept, [("ada@example.org", "", ["access was added since"])])
        self.post("import_undo", run.pk)
        self.assertEqual(Subscription.objects.get().user, self.reader)
        self.assertContains(self.get("import_undo", run.pk), "access was added since")

    def test_undoing_everything(self):
        run = self.applied()
        self.post("import_undo", run.pk)
        run.refresh_from_db()
        self.assertEqual((run.status, Subscription.objects.count()), ("undone", 0))
        self.assertEqual(self.get("import_undo", run.pk).status_code, 302)


class AccessTests(ContractPageCase):
    def test_it_needs_the_rights_for_imports_and_for_contracts(self):
        run = self.planned()
        importer = make_member("Author")
        codenames = ["add_importrun", "view_importrun"]
        importer.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        for who, status in [(make_member("Support"), 403), (importer, 403), (make_member("Publisher"), 200)]:
            with self.subTest(who):
                self.client.force_login(who)
                pages = [self.get("import_contracts"), self.get("import", run.pk), self.get("import_report", run.pk)]
                self.assertEqual({page.status_code for page in pages}, {status})
        self.client.force_login(importer)
        self.assertNotContains(self.get("import_readers"), reverse("admin:import_contracts"))
        self.assertEqual(self.post("import_start", run.pk, shop_is_off="on").status_code, 403)

    def test_contracts_are_listed_apart(self):
        url = reverse("admin:import", args=[self.upload().pk])
        self.assertContains(self.get("import_contracts"), url)
        self.assertNotContains(self.get("imports"), url)
        self.assertNotContains(self.get("import_readers"), url)

    def test_other_imports_have_nothing_to_compare(self):
        run = ImportRun.objects.create(format="readers", file="x")
        self.assertEqual(self.post("import_verify", run.pk).status_code, 404)


class YearTests(ContractPageCase):
    def digest(self, run):
        return hashlib.sha256(self.get("import_year_csv", run.pk).content).hexdigest()

    def test_the_plan_shows_the_year_by_month(self):
        page = self.get("import", self.planned().pk)
        self.assertContains(page, "The next twelve months")
        self.assertContains(page, '<th scope="row">Mar 2026</th>')

    def test_each_charge_is_beside_the_old_one(self):
        run = self.planned()
        page = self.get("import_year", run.pk)
        self.assertContains(page, "28 February 2026: €5.00", 2)
        self.assertContains(page, "access until the paid date; then the reader goes on here, or not", 12)
        only = self.get("import_year", run.pk, only="1")
        self.assertNotContains(only, "ada@example.org")
        self.assertNotContains(self.get("import_year", run.pk, q="ada"), "dot@example.org")
        self.assertContains(self.get("import_year_csv", run.pk), "ada@example.org,")

    def test_it_is_signed_off_as_it_was_shown(self):
        run = self.planned()
        self.post("import_year", run.pk, digest="0" * 64)
        self.assertEqual(SignedYear.objects.count(), 0)
        self.post("import_year", run.pk, digest=self.digest(run))
        signed = SignedYear.objects.get()
        self.assertEqual((signed.signed_by, signed.digest), (self.editor, self.digest(run)))
        self.assertNotIn("example.org", str(signed.charges))
        self.assertTrue(AuditEntry.objects.filter(message__contains=signed.digest).exists())
        self.assertContains(self.get("import_year", run.pk), "Signed off on")
        self.assertContains(self.get("import", run.pk), "was last signed off on")

    def test_a_comparison_shows_what_came_otherwise(self):
        run = self.planned()
        self.post("import_year", run.pk, digest=self.digest(run))
        self.post("import_start", run.pk, shop_is_off="on")
        self.deliver()
        self.fake.get(self.contract["customer"])["balance"] = -200
        self.pass_time(days=40)
        self.deliver()
        self.client.force_login(self.editor)
        self.post("import_verify", run.pk)
        page = self.get("import", run.pk)
        self.assertContains(page, "2 charges were announced until now, and 1 came as announced")
        self.assertContains(page, "€5.00 was announced for 2026-02-28, but €3.00 was charged")

    def test_who_may_not_import_sees_no_year(self):
        run = self.planned()
        self.client.force_login(make_member("Support"))
        for response in (self.get("import_year", run.pk), self.get("import_year_csv", run.pk)):
            self.assertEqual(response.status_code, 403)
        self.assertEqual(self.post("import_year", run.pk, digest="0").status_code, 403)

    def test_there_is_none_before_a_plan(self):
        run = ImportRun.objects.create(format="contracts", file="members.csv")
        self.assertEqual(self.get("import_year", run.pk).status_code, 404)
