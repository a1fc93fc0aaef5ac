"""`upgrade`: each step in its order, and what it says when one fails."""

from io import StringIO
from unittest import mock

from django.core.management import call_command
from django.core.management.base import CommandError, SystemCheckError
from django.db import OperationalError

from tests.budget import takes_longer
from tests.factories import make_article
from tests.truthlytics.upgrades.base import UpgradeCase
from truthlytics.management.commands import upgrade


class UpgradeCommandTests(UpgradeCase):
    def test_without_new_migrations_the_database_is_left_alone(self):
        said = self.upgrade()
        self.assertEqual(self.called, ["collectstatic", "check"])
        self.assertIn("The database is up to date.", said)
        self.assertEqual([path.name for path in self.keys.iterdir()], ["key.pem"])
        self.assertIn("install the earlier code again; the database can stay", said)
        self.assertEqual(list(self.folder.iterdir()), [])

    @takes_longer("A database is migrated.")
    def test_a_failed_step_says_what_was_done_and_how_to_return(self):
        make_article()
        pending = [(mock.Mock(app_label="articles", name="0099_more"), False)]
        self.enterContext(mock.patch.object(upgrade, "plan", return_value=pending))
        steps = {
            "migrate": (
                OperationalError("the disk is full"),
                "Migrating failed: the disk is full",
                "0 of 1 migrations",
            ),
            "check": (SystemCheckError("Set SMTP_URL."), "Checking the settings failed: Set SMTP_URL.", "1 migrations"),
        }
        for number, (name, (error, *messages)) in enumerate(steps.items()):
            self.failing = {name: error}
            with self.subTest(name), self.assertRaises(CommandError) as caught:
                call_command("upgrade", "--backup", self.folder / str(number), stdout=StringIO())
            for message in (*messages, f"a backup in {self.folder / str(number)}", "To return, stop the services"):
                self.assertIn(message, str(caught.exception))

    def test_without_a_backup_nothing_is_changed(self):
        pending = [(mock.Mock(app_label="articles", name="0099_more"), False)]
        self.enterContext(mock.patch.object(upgrade, "plan", return_value=pending))
        (self.folder / "file").touch()
        with self.assertRaisesMessage(CommandError, "Nothing was changed."):
            call_command("upgrade", "--backup", self.folder / "file" / "below", stdout=StringIO())
        self.assertEqual(self.called, [])
