"""The verify_record command."""

from datetime import timedelta

from django.core.management.base import CommandError
from django.test import TestCase
from django.utils import timezone

from articles.models import Version
from articles.services.publishing import publish
from tests.articles.management.commands import run, tamper
from tests.factories import make_article, make_dossier, make_editor, make_page, make_version


class VerifyRecordTests(TestCase):
    def setUp(self):
        self.article = make_article(headline="First")
        self.second = make_version(
            self.article, headline="Second", note="Better.", kind="clarification", by=make_editor()
        )
        make_version(self.article, headline="Third")
        make_article()

    def assert_found(self, *texts):
        with self.assertRaises(CommandError) as caught:
            run("verify_record")
        for text in texts:
            self.assertIn(text, str(caught.exception))
        self.assertEqual(caught.exception.returncode, 1)

    def test_what_was_checked_is_counted_by_type(self):
        publish(item=make_page())
        make_dossier(self.article)
        self.assertEqual(
            run("verify_record"),
            "Verified: 2 articles, 4 article versions, 1 correction, 0 removed texts, 1 page, 2 page versions, "
            "1 dossier, 1 dossier version.\n",
        )

    def test_tampering_is_detected_and_located(self):
        for column, value, reason in [
            ("content", self.second.content.replace("Second", "Sceond"), "its content was changed after"),
            ("content", None, "its content is missing"),
            ("note", "Other.", "its place in the chain"),
            ("public_from", "2001-01-01 00:00:00+00:00", "its place in the chain"),
            ("created_at", "2001-01-01 00:00:00+00:00", "its place in the chain"),
            ("number", 9, "it is missing"),
            ("digest", "0" * 64, "its place in the chain"),
            ("superseded_at", self.second.public_from, "it is hidden from readers"),
        ]:
            with self.subTest(column):
                before = Version.objects.values_list(column, flat=True).get(pk=self.second.pk)
                tamper(self.second, **{column: value})
                self.assert_found(f"Version 2 of article {self.article.uuid} (“Third”)", reason)
                tamper(self.second, **{column: before})
        self.assertIn("Verified", run("verify_record"))

    def test_changed_correction_is_detected(self):
        for column, value in [("kind", "minor"), ("made_at", "2001-01-01 00:00:00+00:00")]:
            with self.subTest(column):
                before = getattr(self.second.correction, column)
                tamper(self.second.correction, **{column: value})
                self.assert_found(f"Version 2 of article {self.article.uuid}", "its correction was changed")
                tamper(self.second.correction, **{column: before})

    def test_correction_that_was_moved_is_detected(self):
        tamper(self.second.correction, version_id=self.second.pk + 1)
        self.assert_found(f"Version 2 of article {self.article.uuid}", "its place in the chain")

    def test_older_version_for_readers_is_detected(self):
        tamper(self.article, live_id=self.second.pk)
        self.assert_found(f"Readers of article {self.article.uuid}", "another version than 3")

    def test_planned_versions_are_valid(self):
        for _time in range(2):
            make_version(self.article, headline="Later", at=timezone.now() + timedelta(days=1))
        self.assertIn("6 article versions", run("verify_record"))

    def test_tampering_with_pages_and_dossiers_is_detected(self):
        for item in (make_page(headline="Who we are"), make_dossier(self.article, title="Who we are")):
            version = item.versions.get()
            before = version.content if isinstance(version.content, str) else '{"title": "Who we are"}'
            tamper(version, content=before.replace("Who", "What"))
            with self.subTest(version.of):
                self.assert_found(f"Version 1 of {version.of} {item.uuid} (“Who we are”)", "its content was changed")
            version.redact("Cleared for the next one.")

    def test_served_columns_must_match_the_record(self):
        self.assertIn("Served as recorded: 2 versions.", run("verify_record", "--served"))
        self.article.refresh_from_db()
        tamper(self.article.live, headline="Forged")
        self.assertIn("Verified: 2 articles", run("verify_record"))
        with self.assertRaisesMessage(CommandError, "does not match its content"):
            run("verify_record", "--served")
        self.article.live.refresh_from_db()
        self.assertEqual(self.article.live.headline, "Forged")

    def test_one_query_per_type(self):
        make_dossier(self.article)
        make_page()
        with self.assertNumQueries(3):
            run("verify_record")
