"""The public record: the export, the published digests, and the script for outsiders that verifies both."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import time_machine
from django.core.management.base import CommandError
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.integrity import chain_digest, digest_of
from articles.services.corrections import supersede
from articles.services.publishing import publish, unschedule, withdraw
from articles.services.redaction import redact
from tests.articles.management.commands import run, tamper
from tests.factories import make_article, make_dossier, make_draft, make_editor, make_page, make_version
from tests.truthlytics.transparency.outsider import script_in

DAY = timedelta(days=1)


class RecordTestCase(TestCase):
    def setUp(self):
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def export(self):
        """The exported lines, as dicts by type and number."""
        return [json.loads(line) for line in run("export_record").splitlines()]

    def published(self):
        """The published digests, as JSON."""
        path = self.folder / "record.json"
        path.write_bytes(self.client.get("/.well-known/record.json").content)
        return path

    def verify(self, *copies):
        """Export the record, run the script on it and return its output."""
        export = self.folder / "record.jsonl"
        run("export_record", str(export))
        command = [
            sys.executable,
            "-I",
            script_in(self.folder),
            "--export",
            export,
            *(f"--copy={copy}" for copy in copies),
        ]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def assert_valid(self, text, *copies):
        result = self.verify(*copies)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn(text, result.stdout)

    def assert_fault(self, text, *copies):
        result = self.verify(*copies)
        self.assertEqual(result.returncode, 1)
        self.assertIn(text, result.stderr)


class ScriptTests(RecordTestCase):
    def setUp(self):
        super().setUp()
        self.article, editor = make_article(headline="Straße", body="<p>Naïve.</p>"), make_editor()
        wrong = make_version(self.article, headline="Zwei", note="Überschrift.", kind="clarification", by=editor)
        supersede(correction=wrong.correction, kind="correction", sentence="Doch.", by=editor)
        self.second = wrong
        slip = {"body": "<p>Naïve, 2 times.</p>", "kind": "minor", "note": "A slip.", "by": editor}
        self.minor = make_version(make_article(body="<p>Naïve, 3 times.</p>"), **slip)
        self.page, self.dossier = make_page(headline="Who we are"), make_dossier(self.article, title="Background")

    def test_untouched_record_is_valid(self):
        make_version(self.article, headline="Drei")
        unschedule(item=make_article(at=timezone.now() + DAY))
        withdraw(item=make_article())
        make_article(required_level=10)
        self.assert_valid("Valid: 10 versions of 6 items in ", self.published())

    def test_tampering_by_sql_is_named(self):
        subject = f"Version 2 of article {self.article.uuid}"
        for row, column, value, reason in [
            (self.second, "content", self.second.content.replace("Zwei", "Drei"), "has another content"),
            (self.second, "note", "Other.", "does not fit into the chain"),
            (self.second, "public_from", "2001-01-01 00:00:00+00:00", "does not fit into the chain"),
            (self.second, "content_digest", "0" * 64, "has another content"),
            (self.second, "number", 9, "is missing"),
            (self.second.correction, "kind", "minor", "has another kind of change"),
        ]:
            with self.subTest(column):
                before = getattr(row, column)
                tamper(row, **{column: value})
                self.assert_fault(f"{subject} {reason}.")
                tamper(row, **{column: before})

    def test_facts_that_changed_in_a_minor_edit_are_covered(self):
        self.assertIn({"figure"}, [{line.get("correction", {}).get("changed_facts")} for line in self.export()])
        self.assert_valid("Valid")
        tamper(self.minor.correction, changed_facts="")
        self.assert_fault(f"Version 2 of article {self.minor.article.uuid} has another kind of change.")

    def test_tampering_with_pages_and_dossiers_is_named(self):
        for item, key in [(self.page, "headline"), (self.dossier, "title")]:
            version = item.versions.get()
            with self.subTest(version.of):
                tamper(version, content=json.dumps({key: "Forged"}))
                self.assert_fault(f"Version 1 of {version.of} {item.uuid} has another content.")
                version.redact("Cleared for the next one.")

    def forge(self, version, item, previous=""):
        """Change the text of a version and recompute its digests, as an attacker with database access could."""
        version.content = version.content.replace("Who", "What")
        version.content_digest = digest_of(version.content)
        version.digest = chain_digest(previous, item.uuid, version)
        tamper(version, **{name: getattr(version, name) for name in ("content", "content_digest", "digest")})

    def test_silent_edit_with_new_digests_breaks_the_chain(self):
        publish(item=self.page, note="Better.")
        self.forge(self.page.versions.get(number=1), self.page)
        self.assert_fault(f"Version 2 of page {self.page.uuid} does not fit into the chain.")

    def test_silent_edit_of_the_last_version_disagrees_with_a_kept_copy(self):
        copy = self.published()
        self.forge(self.page.versions.get(), self.page)
        self.assert_valid("Valid")
        self.assert_fault(f"Version 1 of page {self.page.uuid} is not the one in {copy}.", copy)

    def test_hidden_or_deleted_version_disagrees_with_a_kept_copy(self):
        version = self.page.versions.get()
        copy = self.published()
        hidden = version.public_from - timedelta(seconds=1)
        for fault, statement in [
            ("hidden", f"UPDATE articles_pageversion SET superseded_at = '{hidden}' WHERE id = {version.pk}"),
            ("deleted", f"DELETE FROM articles_pageversion WHERE id = {version.pk}"),
        ]:
            with self.subTest(fault), connection.cursor() as cursor:
                cursor.execute(statement)
                self.assert_valid("Valid")
                self.assert_fault(f"Version 1 of page {self.page.uuid} is not the one in {copy}.", copy)

    def test_closed_months_disagree_once_a_version_is_gone(self):
        with time_machine.travel(timezone.now() - 70 * DAY, tick=False):
            old = make_page(headline="Old promise").versions.get()
        copy = self.published()
        record = json.loads(copy.read_text())
        record["newest"] = []
        copy.write_text(json.dumps(record))
        self.assert_valid("Valid", copy)
        tamper(old, superseded_at=old.public_from - DAY)
        self.assert_fault(f"The versions of {old.public_from:%Y-%m} are not those", copy)


class ExportTests(RecordTestCase):
    def test_gated_words_are_never_exported(self):
        always, later = (make_article(body="<p>Free.</p><hr data-gate><p>Secret words.</p>") for _ in range(2))
        for article in (always, later):
            article.required_level = 10
            make_version(article)
        make_version(always, headline="Still gated")
        make_article(required_level=10, body="<p>Free.</p><hr data-gate><p>Secret words.</p>")
        export = run("export_record")
        self.assertNotIn("Secret", export)
        self.assertEqual(export.count("content_digest"), 6)

    def test_free_content_is_exported_to_the_byte(self):
        version = make_article(headline="Café “x”\u2028").live
        (line,) = self.export()
        self.assertEqual(line["content"], version.content)

    def test_planned_versions_and_drafts_are_not_exported(self):
        article = make_article()
        make_version(article, headline="Embargoed", note="Embargoed note", at=timezone.now() + DAY)
        make_article(headline="Embargoed too", at=timezone.now() + DAY)
        make_draft(headline="Embargoed draft")
        self.assertNotIn("Embargoed", run("export_record"))
        self.assertEqual(len(self.export()), 1)
        make_version(article, headline="At once")
        planned = self.export()[1]
        self.assertEqual(planned.keys(), {"type", "uuid", "number", "digest"})

    def test_withdrawn_items_keep_digests_and_times_only(self):
        article = make_article(headline="Withdrawn words")
        withdraw(item=article)
        (line,) = self.export()
        self.assertEqual(line.keys(), {"type", "uuid", "number", "digest", "public_from", "created_at"})

    def test_removed_text_has_its_reason(self):
        article = make_article(headline="Forbidden words")
        make_version(article, headline="Other words")
        redact(item=article, version=article.versions.get(number=1), reason="A court ordered it.")
        self.assertEqual(self.export()[0]["removed"], "A court ordered it.")
        self.assertNotIn("Forbidden", run("export_record"))
        self.assert_valid("Valid: 2 versions")

    def test_file_that_cannot_be_written_is_said(self):
        with self.assertRaisesMessage(CommandError, "cannot be written"):
            run("export_record", str(self.folder / "no" / "folder"))

    def test_one_query_per_type(self):
        for _ in range(3):
            make_version(make_article(), headline="Second")
        with self.assertNumQueries(3):
            run("export_record")


class PublishedDigestTests(RecordTestCase):
    def record(self):
        return json.loads(self.client.get("/.well-known/record.json").content)

    def test_newest_digests_come_first(self):
        article = make_article(at=timezone.now() - DAY)
        page, dossier = make_page(at=timezone.now() - 2 * DAY), make_dossier(article)
        newest = self.record()["newest"]
        self.assertEqual([entry["type"] for entry in newest], ["dossier", "article", "page"])
        self.assertEqual(
            [entry["digest"] for entry in newest], [item.versions.get().digest for item in (dossier, article, page)]
        )
        self.assertEqual(newest[1]["url"], article.get_absolute_url())

    def test_head_changes_with_each_version(self):
        article = make_article()
        before = self.record()
        make_version(article, headline="Second")
        after = self.record()
        self.assertNotEqual(before["head"], after["head"])
        self.assertEqual(after["months"][0]["versions"], 2)

    def test_month_is_that_in_which_it_appeared(self):
        make_article(at=timezone.now() - 70 * DAY)
        make_page(at=timezone.now() + 70 * DAY)
        with time_machine.travel(timezone.now() + 80 * DAY, tick=False):
            months = [entry["month"] for entry in self.record()["months"]]
            then = timezone.now() - 10 * DAY
        self.assertEqual(months, [f"{timezone.now():%Y-%m}", f"{then:%Y-%m}"])

    def test_scheduled_versions_appear_at_their_time(self):
        article = make_article()
        before = self.record()
        make_version(article, headline="Second", at=timezone.now() + DAY)
        self.assertEqual(self.record(), before)
        with time_machine.travel(timezone.now() + 2 * DAY, tick=False):
            self.assertEqual(len(self.record()["newest"]), 2)

    def test_withdrawn_articles_keep_their_digest_without_a_url(self):
        article = make_article()
        withdraw(item=article)
        (entry,) = self.record()["newest"]
        self.assertEqual(entry["digest"], article.live.digest)
        self.assertNotIn("url", entry)

    def test_size_and_queries_are_bounded(self):
        for _ in range(3):
            make_version(make_article(), headline="Second")
        # Two for each type of item, and the logs with their keys, newest checkpoint, witnesses, quorum and time stamps.
        with CaptureQueriesContext(connection) as queries:
            self.record()
        self.assertLessEqual(len(queries), 12)
