"""Runs `upgrade` with folders of its own. Of the commands that it calls, only `migrate` is run."""

import tempfile
from io import StringIO
from pathlib import Path
from unittest import mock

from django.core.management import call_command
from django.test import override_settings

from tests.transactions import TransactionTestCase
from truthlytics.management.commands import upgrade


class UpgradeCase(TransactionTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.keys = Path(self.enterContext(tempfile.TemporaryDirectory()))
        places = {"BACKUP_TO": str(self.folder), "RECORD_KEY_FILE": self.keys / "key.pem"}
        self.enterContext(override_settings(STATIC_ROOT=self.folder / "static", **places))
        self.called = []
        self.failing = {}
        real = call_command

        def call(name, *args, **options):
            self.called.append(name)
            if name in self.failing:
                raise self.failing[name]
            if name == "migrate":
                real(name, *args, **options)

        self.enterContext(mock.patch.object(upgrade, "call_command", call))

    def upgrade(self):
        call_command("upgrade", stdout=(said := StringIO()))
        return said.getvalue()
