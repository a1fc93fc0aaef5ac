"""The worked examples of docs/contributing.md work as they are written there."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from django.test import TestCase, tag

from tests import template_database
from tests.budget import takes_longer
from tests.worked_examples.applying import ROOT, Examples

# What the examples add, and tests that fail if the page leaves out a step.
TESTS = [
    "tests.worked_examples.shown",
    "tests.articles.models.test_text_fields",
    "tests.subscriptions.emails.test_facts",
    "tests.subscriptions.emails.test_life.LifeTests.test_a_yearly_renewal_is_announced",
    "tests.subscriptions.emails.test_life.LifeTests.test_a_period_by_transfer_is_reminded_of_and_extended",
    "tests.subscriptions.test_email_choices",
    "tests.subscriptions.test_reminders.ReminderTests",
    "tests.contrib.exports.test_contents.ContentsTests",
    "tests.contrib.exports.test_other_releases.StoredExportTests",
    "tests.truthlytics.upgrades.test_old_code.ProjectTests",
]
# In one process, whose database begins as the tests' own and is migrated from there.
RUN = """
import django
from django.core.management import call_command
django.setup()
call_command("makemigrations", verbosity=0)
call_command("test", *{tests}, keepdb=True)
"""


# Its database is SQLite's.
@tag("sqlite")
@tag("all_features")
class ExamplesTests(TestCase):
    @takes_longer("The whole tree is copied.")
    def test_they_can_be_applied_and_do_what_they_say(self):
        copy = Path(self.enterContext(tempfile.TemporaryDirectory())) / "copy"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(".*", "__pycache__", "var"))
        Examples(copy).apply()
        (copy / "var").mkdir()
        shutil.copyfile(template_database.FOLDER / f"{template_database.name()}.sqlite3", copy / "var/test.sqlite3")
        command = [sys.executable, "-c", RUN.format(tests=TESTS), "test"]
        own = {"DATABASE_URL", "PAGE_CACHE_FILE", "VAR_DIR"}
        environment = {name: value for name, value in os.environ.items() if name not in own}
        environment["DJANGO_SETTINGS_MODULE"] = "truthlytics.settings"
        result = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
