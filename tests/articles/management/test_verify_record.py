"""The verify_record command."""

import json
from datetime import timedelta
from tempfile import NamedTemporaryFile

import time_machine
from django.core.management.base import CommandError
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.integrity import chain_digest, digest_of
from articles.media.renditions import create_first_renditions, create_missing_renditions
from articles.models import Version
from articles.services.media import add_to_library
from articles.services.publishing import publish, restore, withdraw
from articles.services.redaction import redact
from tests.articles.management.commands import run, tamper
from tests.budget import takes_longer
from tests.factories import image_file, make_article, make_dossier, make_editor, make_page, make_version

DAY = timedelta(days=1)


def forget_log():
    """Remove the transparency log, as someone with the database could."""
    with connection.cursor() as cursor:
        for table in ("logentry", "log"):
            cursor.execute(f"DELETE FROM transparency_{table}")


class VerifyRecordTests(TestCase):
    def setUp(self):
        self.article = make_article(headline="First")
        self.second = make_version(
            self.article, headline="Second", note="Better.", kind="clarification", by=make_editor()
        )
        make_version(self.article, required_level=1)
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
            run("verify_record").partition("\n")[0],
            "Verified: 2 articles, 4 article versions, 1 correction, 0 removed texts, 1 page, 2 page versions, "
            "1 dossier, 1 dossier version.",
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
            ("superseded_at", self.second.public_from, "it is hidden from readers although it had appeared"),
            ("superseded_at", self.second.public_from - DAY, "it is hidden from readers since a time before"),
        ]:
            with self.subTest(column):
                before = Version.objects.values_list(column, flat=True).get(pk=self.second.pk)
                tamper(self.second, **{column: value})
                self.assert_found(f"Version 2 of article {self.article.uuid} (“Second”)", reason)
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

    def test_mark_and_date_of_a_correction_cannot_be_erased(self):
        corrected = make_version(self.article, headline="Fourth", note="Wrong.", kind="correction", by=make_editor())
        erased = [("is_corrected", False), ("is_retracted", True), ("changed_at", corrected.public_from - DAY)]
        for column, value in erased:
            with self.subTest(column):
                before = getattr(corrected, column)
                tamper(corrected, **{column: value})
                self.assert_found(f"Version 4 of article {self.article.uuid} (“Fourth”) has {column} {value}")
                tamper(corrected, **{column: before})
        tamper(self.article, published_at=self.article.published_at - DAY)
        self.assert_found(f"The date of article {self.article.uuid}")

    def test_removed_texts_leave_the_date_of_the_last_change_open(self):
        redact(item=self.article, version=self.second, reason="A court ordered it.")
        make_version(self.article, headline="Fourth")
        self.assertIn("1 removed text", run("verify_record"))

    def test_what_the_chain_cannot_show_is_said_and_shown_by_a_copy(self):
        copy = self.copy()
        self.assertIn("only a comparison with an earlier copy shows it", run("verify_record"))
        self.assertEqual(run("verify_record", "--against", copy).splitlines()[-1], f"Agrees with {copy}.")
        self.article.refresh_from_db()
        newest = self.article.live
        tamper(self.article, live_id=self.second.pk)
        with connection.cursor() as cursor:
            for table in ("sectionentry", "authorentry", "searchentry"):
                cursor.execute(f"DELETE FROM articles_{table} WHERE version_id = %s", [newest.pk])
            cursor.execute("DELETE FROM articles_version WHERE id = %s", [newest.pk])
        self.assert_found(f"is about version 3 of article {self.article.uuid}, but there is no such thing")
        forget_log()
        with self.assertRaisesMessage(CommandError, f"Version 3 of article {self.article.uuid} was deleted."):
            run("verify_record", "--against", copy)

    def test_chain_that_was_computed_again_differs_from_a_copy(self):
        version = make_page(headline="Who we are").versions.get()
        copy = self.copy()
        version.content = version.content.replace("Who", "What")
        version.content_digest = digest_of(version.content)
        version.digest = chain_digest("", version.page.uuid, version)
        tamper(version, **{name: getattr(version, name) for name in ("content", "content_digest", "digest")})
        self.assert_found(f"is about version 1 of page {version.page.uuid}, which has another digest now")
        forget_log()
        with self.assertRaisesMessage(CommandError, f"Version 1 of page {version.page.uuid} was replaced."):
            run("verify_record", "--against", copy)

    def test_scheduled_version_that_was_hidden_after_it_appeared_differs_from_a_copy(self):
        page = make_page(published=False)
        version = publish(item=page, at=timezone.now() + DAY)
        with time_machine.travel(timezone.now() + 2 * DAY, tick=False):
            copy = self.copy()
            tamper(version, superseded_at=version.public_from - DAY / 2)
            self.assert_found(f"is about version 1 of page {page.uuid}, which is not there any more")
            forget_log()
            with self.assertRaisesMessage(CommandError, f"Version 1 of page {page.uuid} is hidden"):
                run("verify_record", "--against", copy)

    def test_copy_that_cannot_be_read_is_said(self):
        for path, message in [("/no/such/file", "cannot be read"), (__file__, "is no copy of")]:
            with self.subTest(path), self.assertRaisesMessage(CommandError, message):
                run("verify_record", "--against", path)

    def copy(self):
        """The path of a copy of the published digests."""
        file = self.enterContext(NamedTemporaryFile(suffix=".json"))
        file.write(self.client.get("/.well-known/record.json").content)
        file.flush()
        return file.name

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

    @takes_longer("Renditions of an image are made.")
    def test_sizes_of_images_that_are_being_made_are_no_difference(self):
        image = add_to_library(file=image_file(width=500, height=300), alt="A harbour", credit="N. N.")
        image.renditions.all().delete()
        create_first_renditions(image)
        version = make_article(lead=image).versions.get()
        create_missing_renditions(image)  # the task that makes them renders the article again after the last one
        self.assertIn("Served as recorded: 3 versions.", run("verify_record", "--served"))
        tamper(version, head=json.dumps(version.head | {"lead": None}))
        with self.assertRaisesMessage(CommandError, "does not match its content"):
            run("verify_record", "--served")

    def test_withdrawal_must_be_the_listed_one(self):
        withdraw(item=self.article, note="Under review.")
        self.assertIn("Verified", run("verify_record"))
        for row, column, value in [
            (self.article, "withdrawn_at", None),
            (self.article, "withdrawn_note", "Other."),
            (self.article.withdrawals.get(), "ended_at", timezone.now()),
        ]:
            with self.subTest(column):
                before = getattr(row, column)
                tamper(row, **{column: value})
                self.assert_found(f"The withdrawal of article {self.article.uuid} (“Second”) is not the one")
                tamper(row, **{column: before})
        restore(item=self.article)
        self.assertIn("Verified", run("verify_record"))

    def test_the_number_of_queries_is_constant(self):
        make_dossier(self.article)
        make_page()
        with CaptureQueriesContext(connection) as queries:
            run("verify_record")
        make_version(self.article, headline="Fourth")
        make_article()
        make_page()
        with self.assertNumQueries(len(queries)):
            run("verify_record")
