"""The pages of an import of readers: choose, plan, correct the columns, import, report, undo."""

import csv
import json
from datetime import timedelta

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Grant, User
from tests.contrib.importers.newsroom.test_pages import ImportPageCase
from tests.factories import make_member
from tests.truthlytics.newsletters.factories import make_newsletter
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.uploads import delete_expired
from truthlytics.newsletters.models import SignUp

LIST = b"email,name,date\nada@example.org,Ada,2021-02-03\nbo@example.org,Bo,2022-02-03\nno address,,\n"


class ReaderPageCase(ImportPageCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.newsletter = make_newsletter(name="Weekly")

    def choose(self, data=LIST, name="list.csv", **fields):
        """Upload a list, and return the run after its dry run."""
        response = self.send(data, name, **fields)
        self.assertEqual(response.status_code, 302, response.context and response.context["form"].errors)
        return ImportRun.objects.latest("pk")

    def send(self, data=LIST, name="list.csv", **fields):
        until = f"{timezone.localdate().year + 1}-12-31"
        defaults = {"kind": "newsletter", "level": "10", "free_until": until, "newsletter": self.newsletter.pk}
        fields = defaults | {"origin": "Form on old.example"} | fields
        return self.post("import_readers", files=SimpleUploadedFile(name, data), **fields)

    def imported(self, **fields):
        run = self.choose(**fields)
        self.post("import_start", run.pk)
        run.refresh_from_db()
        self.assertEqual((run.status, run.problem), ("done", ""))
        return run


class ReaderPageTests(ReaderPageCase):
    def test_the_plan_says_what_becomes_of_readers(self):
        run = self.choose()
        page = self.get("import", run.pk)
        self.assertContains(page, "Is signed up for “Weekly”, with consent of 3 Feb 2021.")
        self.assertContains(page, "“no address” is not an email address.")
        self.assertContains(page, "Row 4:")
        self.assertFalse(User.objects.exclude(pk=self.user.pk).exists())

    def test_the_plan_of_each_reader_is_downloaded(self):
        run = self.choose(b"email,name,comp\na@x.org,=cmd(),yes\na@x.org,A,yes\n", kind="csv")
        page = self.get("import_plan", run.pk)
        rows = list(csv.reader(b"".join(page.streaming_content).decode().splitlines()))
        self.assertEqual(rows[0], ["file", "row", "email", "name", "outcome", "details"])
        self.assertEqual(rows[1][1:5], ["2", "a@x.org", "'=cmd()", "New account"])
        self.assertEqual(rows[2][4], "Existing account completed")
        self.assertIn("Imported complimentary access: Subscriber", rows[1][5])
        self.client.force_login(make_member("Editor"))
        self.assertEqual(self.get("import_plan", run.pk).status_code, 403)

    def test_words_that_access_depends_on_are_shown_and_explained(self):
        data = b"email,status,paid until\na@x.org,ruhend,2999-01-02\nb@x.org,active,2999-01-02\n"
        run = self.choose(data, kind="csv", gives_paid="on")
        page = self.get("import", run.pk)
        self.assertContains(page, "1 row not known")
        self.assertContains(page, "No access: “ruhend” is not known")
        self.assertEqual(self.get("import_mapping", run.pk).json()["words"], {"status": {"ruhend": ""}})
        self.post("import_check", run.pk, topic=["status"], word=["ruhend"], meaning=["cancelled"])
        self.assertNotContains(self.get("import", run.pk), "No access:")
        self.post("import_start", run.pk)
        self.assertEqual(Grant.objects.count(), 2)

    def test_an_import_and_its_undo(self):
        run = self.imported()
        self.assertEqual(SignUp.objects.filter(source="import", origin="Form on old.example").count(), 2)
        page = self.get("import", run.pk)
        self.assertContains(page, "What was done")
        self.assertContains(self.get("import_report", run.pk), "rows without a usable email address")
        self.assertContains(self.get("import_undo", run.pk), "Accounts that nobody has used")
        self.post("import_undo", run.pk)
        self.assertFalse(User.objects.exclude(pk=self.user.pk).exists() or SignUp.objects.exists())
        self.assertEqual(mail.outbox, [])

    def test_a_column_is_corrected(self):
        run = self.choose(b"email,who\nada@example.org,Ada\n")
        self.assertContains(self.get("import", run.pk), '<option value="name">Name</option>', html=True)
        self.post("import_check", run.pk, heading=["email", "who"], field=["email", "name"])
        self.post("import_start", run.pk)
        self.assertEqual(User.objects.get(email="ada@example.org").display_name, "Ada")

    def test_a_list_without_addresses_shows_its_columns_to_correct(self):
        run = self.choose(b"contact,who\nada at example,Ada\n")
        page = self.get("import", run.pk)
        self.assertContains(page, "no column of email addresses")
        self.assertContains(page, "ada at example")
        self.assertNotContains(page, "Start the import")

    def test_options_are_changed_on_the_page_of_the_run(self):
        run = self.choose(b"email,comp\nada@example.org,yes\n")
        options = {"kind": "csv", "level": "20", "free_until": "2999-01-01", "newsletter": ""}
        self.assertEqual(self.post("import_check", run.pk, **options).status_code, 422)
        options["free_until"] = f"{timezone.localdate().year + 2}-01-01"
        self.post("import_check", run.pk, **options)
        self.post("import_start", run.pk)
        self.assertEqual((Grant.objects.get().level, SignUp.objects.count()), (20, 0))

    def test_consent_needs_an_origin(self):
        response = self.send(origin=" ")
        self.assertContains(response, "Say where their consent comes from", status_code=422)
        self.assertEqual(self.send(origin=" ", newsletter="").status_code, 302)

    def test_unknown_choices_are_refused_or_ignored(self):
        for fields in ({"kind": "x"}, {"level": "100"}, {"newsletter": "999"}, {"free_until": "1999-01-01"}):
            with self.subTest(fields):
                self.assertEqual(self.send(**fields).status_code, 422)
        run = self.choose()
        self.post("import_check", run.pk, heading=["email", "name"], field=["email", "password"])
        run.refresh_from_db()
        self.assertEqual(run.options["columns"], {"email": "email"})

    def test_what_was_found_out_is_deleted_after_a_week(self):
        run = self.choose()
        self.assertContains(self.get("import", run.pk), "ada@example.org")
        delete_expired(timezone.now() + timedelta(days=8))
        self.assertNotContains(self.get("import", run.pk), "ada@example.org")

    def test_only_publishers(self):
        run = self.choose()
        for role, status in (("Publisher", 200), ("Editor", 403), ("Support", 403)):
            with self.subTest(role):
                self.client.force_login(make_member(role))
                for page in (self.get("import_readers"), self.get("import", run.pk), self.get("import_undo", run.pk)):
                    self.assertEqual(
                        page.status_code, 302 if role == "Publisher" and page.status_code == 302 else status
                    )

    def test_without_newsletters_there_is_nothing_to_sign_up_for(self):
        self.newsletter.delete()
        self.assertNotContains(self.get("import_readers"), "Where their consent comes from")
        self.imported(newsletter="", origin="")

    def test_lists_of_articles_and_readers_do_not_mix(self):
        run = self.choose()
        url = reverse("admin:import", args=[run.pk])
        self.assertContains(self.get("import_readers"), url)
        self.assertNotContains(self.get("imports"), url)


class GhostTests(ReaderPageCase):
    EXPORT = {
        "db": [
            {
                "meta": {"version": "5.0.0"},
                "data": {
                    "posts": [{"id": "1", "title": "A", "slug": "a", "html": "<p>a</p>", "status": "draft"}],
                    "members": [
                        {"id": "1", "email": "Ada@example.org", "name": "Ada", "status": "comped"},
                        {"id": "2", "email": "bo@example.org", "name": "Bo", "status": "free", "email_disabled": True},
                    ],
                    "newsletters": [{"id": "9", "name": "Daily"}],
                    "members_newsletters": [{"member_id": "1"}, {"member_id": "2"}],
                    "labels": [{"id": "7", "name": "vip"}],
                    "members_labels": [{"member_id": "1", "label_id": "7"}],
                },
            }
        ]
    }

    def test_an_export_with_members_offers_to_import_them(self):
        data = json.dumps(self.EXPORT).encode()
        archive = ImportPageCase.choose(self, data, "ghost.json", format="ghost")
        self.assertContains(self.get("import", archive.pk), "The export has 2 members")
        page = self.get("import_readers", export=archive.pk)
        upload = archive.files[0]["upload"]
        self.assertContains(page, f'value="{upload}" id="id_uploads_0" checked')
        response = self.post(
            "import_readers", uploads=[upload], kind="ghost", level="10", newsletter=self.newsletter.pk,
            origin="Ghost", free_until=f"{timezone.localdate().year + 1}-12-31",
        )  # fmt: skip
        self.assertEqual(response.status_code, 302)
        run = ImportRun.objects.latest("pk")
        self.post("import_start", run.pk)
        ada = User.objects.get(email="ada@example.org")
        self.assertEqual((ada.grants.count(), ada.account_notes.get().text), (1, "Imported from Ghost. Labels: vip."))
        self.assertEqual([row.address.email for row in SignUp.objects.all()], ["ada@example.org"])
