"""Keys of readers whose account is taken back or deleted, and in the file that they download."""

import json

from django.test import TestCase

from subscriptions.services.email_changes import record_change, undo_change
from tests.factories import make_user
from truthlytics.contrib.api.models import Key
from truthlytics.privacy.deletion import delete_account
from truthlytics.privacy.export import export_data


class AccountTests(TestCase):
    def setUp(self):
        self.reader = make_user()

    def test_the_file_has_keys_without_what_would_find_them(self):
        row, key = Key.objects.issue(name="Archive", reader=self.reader)
        Key.objects.issue(name="Not theirs", created_by=self.reader)
        (found,) = export_data(self.reader)["api_keys"]
        self.assertEqual(
            found, {"name": "Archive", "created_at": row.created_at, "last_used_at": None, "revoked_at": None}
        )
        text = json.dumps(export_data(self.reader), default=str)
        for secret in (key, row.digest, row.start, "Not theirs"):
            self.assertNotIn(secret, text)

    def test_an_account_that_is_taken_back_has_no_keys(self):
        other, _key = Key.objects.issue(name="Of another reader", reader=make_user())
        change = record_change(self.reader, old="nadia@example.org", new=self.reader.email)
        Key.objects.issue(name="Of the thief", reader=self.reader)
        self.assertTrue(undo_change(change=change))
        self.assertEqual(list(Key.objects.active()), [other])

    def test_a_deleted_account_has_no_keys(self):
        Key.objects.issue(name="Mine", reader=self.reader)
        publications, _key = Key.objects.issue(name="Archive", created_by=self.reader)
        self.assertTrue(delete_account(user=self.reader, keep_comments=True))
        self.assertEqual(list(Key.objects.all()), [publications])
