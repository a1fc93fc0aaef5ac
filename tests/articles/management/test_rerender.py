"""The rerender command."""

from django.test import TestCase

from articles.models import Version
from tests.articles.management.commands import run, tamper
from tests.factories import make_article, make_version


class RerenderTests(TestCase):
    def setUp(self):
        self.version = make_article(headline="First").live
        tamper(self.version, free_html="<p>stale</p>")

    def stored(self):
        return Version.objects.get(pk=self.version.pk)

    def test_derived_columns_are_rebuilt_and_digests_kept(self):
        self.assertIn("1 of 1 versions changed", run("rerender"))
        self.assertEqual(self.stored().free_html, self.version.free_html)
        self.assertEqual(self.stored().digest, self.version.digest)
        self.assertIn("0 of 1", run("rerender"))

    def test_dry_run_changes_nothing(self):
        self.assertIn("1 of 1 versions would change", run("rerender", dry_run=True))
        self.assertEqual(self.stored().free_html, "<p>stale</p>")

    def test_served_option_limits_the_versions(self):
        make_version(self.version.article, headline="Second")
        self.assertIn("of 1 versions", run("rerender", served=True))
