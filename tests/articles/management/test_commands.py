"""The verify_record and rerender commands."""

from io import StringIO

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models
from django.test import TestCase

from articles.models import Version
from articles.services.publishing import publish
from tests.factories import make_article, make_page, make_version


def run(*args, **options):
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def tamper(column, value, version):
    """Change a row with plain SQL, past the models."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE articles_version SET {column} = %s WHERE id = %s", [value, version.pk])


class VerifyRecordTests(TestCase):
    def setUp(self):
        self.article = make_article(headline="First")
        self.second = make_version(self.article, headline="Second", note="Better.")
        make_version(self.article, headline="Third")
        make_article()

    def test_untouched_record_is_valid(self):
        self.assertIn("4 versions of 2 articles", run("verify_record"))

    def test_tampering_is_detected_and_located(self):
        for column, value, reason in [
            ("content", self.second.content.replace("Second", "Sceond"), "changed after it was published"),
            ("note", "Other.", "place in the chain"),
            ("public_from", "2001-01-01 00:00:00", "place in the chain"),
            ("number", 9, "is missing"),
            ("digest", "0" * 64, "place in the chain"),
        ]:
            with self.subTest(column):
                before = Version.objects.values_list(column, flat=True).get(pk=self.second.pk)
                tamper(column, value, self.second)
                with self.assertRaisesMessage(CommandError, str(self.article.uuid)) as caught:
                    run("verify_record")
                self.assertIn(reason, str(caught.exception))
                self.assertEqual(caught.exception.returncode, 1)
                tamper(column, before, self.second)

    def test_served_columns_must_match_the_record(self):
        self.assertIn("Served as recorded: 2 versions.", run("verify_record", "--served"))
        self.article.refresh_from_db()
        tamper("headline", "Forged", self.article.live)
        self.assertIn("Verified: 4 versions", run("verify_record"))
        with self.assertRaisesMessage(CommandError, "does not match its content"):
            run("verify_record", "--served")
        self.article.live.refresh_from_db()
        self.assertEqual(self.article.live.headline, "Forged")

    def test_redacted_content_is_accepted(self):
        tamper("content", None, self.second)
        self.assertIn("Verified: 4 versions", run("verify_record"))

    def test_tampering_with_a_page_is_detected(self):
        page = make_page(headline="Corrections policy")
        publish(item=page)
        self.assertIn("and 2 of 1 pages", run("verify_record"))
        models.QuerySet.update(page.versions.filter(number=1), content="{}")
        with self.assertRaisesMessage(CommandError, f"Version 1 of page {page.uuid} (“Corrections policy”)"):
            run("verify_record")

    def test_one_query_per_content_type(self):
        with self.assertNumQueries(2):
            run("verify_record")


class RerenderTests(TestCase):
    def setUp(self):
        self.version = make_article(headline="First").live
        tamper("free_html", "<p>stale</p>", self.version)

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
