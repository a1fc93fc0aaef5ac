from io import StringIO

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models
from django.test import TestCase

from articles.models import Version
from articles.services.publishing import publish
from tests.factories import make_article, make_page, make_version


def run(*words, **options):
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def tamper(column, value, version):
    """As somebody with the database, and without our code, would do it."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE articles_version SET {column} = %s WHERE id = %s", [value, version.pk])


class VerifyRecordTests(TestCase):
    def setUp(self):
        self.article = make_article(headline="First")
        self.second = make_version(self.article, headline="Second", note="Better.")
        make_version(self.article, headline="Third")
        make_article()

    def test_an_untouched_record_holds(self):
        self.assertIn("4 versions of 2 articles", run("verify_record"))

    def test_any_tampering_is_found_and_named(self):
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

    def test_a_page_that_says_something_else_than_the_record_is_found(self):
        self.assertIn("Readers are served what it holds: 2 versions.", run("verify_record", "--served"))
        self.article.refresh_from_db()
        tamper("headline", "Forged", self.article.live)
        self.assertIn("The record holds", run("verify_record"))
        with self.assertRaisesMessage(CommandError, "not what the record holds"):
            run("verify_record", "--served")
        self.article.live.refresh_from_db()
        self.assertEqual(self.article.live.headline, "Forged")

    def test_lawfully_redacted_content_is_passed_over(self):
        tamper("content", None, self.second)
        self.assertIn("holds", run("verify_record"))

    def test_a_page_that_was_tampered_with_is_named(self):
        page = make_page(headline="Corrections policy")
        publish(item=page)
        self.assertIn("and 2 of 1 pages", run("verify_record"))
        models.QuerySet.update(page.versions.filter(number=1), content="{}")
        with self.assertRaisesMessage(CommandError, f"Version 1 of page {page.uuid} (“Corrections policy”)"):
            run("verify_record")

    def test_the_record_is_read_in_a_query_for_each_kind(self):
        with self.assertNumQueries(2):
            run("verify_record")


class RerenderTests(TestCase):
    def setUp(self):
        self.version = make_article(headline="First").live
        tamper("free_html", "<p>stale</p>", self.version)

    def stored(self):
        return Version.objects.get(pk=self.version.pk)

    def test_derived_columns_come_back_and_digests_stay(self):
        self.assertIn("1 of 1 versions changed", run("rerender"))
        self.assertEqual(self.stored().free_html, self.version.free_html)
        self.assertEqual(self.stored().digest, self.version.digest)
        self.assertIn("0 of 1", run("rerender"))

    def test_a_dry_run_changes_nothing(self):
        self.assertIn("1 of 1 versions would change", run("rerender", dry_run=True))
        self.assertEqual(self.stored().free_html, "<p>stale</p>")

    def test_only_what_is_served(self):
        make_version(self.version.article, headline="Second")
        self.assertIn("of 1 versions", run("rerender", served=True))
