"""Features that are off, and what they have stored."""

from unittest.mock import patch

from django.db import connection
from django.test import TestCase, override_settings

from tests.factories import make_member
from truthlytics.checks import check_kept_features
from truthlytics.env import FEATURES
from truthlytics.web.kept_features import kept_features, tables_of

SENTENCE = "off, but what they have stored is kept: api"
WITHOUT_API = override_settings(FEATURES=[name for name in FEATURES if name != "api"])


class KeptFeaturesTests(TestCase):
    def setUp(self):
        found = patch("truthlytics.web.kept_features.tables_of", lambda name: ["tides"] if name == "api" else [])
        found.start()
        self.addCleanup(found.stop)

    def make_table(self, *, rows):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE tides (height integer)")
            cursor.execute("INSERT INTO tides VALUES (3)" if rows else "DELETE FROM tides")

    def says(self):
        """Return whether the page and the check tell of the table."""
        self.client.force_login(make_member("Publisher"))
        page = self.client.get("/admin/truthlytics/systemsettings/").content.decode()
        return SENTENCE in page, [message.id for message in check_kept_features(None, databases=["default"])]

    @WITHOUT_API
    def test_one_with_rows_is_named(self):
        self.make_table(rows=True)
        self.assertEqual(kept_features(), ["api"])
        self.assertEqual(self.says(), (True, ["truthlytics.I001"]))
        self.assertEqual(check_kept_features(None), [], "Only checks of databases may read them.")

    @WITHOUT_API
    def test_one_without_a_table_or_rows_is_not(self):
        self.assertEqual(self.says(), (False, []))
        self.make_table(rows=False)
        self.assertEqual(kept_features(), [])

    @override_settings(FEATURES=list(FEATURES))
    def test_one_that_is_on_is_not(self):
        self.make_table(rows=True)
        self.assertEqual(self.says(), (False, []))


class TablesTests(TestCase):
    def test_migrations_name_them(self):
        self.assertEqual(set(tables_of("api")), {"api_key"})
        self.assertIn("truthlytics_importrun", set(tables_of("importers")))
        self.assertIn("quotations_fingerprint", set(tables_of("quotations")))
        self.assertEqual([*tables_of("webhooks"), *tables_of("mcp")], [])
