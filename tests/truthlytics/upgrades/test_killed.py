"""`kill -9` of an upgrade between two versions, and the start of the site after it."""

import tempfile
from pathlib import Path

from django.test import SimpleTestCase, tag

from tests.budget import takes_longer
from tests.truthlytics.upgrades.killed import Site, collect


@tag("all_features")
@tag("sqlite")
@takes_longer("A site of a former release is upgraded twice, in processes of its own.")
class KilledUpgradeTests(SimpleTestCase):
    """Two of the steps; `python -m tests.truthlytics.upgrades.killed` stops after each of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.collected = collect(cls.folder / "collected")

    def start_after(self, text):
        """Stop an upgrade, and return the statuses of pages after a start, with what of two comments is there."""
        site = Site(self.folder / text.split()[0])
        site.use_old_files(self.collected)
        written = [site.write()]
        site.upgrade_until(text)
        written.append(site.write())
        statuses, refused = site.start("serve")
        self.assertEqual((statuses, "Run `manage.py upgrade`" in refused), ({}, True), refused)
        statuses, output = site.start()
        self.assertGreater(len(statuses), 5, output)
        self.assertEqual(set(statuses.values()), {200}, statuses)
        self.assertEqual(site.rows("comments_comment", f"id IN ({written[0]}, {written[1]})"), 2)

    def test_between_two_migrations(self):
        self.start_after(" OK")

    def test_between_tables_and_static_files(self):
        self.start_after("Putting the static files in place")
