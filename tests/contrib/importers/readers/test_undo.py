"""Undoing an import of readers."""

from unittest import mock

from django.utils import timezone

from comments.models import Comment
from subscriptions.models import AccountNote, Grant, User
from tests.contrib.importers.readers.importing import MEMBERS, ReaderImportCase
from tests.factories import make_comment, make_user
from tests.truthlytics.newsletters.factories import make_address, make_issue
from truthlytics.contrib.importers.models import ImportedReader
from truthlytics.contrib.importers.readers import undoing
from truthlytics.newsletters.models import Address, Delivery, SignUp

TABLES = (User, AccountNote, Grant, Address, SignUp, ImportedReader)


def stored():
    """Every row of the tables that an import of readers writes, field by field."""
    return [list(model.objects.order_by("pk").values()) for model in TABLES]


class UndoTests(ReaderImportCase):
    def setUp(self):
        self.ada = make_user(email="ada@example.org", display_name="", verified_at=timezone.now())
        make_address(email="bo@example.org")
        self.before = stored()

    def test_everything_is_as_before(self):
        run = self.import_lists(MEMBERS, "email,name,newsletter\ncy@example.org,Cy,yes\n")
        self.assertEqual(User.objects.count(), 3)
        output = self.undo(run)
        self.assertEqual(stored(), self.before)
        self.assertIn("2 accounts, 2 sign-ups, 1 grant and 1 note to remove; 0 accounts to keep.", output)
        run.refresh_from_db()
        self.assertEqual((run.status, run.counts), ("undone", {}))

    def test_it_can_be_imported_again(self):
        run = self.import_lists(MEMBERS)
        self.undo(run)
        self.assertEqual(self.import_lists(MEMBERS).counts["created"], 2)

    def test_a_dry_run_removes_nothing(self):
        run = self.import_lists(MEMBERS)
        after = stored()
        self.undo(run, dry_run=True)
        self.assertEqual(stored(), after)

    def test_it_goes_on_after_an_interruption(self):
        run = self.import_lists(MEMBERS)
        self.enterContext(mock.patch.object(undoing, "BATCH_SIZE", 1))
        broken = mock.patch.object(undoing, "_take_back_names", side_effect=[None, ZeroDivisionError])
        with broken, self.assertRaises(ZeroDivisionError):
            self.undo(run)
        self.assertEqual(ImportedReader.objects.count(), 2)
        self.undo(run)
        self.assertEqual(stored(), self.before)

    def test_readers_who_did_something_stay(self):
        run = self.import_lists(MEMBERS)
        User.objects.filter(email="bo@example.org").update(last_login=timezone.now(), verified_at=timezone.now())
        comment = make_comment(author=self.reader("cy@example.org"))
        self.assertIn("1 account to keep", self.undo(run))
        self.assertEqual(User.objects.filter(email__in=("bo@example.org", "cy@example.org")).count(), 2)
        self.assertEqual((Comment.objects.get(), Grant.objects.count()), (comment, 0))

    def test_who_left_meanwhile_has_left(self):
        run = self.import_lists(MEMBERS)
        SignUp.objects.filter(address__email="cy@example.org").update(ended_at=timezone.now())
        self.undo(run)
        self.assertTrue(SignUp.objects.filter(address__email="cy@example.org", ended_at__isnull=False).exists())

    def test_the_consent_of_readers_who_got_an_issue_stays_on_record(self):
        run = self.import_lists(MEMBERS)
        address = Address.objects.get(email="cy@example.org")
        Delivery.objects.create(issue=make_issue(self.newsletter), address=address, level=0)
        self.undo(run)
        sign_up = SignUp.objects.get(address=address)
        self.assertTrue(sign_up.ended_at)
        self.assertEqual(sign_up.origin, "Form on old.example")

    def test_access_that_was_taken_back_stays_on_record(self):
        run = self.import_lists(MEMBERS)
        Grant.objects.update(revoked_at=timezone.now(), revoked_by="Ann")
        self.undo(run)
        self.assertEqual(Grant.objects.get().revoked_by, "Ann")

    def test_a_name_that_the_reader_chose_stays(self):
        run = self.import_lists(MEMBERS)
        self.ada.refresh_from_db()
        self.assertEqual(self.ada.display_name, "Ada Orr")
        User.objects.filter(pk=self.ada.pk).update(display_name="Countess")
        self.undo(run)
        self.ada.refresh_from_db()
        self.assertEqual(self.ada.display_name, "Countess")
