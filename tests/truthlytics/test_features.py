"""Features that are switched off: a whole site without their addresses, menus, jobs and code."""

import os
import subprocess
import sys
from pathlib import Path

from django.test import SimpleTestCase

from tests.budget import takes_longer
from truthlytics.env import BASE_DIR, FEATURES

LOOK = """
import django
django.setup()
import sys
from django.contrib import admin
from django.core.management import get_commands
from django.template.loader import get_template
from django.urls import NoReverseMatch, reverse
from truthlytics.jobs.listed import GROUPS
from truthlytics.newsroom.navigation import all_areas
from truthlytics.urls import urlpatterns

for name in ("imports", "import_readers"):
    try:
        raise SystemExit(f"There is {reverse(f'admin:{name}')}.")
    except NoReverseMatch:
        pass
get_template("admin/articles/_status_panel.html")
labels = [job.label for group in GROUPS for job in group.jobs]
names = [str(item.name) for area in all_areas() for item in area.items]
assert "uploaded exports deleted" not in labels and "digests made" in labels, labels
assert "Import" not in names and "Settings" in names, names
assert "import_site" not in get_commands() and "export_site" in get_commands()
loaded = [module for module in sys.modules if module.startswith("truthlytics.contrib.")]
assert not loaded, loaded
print("all of it")
"""


def run(*command, features=""):
    environment = os.environ | {"FEATURES": features, "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "truthlytics.settings"}
    result = subprocess.run(
        [sys.executable, *command], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    return result.returncode, result.stdout + result.stderr


class FeaturesTests(SimpleTestCase):
    def test_each_folder_is_a_feature_that_is_on_by_default(self):
        folders = [path.parent.name for path in Path(BASE_DIR, "truthlytics/contrib").glob("*/apps.py")]
        self.assertCountEqual(folders, FEATURES)

    @takes_longer("The site is started.")
    def test_without_features_nothing_of_them_is_left(self):
        self.assertEqual(run("-c", LOOK), (0, "all of it\n"))

    @takes_longer("The site is started.")
    def test_without_features_models_and_migrations_agree(self):
        status, said = run("manage.py", "makemigrations", "--check", "--dry-run")
        self.assertEqual((status, "No changes detected" in said), (0, True), said)

    @takes_longer("The site is started.")
    def test_an_unknown_one_is_refused(self):
        status, said = run("manage.py", "check", features="importers,tides")
        self.assertEqual(status, 1)
        self.assertIn("FEATURES names “tides”, which is no feature.", said)
