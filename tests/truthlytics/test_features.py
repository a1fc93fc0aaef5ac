"""Features that are switched off: a whole site without their addresses, menus, jobs and code."""

import os
import subprocess
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from tests.budget import takes_longer
from truthlytics.env import BASE_DIR, FEATURES, features

LOOK = r"""
import django
django.setup()
import re
import sys
from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.core.management import get_commands
from django.template.loader import get_template
from django.urls import get_resolver
from subscriptions.models import email_groups
from truthlytics.backups.conversion import rebuilt_models
from truthlytics.tools.bench.benchmarks import BENCHMARKS
from truthlytics.crawlers.files import robots_txt
from truthlytics.jobs.listed import GROUPS
from truthlytics.newsroom.navigation import all_areas
from truthlytics.newsroom.settings_pages import settings_admins
from truthlytics.publication.models import Publication
from truthlytics.web import slots
from truthlytics.web.plugins import ALWAYS_ON, account_pages, cached_queries, footer_links, paths_with_keys


def url_names(patterns, prefix=""):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from url_names(pattern.url_patterns, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        else:
            yield f"{prefix}{pattern.name}"


there = {*url_names(get_resolver().url_patterns)}
off = {"admin:imports", "admin:import_readers", "mcp", "check_quotation", "admin:add_api_key", "keys:keys"}
assert not off & there and not {"admin:webhook", "correction_notices:corrections"} & there
assert {"admin:index", "articles:search"} <= there and not [name for name in there if name.startswith("api:")]
# Nothing that a template shows leads to a feature. Pages of login providers are there if a site has any.
for path in (settings.BASE_DIR / "templates").rglob("*.html"):
    html = path.read_text()
    get_template(str(path.relative_to(settings.BASE_DIR / "templates")))
    named = re.findall(r"{% url \W([\w:-]+)", html)
    missing = [name for name in named if name not in there and not name.startswith("provider_")]
    assert not missing, (path, missing)
    missing = [name for name in re.findall(r"{% static \W([\w/.-]+)", html) if not finders.find(name)]
    assert not missing, (path, missing)
shows = [show.__module__ for found in slots._shown.values() for show in found]
assert all(module.startswith(ALWAYS_ON) for module in shows) and not footer_links()
assert "/check/" not in robots_txt(Publication())
assert not {"quotations", "api"} & {*BENCHMARKS} and "statistics" in BENCHMARKS
assert not account_pages() and not paths_with_keys() and not cached_queries()
assert not finders.find("css/checked-quotation.css") and finders.find("css/layers.css")
assert len(rebuilt_models()) == 2 and "corrections" not in email_groups()
assert "Connections" not in {str(page.page_name) for page in settings_admins(admin.site)}
labels = [job.label for group in GROUPS for job in group.jobs]
names = [str(item.name) for area in all_areas() for item in area.items]
off = {"uploaded exports deleted", "texts indexed for quotations", "connections served"}
assert "emails about corrections sent" not in labels and not off & {*labels} and "digests made" in labels, labels
assert "Import" not in names and "Settings" in names, names
off = {"import_site", "rebuild_quotations", "openapi", "export_site", "import_export"}
assert not off & {*get_commands()} and "export_record" in get_commands()
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

    def test_one_that_requires_another_is_refused_without_it(self):
        self.assertEqual(features("mcp, api, quotations"), ["quotations", "api", "mcp"])
        with self.assertRaisesMessage(ImproperlyConfigured, "FEATURES names “mcp”, which requires “quotations”."):
            features("importers,api,mcp")
