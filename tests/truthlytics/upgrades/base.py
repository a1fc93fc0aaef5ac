"""Runs `upgrade` with folders of its own. Of the commands and programs that it calls, only `migrate` is run."""

import tempfile
from io import StringIO
from pathlib import Path
from unittest import mock

from django.core.management import call_command
from django.test import override_settings, tag

from tests.transactions import TransactionTestCase
from truthlytics.management.commands import upgrade

# What is called before and after the migrations.
PROBE = "truthlytics.server.probe"
CHECKS, CHANGES = ["check", "collectstatic"], ["publish", "check", PROBE]


@tag("all_features")
class UpgradeCase(TransactionTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.keys = Path(self.enterContext(tempfile.TemporaryDirectory()))
        places = {"BACKUP_TO": str(self.folder), "RECORD_KEY_FILE": self.keys / "key.pem"}
        self.enterContext(override_settings(STATIC_ROOT=self.folder / "static", **places))
        self.called = []
        self.failing = {}
        real = call_command

        def note(name):
            self.called.append(name)
            error = self.failing.get(name)
            # A list has what happens each time, the first time last.
            if error := error.pop() if isinstance(error, list) else error:
                raise error

        def call(name, *args, **options):
            note(name := name if isinstance(name, str) else "migrate")
            if name == "migrate":
                real(name, *args, **options)

        def run(*arguments, **environ):
            note(arguments[1])
            return ""

        self.enterContext(mock.patch.multiple(upgrade, call_command=call, run=run, WAITING=self.folder / "next"))
        self.enterContext(mock.patch.object(upgrade.staticfiles, "publish", lambda *folders: note("publish")))

    def upgrade(self):
        call_command("upgrade", stdout=(said := StringIO()))
        return said.getvalue()
