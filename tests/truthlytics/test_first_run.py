"""What the first run costs, in seconds of the processor: people wait for it, and each run of CI pays it."""

import os
import resource
import subprocess
import sys
import tempfile
from io import StringIO
from time import process_time

from django.core.management import call_command
from django.test import tag

from tests.budget import slowness, takes_longer
from tests.transactions import TransactionTestCase
from truthlytics.backups import databases
from truthlytics.env import BASE_DIR

# Seconds of a quiet machine, where they cost three and fifteen.
MIGRATE, DEMO = 6, 28


@tag("sqlite")
class FirstRunTests(TransactionTestCase):
    @takes_longer("A limit is reached by many requests.")
    def test_an_empty_database_is_migrated(self):
        with databases.scratch():
            slow, before = slowness(), process_time()
            call_command("migrate", verbosity=0, stdout=StringIO())
            cost = process_time() - before
        self.assertLess(cost / max(slow, slowness()), MIGRATE)

    def test_the_demo_is_prepared_and_says_what_it_does(self):
        with tempfile.TemporaryDirectory() as folder:
            slow, before = slowness(), resource.getrusage(resource.RUSAGE_CHILDREN)
            said = subprocess.run(
                [sys.executable, str(BASE_DIR / "manage.py"), "demo", "--no-serve"],
                env={"PATH": os.environ["PATH"], "VAR_DIR": folder, "STATIC_ROOT": f"{folder}/static"},
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        steps = (
            "Preparing the database",
            "Loaded images",
            "Loaded articles",
            "Collecting the static files",
            "The site:",
        )
        self.assertEqual(sorted(steps, key=said.index), list(steps))
        cost = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.assertLess(cost / max(slow, slowness()), DEMO)
