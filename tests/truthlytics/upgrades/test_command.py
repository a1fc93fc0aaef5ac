"""`upgrade`: each step in its order, and what it says when one fails."""

from io import StringIO
from unittest import mock

from django.core.management import call_command
from django.core.management.base import CommandError, SystemCheckError
from django.db import OperationalError, ProgrammingError
from django.test import SimpleTestCase, override_settings

from tests.budget import takes_longer
from tests.factories import make_article
from tests.truthlytics.upgrades.base import CHANGES, CHECKS, PROBE, UpgradeCase
from truthlytics.management.commands import upgrade


class UpgradeCommandTests(UpgradeCase):
    def setUp(self):
        super().setUp()
        self.pending = [(mock.Mock(app_label="articles", name="0099_more"), False)]

    def refused(self, **options):
        """Return what an upgrade says that is refused."""
        with self.assertRaises(CommandError) as caught:
            call_command("upgrade", stdout=StringIO(), **options)
        return str(caught.exception)

    def with_migrations(self):
        make_article()
        self.enterContext(mock.patch.object(upgrade, "plan", return_value=self.pending))

    def test_without_new_migrations_the_database_is_left_alone(self):
        said = self.upgrade()
        self.assertEqual(self.called, [*CHECKS, *CHANGES])
        self.assertIn("The database is up to date.", said)
        self.assertEqual([path.name for path in self.keys.iterdir()], ["key.pem"])
        self.assertIn("install the earlier code again; the database can stay", said)
        self.assertEqual(list(self.folder.iterdir()), [])

    @override_settings(THEME_DIR="/srv/theme")
    def test_everything_is_checked_before_anything_is_changed(self):
        self.with_migrations()
        backup = mock.patch.object(upgrade, "make", side_effect=lambda target: self.called.append("backup"))
        with backup, mock.patch.object(upgrade.Command, "step", self.quiet_step):
            call_command("upgrade", stdout=StringIO())
        self.assertEqual(self.called, [*CHECKS, "theme", "backup", "migrate", *CHANGES])

    @staticmethod
    def quiet_step(command, name, run):
        if name == "Backing up":
            return upgrade.make(command.target)
        return run()

    @override_settings(THEME_DIR="/srv/theme")
    def test_what_a_check_finds_changes_nothing_and_says_so(self):
        self.with_migrations()
        errors = {
            "check": (SystemCheckError("Set SMTP_URL."), "Checking the settings and plug-ins failed: Set SMTP_URL."),
            "collectstatic": (CommandError("no file img/x.png"), "in a folder of their own failed: no file img/x.png"),
            "theme": (CommandError("_meta.html: Invalid block tag"), "Checking the theme failed: _meta.html"),
        }
        for name, (error, message) in errors.items():
            self.failing = {name: error}
            with self.subTest(name):
                said = self.refused()
                self.assertIn(message, said)
                self.assertIn("\nNothing was changed.\nTo return, install the earlier code again", said)
        self.assertNotIn("migrate", self.called)
        self.assertEqual((list(self.folder.iterdir()), list(self.keys.iterdir())), ([], []))

    def test_a_disk_without_room_for_the_backup_changes_nothing(self):
        self.with_migrations()
        with mock.patch.object(upgrade.shutil, "disk_usage", return_value=mock.Mock(free=upgrade.MIN_FREE + 10)):
            said = self.refused()
        self.assertRegex(said, "before-upgrade-.* needs [0-9].*MB on its disk, and 256.* free.\nNothing was changed")
        self.assertEqual(self.called, ["check"])

    def test_a_check_that_reads_a_table_to_come_waits_for_it(self):
        self.with_migrations()
        self.failing = {"check": [None, ProgrammingError("no such table: harbour_counter")]}
        with mock.patch.object(upgrade.Command, "migrate"), mock.patch.object(upgrade, "make"):
            said = self.upgrade()
        self.assertIn("A check has to wait for the migrations: no such table: harbour_counter", said)

    @takes_longer("A database is migrated.")
    def test_a_failed_step_says_what_was_done_and_how_to_return(self):
        self.with_migrations()
        steps = {
            "migrate": (
                OperationalError("the disk is full"),
                "Migrating failed: the disk is full",
                "0 of 1 migrations",
            ),
            "publish": (OSError("no space"), "Putting the static files in place failed: no space", "1 migrations"),
            PROBE: (
                CommandError("500 /articles/harbour/"),
                "an article failed: 500 /articles/harbour/",
                "static files",
            ),
        }
        for number, (name, (error, *messages)) in enumerate(steps.items()):
            self.failing = {name: error}
            with self.subTest(name):
                said = self.refused(backup=self.folder / str(number))
                for message in (*messages, f"a backup in {self.folder / str(number)}", "To return, stop the services"):
                    self.assertIn(message, said)

    def test_without_a_backup_nothing_is_changed(self):
        self.with_migrations()
        (self.folder / "file").touch()
        for target, message in ((self.folder / "file" / "below", "may not write to"), (self.folder, "exists. Choose")):
            with self.subTest(message):
                said = self.refused(backup=target)
                self.assertIn(message, said)
                self.assertIn("Nothing was changed.", said)
        self.assertEqual(set(self.called), {"check"})


class RunTests(SimpleTestCase):
    def test_what_another_process_says_is_passed_on(self):
        self.assertEqual(upgrade.run("-c", "import os; print(os.environ['STATIC_ROOT'])", STATIC_ROOT=1), "1\n")
        with self.assertRaisesMessage(CommandError, "first\nsecond"):
            upgrade.run("-c", "import sys; print('first'); sys.exit('second')")
