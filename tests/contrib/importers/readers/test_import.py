"""What an import of readers makes of a list, and what it leaves alone."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from django.core import mail
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from subscriptions.access import Access
from subscriptions.models import AccountNote, Grant, User
from subscriptions.services.access import access_for
from tests.contrib.importers.readers.importing import MEMBERS, ReaderImportCase
from tests.factories import make_author, make_grant, make_user
from tests.subscriptions.journeys import code_for
from tests.truthlytics.newsletters.factories import make_address
from truthlytics.audit.log import AuditEntry
from truthlytics.contrib.importers.models import ImportedReader
from truthlytics.contrib.importers.progress import Stopped
from truthlytics.contrib.importers.readers import importing
from truthlytics.newsletters.models import Address, SignUp
from truthlytics.newsletters.services.deletion import delete_address
from truthlytics.privacy.deletion import delete_account


class NewReaderTests(ReaderImportCase):
    def test_accounts_with_what_the_list_says(self):
        self.import_lists(MEMBERS)
        self.assertEqual((self.status, User.objects.count()), (0, 3))
        ada = self.reader("ada@example.org")
        self.assertEqual(
            (ada.display_name, ada.member_since), ("Ada Orr", datetime(2022, 10, 18, 6, 34, 8, tzinfo=UTC))
        )
        self.assertFalse(ada.has_usable_password() or ada.verified_at or ada.last_login)
        self.assertEqual(
            [note.text for note in ada.account_notes.all()], ["Imported from Ghost. Labels: vip, founder. She is nice"]
        )
        self.assertEqual(self.reader("cy@example.org").display_name, "")

    def test_only_who_says_yes_gets_the_newsletter(self):
        self.import_lists(MEMBERS)
        self.assertEqual(self.signed_up(), {"ada@example.org", "cy@example.org"})
        sign_up = SignUp.objects.get(address__email="ada@example.org")
        self.assertEqual((sign_up.source, sign_up.origin), ("import", "Form on old.example"))
        self.assertEqual((sign_up.confirmed_at, sign_up.asked_at), (self.reader("ada@example.org").member_since,) * 2)

    def test_without_a_newsletter_nobody_is_signed_up(self):
        self.import_lists(MEMBERS, newsletter=None)
        self.assertFalse(Address.objects.exists())
        with self.assertRaisesMessage(CommandError, "--origin"):
            self.run_command(MEMBERS, origin=" ")

    def test_complimentary_access(self):
        self.import_lists(MEMBERS, free_until="2999-12-31")
        now = timezone.now()
        self.assertEqual(access_for(self.reader("bo@example.org"), now).level, 10)
        self.assertEqual(access_for(self.reader("ada@example.org"), now).level, 0)
        grant = Grant.objects.get()
        self.assertEqual(
            (grant.source, grant.ends_at.year, grant.note), ("comp", 2999, "Imported complimentary access")
        )

    def test_access_until_the_date_of_the_list(self):
        text = "email,type,expiry\na@example.org,gift,2999-05-01\nb@example.org,comp,2001-05-01\n"
        text += "c@example.org,paid,2999-06-01\n"
        self.import_lists(text, kind="substack")
        self.assertEqual([grant.user.email for grant in Grant.objects.all()], ["a@example.org"])
        self.import_lists(text, kind="substack", paid=True, level="supporter")
        paid = Grant.objects.get(user__email="c@example.org")
        self.assertEqual((paid.level, paid.ends_at.month), (20, 6))

    def test_they_log_in_with_a_code(self):
        self.import_lists(MEMBERS)
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(reverse("account_request_login_code"), {"email": "bo@example.org"})
        self.client.post(reverse("account_confirm_login_code"), {"code": code_for("bo@example.org")})
        bo = self.reader("bo@example.org")
        self.assertTrue(bo.verified_at)
        self.assertEqual(access_for(bo, timezone.now()), Access(level=10, may_comment=True, reason=""))
        mail.outbox.clear()

    def test_who_pays_gets_the_paid_part_of_the_newsletter_before_a_login(self):
        earlier = make_address(email="bo@example.org")
        self.import_lists(MEMBERS.replace("false", "true"))
        bo = self.reader("bo@example.org")
        self.assertEqual((bo.newsletter_address, bo.newsletter_address.sign_ups.count()), (earlier, 1))

    def test_a_name_that_readers_may_not_have(self):
        make_author(name="Ada Orr")
        self.import_lists(MEMBERS.replace("Bo,", "Moderator,"))
        self.assertEqual({user.display_name for user in User.objects.all()}, {""})
        self.assertIn("readers may not have here, which were left out: 2", self.output)

    def test_the_run_is_in_the_audit_log(self):
        run = self.import_lists(MEMBERS)
        entry = AuditEntry.objects.about(run).first()
        self.assertEqual(entry.message, "Readers imported: 3 new accounts, 0 completed, 2 signed up.")
        self.assertEqual(run.counts["new"], 3)

    def test_a_dry_run_writes_nothing(self):
        output, status = self.run_command(MEMBERS + "nobody,,,,,,,,,\n", dry_run=True)
        self.assertFalse(User.objects.exists() or Address.objects.exists() or AuditEntry.objects.exists())
        self.assertIn("Dry run: 3 new accounts, 0 completed, 0 unchanged; 2 signed up, 1 with access, 1 note.", output)
        self.assertIn("row 5: “nobody” is not an email address.", output)
        self.assertEqual(status, 2)


class RowTests(ReaderImportCase):
    def test_each_problem_is_a_sentence_with_its_row(self):
        rows = ["ada@example.org", "Ada@Example.org ", "ö@example.org", f"{'x' * 250}@example.org", "two words", "a@b"]
        self.import_lists("email\n" + "\n".join(rows) + "\n", kind="newsletter")
        self.assertEqual(User.objects.get().email, "ada@example.org")
        for sentence in (
            "row 3: It has the same address as row 2.",
            "row 4: Emails can’t be sent from here to “ö@example.org”.",
            "row 6: “two words” is not an email address.",
            "row 7: “a@b” is not an email address.",
        ):
            self.assertIn(sentence, self.output)

    def test_formulas_stay_text(self):
        self.import_lists("email,name,note\na@example.org,=cmd|'/c calc'!A0,+1\n@b@example.org,-2,@SUM(1)\n")
        self.assertEqual(self.reader("a@example.org").display_name, "=cmd|'/c calc'!A0")

    def test_requests_to_be_deleted_are_honoured(self):
        here = make_user(email="bo@example.org")
        text = "email,deleted at,newsletter\nada@example.org,,yes\nbo@example.org,2024-01-02,yes\n"
        self.import_lists(text, "email,deleted at\nada@example.org,2024-01-02\n", kind="csv")
        self.assertEqual(list(User.objects.all()), [here])
        self.assertFalse(Address.objects.exists())
        self.assertIn("bo@example.org has asked to be deleted, and is here. Decide whether", self.output)
        self.assertIn("This reader has asked to be deleted, so there is no account.", self.output)


class ExistingReaderTests(ReaderImportCase):
    def test_what_readers_had_deleted_here_does_not_come_back(self):
        delete_address(make_address(email="ada@example.org"), timezone.now())
        account = make_user(email="bo@example.org")
        delete_account(user=account, keep_comments=True)
        mail.outbox.clear()
        DBTaskResult.objects.all().delete()
        self.import_lists(MEMBERS)
        self.assertEqual(set(User.objects.exclude(pk=account.pk).values_list("email", flat=True)), {"cy@example.org"})
        self.assertEqual(self.signed_up(), {"cy@example.org"})
        self.assertIn("ada@example.org was deleted here at the reader’s request.", self.output)

    def test_they_are_completed_and_nothing_is_overwritten(self):
        since = datetime(2019, 1, 1, tzinfo=UTC)
        ada = make_user(email="ada@example.org", display_name="Countess", member_since=since, verified_at=since)
        password = ada.password
        self.import_lists(MEMBERS)
        ada.refresh_from_db()
        self.assertEqual((ada.display_name, ada.member_since, ada.password), ("Countess", since, password))
        self.assertEqual((ada.account_notes.count(), ada.newsletter_address.sign_ups.count()), (1, 1))

    def test_nobody_who_left_is_signed_up_again(self):
        left = make_address(self.newsletter, email="ada@example.org")
        left.sign_ups.update(ended_at=timezone.now(), source="footer")
        make_address(email="cy@example.org", suppression="complaint", suppressed_at=timezone.now())
        self.import_lists(MEMBERS)
        self.assertEqual(self.signed_up(), set())
        self.assertEqual(left.sign_ups.get().source, "footer")
        self.assertIn("because they have left the newsletter here: 2", self.output)

    def test_access_that_they_have_is_not_given_twice(self):
        bo = make_user(email="bo@example.org", verified_at=timezone.now())
        make_grant(bo, days=1000)
        self.import_lists(MEMBERS)
        self.assertEqual(bo.grants.count(), 1)

    def test_unconfirmed_and_closed_accounts_get_nothing(self):
        make_user(email="bo@example.org", verified=False, last_login=timezone.now())
        make_user(email="ada@example.org", is_active=False)
        self.import_lists(MEMBERS)
        self.assertFalse(Grant.objects.exists() or AccountNote.objects.filter(user__email="ada@example.org").exists())
        self.assertIn("has not confirmed bo@example.org", self.output)

    def test_a_second_import_changes_nothing(self):
        self.import_lists(MEMBERS)
        counts = [model.objects.count() for model in (User, AccountNote, Grant, Address, SignUp)]
        run = self.import_lists(MEMBERS)
        self.assertEqual(counts, [model.objects.count() for model in (User, AccountNote, Grant, Address, SignUp)])
        self.assertEqual(run.counts["unchanged"], 3)

    def test_a_second_list_completes_the_first(self):
        self.import_lists("email\nada@example.org\n", "email,name,newsletter\nada@example.org,Ada,yes\n", kind="csv")
        self.assertEqual((User.objects.get().display_name, self.signed_up()), ("Ada", {"ada@example.org"}))


class UnknownWordTests(ReaderImportCase):
    """Access depends on words: those that are not known give none."""

    TEXT = "email,status,paid until\na@x.org,active,2999-01-02\nb@x.org,ruhend,2999-01-02\nc@x.org,,2999-01-02\n"

    def test_the_dry_run_shows_them_and_they_give_no_access(self):
        text, status = self.run_command(self.TEXT, kind="csv", paid=True, dry_run=True)
        self.assertIn("“ruhend”: 1, not known, and refused until it is mapped (b@x.org)", text)
        self.assertIn("“active”: 1, taken for “active” (a@x.org)", text)
        self.assertEqual((status, text.count("No access: ")), (2, 2))
        self.import_lists(self.TEXT, kind="csv", paid=True)
        self.assertEqual([grant.user.email for grant in Grant.objects.select_related("user")], ["a@x.org"])
        self.assertEqual(User.objects.count(), 3)

    def test_a_mapping_says_what_they_mean(self):
        path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "mapping.json"
        path.write_text('{"words": {"status": {"ruhend": "over", "": "cancelled"}}}', encoding="utf-8")
        self.import_lists(self.TEXT, kind="csv", paid=True, mapping=path)
        emails = Grant.objects.order_by("user").values_list("user__email", flat=True)
        self.assertEqual((list(emails), self.status), (["a@x.org", "c@x.org"], 0))

    def test_yes_and_no_are_not_guessed(self):
        text = "email,comp,expires\na@x.org,perhaps,2999-01-02\nb@x.org,yes,soon\nc@x.org,yes,1/2/2999\n"
        self.import_lists(text, kind="csv")
        self.assertEqual(Grant.objects.count(), 0)

    def test_who_perhaps_wants_no_newsletter_gets_none(self):
        self.import_lists("email,opted out\na@x.org,perhaps\nb@x.org,no\n", kind="newsletter")
        self.assertEqual(self.signed_up(), {"b@x.org"})


class InterruptionTests(ReaderImportCase):
    def setUp(self):
        self.enterContext(mock.patch.object(importing, "BATCH_SIZE", 2))
        self.text = "email,labels,newsletter\n" + "".join(f"r{n}@example.org,vip,yes\n" for n in range(7))

    def test_it_goes_on_where_it_was_stopped(self):
        with mock.patch("truthlytics.contrib.importers.readers.work.Progress") as progress:
            progress.return_value.side_effect = [None, Stopped]
            with self.assertRaises(Stopped):
                self.import_lists(self.text, kind="csv")
        self.assertEqual(User.objects.count(), 4)
        first = ImportedReader.objects.latest("pk").run
        run = self.import_lists(self.text, kind="csv")
        self.assertEqual((run, run.status, run.counts["created"], User.objects.count()), (first, "done", 7, 7))
        self.assertEqual((AccountNote.objects.count(), SignUp.objects.count()), (7, 7))

    def test_a_reader_who_signs_up_at_the_same_moment(self):
        account, seen = importing._account, []

        def race(decision, now):
            if not seen:
                seen.append(make_user(email=decision.reader.email, verified_at=now))
            return account(decision, now)

        with mock.patch.object(importing, "_account", race), mock.patch.object(importing, "ATTEMPTS", 3):
            self.import_lists(self.text, kind="csv")
        self.assertEqual(User.objects.count(), 7)

    def test_the_number_of_queries_does_not_depend_on_the_size_of_a_batch(self):
        counts = []
        for size in (20, 200):
            text = "email,labels,comp,newsletter\n" + "".join(f"r{n}-{size}@x.org,vip,yes,yes\n" for n in range(size))
            with mock.patch.object(importing, "BATCH_SIZE", 500), CaptureQueriesContext(connection) as queries:
                self.import_lists(text, kind="csv")
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])
