"""Run the import of readers as its command does."""

import contextlib
import io
import tempfile
from pathlib import Path

from django.core import mail
from django.core.management import call_command
from django.test import TestCase
from django_tasks_db.models import DBTaskResult

from subscriptions.models import User
from tests.truthlytics.newsletters.factories import make_newsletter
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.newsletters.models import SignUp

MEMBERS = """\
email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers
ADA@example.org,Ada Orr,She is nice,true,,,2022-10-18T06:34:08.000Z,,"vip, founder",
bo@example.org,Bo,,false,true,,2021-01-02T00:00:00.000Z,,,Gold
cy@example.org,,,true,,cus_1,2020-01-02T00:00:00.000Z,,,Gold
"""


class ReaderImportCase(TestCase):
    """Asserts after each test that no email was sent, nor is to be sent."""

    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter(name="Weekly", slug="weekly")

    def run_command(self, *lists, kind="ghost", origin="Form on old.example", **options):
        """Import lists, given as texts. Returns what the command wrote, and its exit status."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        paths = []
        for number, text in enumerate(lists, start=1):
            paths.append(folder / f"list-{number}.csv")
            paths[-1].write_text(text, encoding="utf-8")
        out, status = io.StringIO(), 0
        options = {"newsletter": "weekly", "origin": origin} | options
        with self.captureOnCommitCallbacks(execute=True), contextlib.redirect_stderr(out):
            try:
                call_command("import_readers", *paths, kind=kind, stdout=out, **options)
            except SystemExit as error:
                status = error.code
        return out.getvalue(), status

    def import_lists(self, *lists, **options):
        """Import lists and return the run."""
        self.output, self.status = self.run_command(*lists, **options)
        return ImportRun.objects.latest("pk")

    def undo(self, run, **options):
        out = io.StringIO()
        call_command("import_readers", undo=run.pk, stdout=out, **options)
        return out.getvalue()

    def reader(self, email):
        return User.objects.get(email=email)

    def signed_up(self):
        return set(SignUp.objects.active().values_list("address__email", flat=True))

    def tearDown(self):
        self.assertEqual(mail.outbox, [])
        self.assertFalse(DBTaskResult.objects.filter(task_path__contains="mail").exists())
        super().tearDown()
