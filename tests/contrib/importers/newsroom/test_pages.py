"""The import page: uploads, dry run, names, import, report and undo."""

import io
import json
import tempfile
from datetime import timedelta
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.tasks import TaskResultStatus
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles.models import Article, Author, Page, Redirect, SavedArticle, Section, Version
from articles.services.publishing import publish
from comments.models import Comment, ImportedEmail
from tests.budget import takes_longer
from tests.contrib.importers.substack import files as substack
from tests.contrib.importers.wordpress.files import comment, export, item
from tests.factories import make_comment, make_editor, make_section, make_user
from truthlytics.audit.log import AuditEntry
from truthlytics.contrib.importers import jobs, uploads
from truthlytics.contrib.importers.models import ImportedObject, ImportRun
from truthlytics.contrib.importers.progress import Progress, Stopped
from truthlytics.web import tasks

CATEGORY = '<category domain="category" nicename="world"><![CDATA[World]]></category>'
EXPORT = export(
    item(1, title="The bridge", content="It was <b>closed</b>. [pricing plan='a']", more=CATEGORY + comment(1)),
    item(2, title="The ferry", content="It runs again. [pricing plan='b']", more=CATEGORY),
    item(3, title="Not ready", content="Half a text.", wp_status="draft"),
    item(4, title="About", content="Us.", wp_post_type="page"),
)


class ImportPageCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = make_editor()

    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.server = folder / "server"
        self.server.mkdir()
        self.enterContext(self.settings(IMPORT_WORK_DIR=folder / "work", IMPORT_DIR=self.server))
        self.client.force_login(self.user)

    def post(self, name, /, *args, **data):
        """Post to a page, run the task that it starts, and return the response."""
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(reverse(f"admin:{name}", args=args), data)

    def get(self, name, *args, **query):
        return self.client.get(reverse(f"admin:{name}", args=args), query)

    def choose(self, data=EXPORT, name="site.xml", **fields):
        """Upload a file without script, and return the run after its dry run."""
        fields = {"format": "wordpress", "section": "Archive", "overdue": "draft", "shortcodes": "strip"} | fields
        response = self.post("imports", files=SimpleUploadedFile(name, data), **fields)
        self.assertEqual(response.status_code, 302, response.context and response.context["form"].errors)
        return ImportRun.objects.latest("pk")

    def imported(self, **fields):
        run = self.choose(**fields)
        self.post("import_start", run.pk)
        run.refresh_from_db()
        self.assertEqual((run.status, run.problem), ("done", ""))
        return run


class DryRunTests(ImportPageCase):
    def test_the_dry_run_says_what_will_happen_and_writes_nothing(self):
        run = self.choose()
        self.assertEqual((run.status, run.problem, run.started_by), ("checked", "", self.user))
        self.assertFalse(Article.objects.exists() or Page.objects.exists() or ImportedObject.objects.exists())
        response = self.get("import", run.pk)
        self.assertContains(response, "Published articles")
        self.assertContains(response, "<code>pricing</code> 2", html=True)
        # Text as it is in the export, and as it will be.
        self.assertContains(response, "It was &lt;b&gt;closed&lt;/b&gt;.")
        self.assertContains(response, "It was <strong>closed</strong>.")
        self.assertContains(response, "Articles and pages imported as drafts: <b>")

    def test_addresses_of_people_who_commented_are_kept_if_asked_for(self):
        self.imported(keep_emails="on")
        self.assertEqual(ImportedEmail.objects.get().email, "ann@old.example")

    def test_the_old_site_to_compare_with_is_chosen_by_its_address(self):
        run = self.choose(compare="old.example/blog")
        self.assertEqual(jobs.options_of(run, report=Path("report"), dry_run=True).compare, "https://old.example")

    def test_the_chosen_credit_is_that_of_images_without_one(self):
        run = self.choose(credit=" Archive ")
        self.assertEqual(jobs.options_of(run, report=Path("report"), dry_run=True).credit, "Archive")

    def test_an_export_of_substack_needs_an_author(self):
        data = substack.export((substack.row(), "<p>It was closed.</p>"))
        fields = {"format": "substack", "section": "Letters", "overdue": "draft", "shortcodes": "strip"}
        response = self.post("imports", files=SimpleUploadedFile("export.zip", data), **fields)
        self.assertContains(response, "Enter an author", status_code=422)
        run = self.choose(data, "export.zip", author="Ada Orr", site_url="varn.substack.com", **fields)
        self.assertEqual((run.status, run.problem), ("checked", ""))
        self.post("import_start", run.pk)
        self.assertEqual([author.name for author in Article.objects.published().get().authors.all()], ["Ada Orr"])

    def test_names_are_mapped(self):
        make_section(name="Abroad", slug="abroad")
        run = self.choose()
        names = {"authors_source": ["ada", ""], "authors_name": ["Ada Orr", ""]}
        self.post("import_check", run.pk, sections_source=["World"], sections_name=["Abroad"], **names)
        run.refresh_from_db()
        self.assertEqual((run.status, run.options["sections"]["World"]), ("checked", ["Abroad", ""]))
        self.assertContains(self.get("import", run.pk), 'value="Abroad"')
        self.post("import_start", run.pk)
        self.assertEqual({a.section.name for a in Article.objects.published()}, {"Abroad"})
        self.assertFalse(Section.objects.filter(name="World").exists())

    def test_a_wrong_file_is_refused_in_a_sentence(self):
        for data in (
            b"<html>no export</html>",
            b"\x00\x01\x02",
            b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><rss/>",
        ):
            with self.subTest(data):
                run = self.choose(data)
                self.assertEqual(run.status, "new")
                self.assertContains(self.get("import", run.pk), "site.xml")
                self.assertRegex(run.problem, r"^[A-Z].*\.$|site\.xml.*\.$")

    @takes_longer("A whole site is imported or exported.")
    def test_files_lie_on_the_server_directly_in_their_folder(self):
        (self.server / "site.xml").write_bytes(EXPORT)
        (self.server / "below").mkdir()
        (self.server / "below" / "site.xml").write_bytes(EXPORT)
        (self.server.parent / "secret.xml").write_bytes(EXPORT)
        fields = {"format": "wordpress", "section": "A", "overdue": "draft", "shortcodes": "strip"}
        for name in ("../secret.xml", "below/site.xml", str(self.server.parent / "secret.xml")):
            with self.subTest(name):
                self.assertEqual(self.post("imports", server=name, **fields).status_code, 422)
        self.assertEqual(self.post("imports", server="site.xml", **fields).status_code, 302)
        self.assertEqual(ImportRun.objects.get().status, "checked")

    def test_a_copy_of_the_folder_of_uploads_can_be_chosen_beside_the_own_folders(self):
        with self.settings(IMPORT_DIR=Path(settings.IMPORT_WORK_DIR)):
            for name in ("uploads", uploads.UPLOADS, uploads.RUNS):
                (Path(settings.IMPORT_WORK_DIR) / name).mkdir(parents=True, exist_ok=True)
            self.assertEqual([path.name for path in uploads.server_folders()], ["uploads"])

    def test_bad_options_are_refused_and_nothing_typed_is_lost(self):
        bad = {"types": "recipe", "fetch": "exa mple/..", "timezone": "Mars/Olympus", "section": " ", "format": "x"}
        for name, value in bad.items():
            fields = {"format": "wordpress", "section": "A", "overdue": "draft", "shortcodes": "strip", name: value}
            with self.subTest(name):
                response = self.post("imports", files=SimpleUploadedFile("site.xml", EXPORT), **fields)
                self.assertEqual(response.status_code, 422)
                self.assertIn(name, response.context["form"].errors)
        self.assertFalse(ImportRun.objects.exists())

    def test_an_unexpected_error_is_told(self):
        with mock.patch("truthlytics.contrib.importers.jobs.import_site", side_effect=ZeroDivisionError("no")):
            run = self.choose()
        self.assertEqual(run.status, "new")
        self.assertContains(self.get("import", run.pk), "ZeroDivisionError: no")


class RunTests(ImportPageCase):
    def test_an_import_is_started_and_logged(self):
        run = self.imported()
        self.assertEqual((Article.objects.published().count(), Page.objects.count()), (2, 1))
        self.assertEqual((run.counts["new"], run.counts["comments"]), (4, 1))
        messages = list(AuditEntry.objects.about(run).values_list("message", "actor"))
        self.assertEqual(messages[0], ("Import started", self.user.pk))
        self.assertContains(self.get("import", run.pk), "What was written")
        self.assertContains(self.get("imports"), str(self.user))
        self.assertEqual(self.imported_again(run), run.counts["new"])

    def test_the_editor_says_why_a_text_is_a_draft_and_what_it_lacks(self):
        self.imported()
        draft = Article.objects.get(headline="Not ready")
        url = reverse("admin:articles_article_change", args=[draft.pk])
        self.assertContains(self.client.get(url), "Imported from old.example as a draft: It was not published.")
        ImportedObject.objects.filter(article=draft).update(missing_images=2)
        self.assertContains(self.client.get(url), "2 images could not be imported.")
        public = Article.objects.get(headline="The bridge")
        response = self.client.get(reverse("admin:articles_article_change", args=[public.pk]))
        self.assertNotContains(response, "Imported from old.example as a draft")

    def imported_again(self, run):
        """Start it again, and return the number of new texts that the run then has in all."""
        self.post("import_start", run.pk)
        run.refresh_from_db()
        self.assertEqual(Article.objects.count(), 3)
        return run.counts["new"]

    def test_only_one_import_is_in_progress(self):
        run = self.choose()
        now = timezone.now()
        other = ImportRun.objects.create(format="jsonl", file="b", status="importing", process="far:1", seen_at=now)
        response = self.client.post(reverse("admin:import_start", args=[run.pk]), follow=True)
        self.assertContains(response, "Another import is in progress.")
        self.assertContains(self.get("import", other.pk), "data-import-progress")
        self.post("import_stop", other.pk)
        other.refresh_from_db()
        self.assertEqual((other.status, other.is_stopping), ("importing", True))
        ImportRun.objects.filter(pk=other.pk).update(seen_at=now - timedelta(minutes=11))
        self.post("import_start", run.pk)
        run.refresh_from_db()
        self.assertEqual(run.status, "done")

    def test_a_stopped_import_goes_on(self):
        run = self.choose()
        with (
            mock.patch("truthlytics.contrib.importers.writer.BATCH_SIZE", 1),
            mock.patch("truthlytics.contrib.importers.run.Progress.__call__", self.stop_later()),
        ):
            self.post("import_start", run.pk)
        run.refresh_from_db()
        self.assertEqual((run.status, run.problem), ("stopped", ""))
        written = ImportedObject.objects.filter(kind__in=["article", "page"]).count()
        self.assertIn(written, range(1, 4))
        self.assertContains(self.get("import", run.pk), "Go on with the import")
        self.post("import_start", run.pk)
        run.refresh_from_db()
        self.assertEqual((run.status, run.counts["new"], run.counts["unchanged"]), ("done", 4, 0))
        path = uploads.run_folder(run) / jobs.REPORT
        self.assertEqual((path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777), (0o600, 0o700))
        report = path.read_text().splitlines()
        self.assertEqual(len(report), len(set(report)))
        self.assertEqual(len(report), sum(run.counts["losses"].values()))

    def stop_later(self):
        """Return a replacement of Progress that stops the run after its first batch."""

        def call(self, run, done, total, columns=dict):
            if total:
                raise Stopped

        return call

    def test_an_import_that_takes_long_is_not_considered_lost(self):
        now = timezone.now()
        begun = DBTaskResult.objects.create(
            task_path="truthlytics.contrib.importers.jobs.work",
            status=TaskResultStatus.RUNNING,
            backend_name="default",
            args_kwargs={"args": [1], "kwargs": {}},
            started_at=now - timedelta(minutes=11),
            run_after=now,
        )
        run = ImportRun.objects.create(format="jsonl", file="b", status="importing", process="far:1", seen_at=now)
        with mock.patch("truthlytics.contrib.importers.progress.INTERVAL", 0):
            Progress()(run, 1, 2)
        self.assertEqual(tasks.retry_interrupted(timezone.now()), 0)
        begun.refresh_from_db()
        self.assertEqual(begun.status, TaskResultStatus.RUNNING)
        run.refresh_from_db()
        self.assertEqual((run.done, run.total), (1, 2))

    def test_progress_has_a_rate_and_the_time_left(self):
        now = timezone.now()
        run = ImportRun.objects.create(
            format="jsonl",
            file="b",
            status="importing",
            process="far:1",
            seen_at=now,
            done=100,
            total=400,
            work_started_at=now - timedelta(seconds=10),
        )
        state = self.get("import_progress", run.pk).json()
        self.assertEqual((state["active"], state["percent"]), (True, 25))
        self.assertRegex(state["sentence"], r"^100 of 400 articles and pages, \d+ a second, about 0 min \d+ s left\.$")


class ReportTests(ImportPageCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.reported = ImportRun.objects.create(
            format="jsonl", file="b", status="done", files=[{"server": "b", "name": "b"}]
        )

    def setUp(self):
        super().setUp()
        losses = [
            {"code": code, "what": f"“{number}”", "line": number, "source": "s", "source_id": "1", "title": "Ä title"}
            for number, code in enumerate(["draft", "image"] * 1000, start=1)
        ]
        lines = [json.dumps(loss, ensure_ascii=False) + "\n" for loss in losses]
        (uploads.run_folder(self.reported) / jobs.REPORT).write_text("".join(lines) + '{"code": "dra', encoding="utf-8")

    def test_the_report_has_pages_and_filters(self):
        response = self.get("import_report", self.reported.pk)
        self.assertContains(response, "2,000 entries.")
        self.assertEqual(len(response.context["losses"]), 100)
        response = self.get("import_report", self.reported.pk, code="draft", page="10")
        self.assertEqual((response.context["total"], len(response.context["losses"])), (1000, 100))
        response = self.get("import_report", self.reported.pk, q="“77”")
        self.assertEqual([loss["line"] for loss in response.context["losses"]], [77])
        self.assertEqual(self.get("import_report", self.reported.pk, q="ä TITLE").context["total"], 2000)
        self.assertEqual(self.get("import_report", self.reported.pk, q="code").context["total"], 0)
        for page in ("x", "-1", "0", "99999999999"):
            self.assertEqual(self.get("import_report", self.reported.pk, page=page).status_code, 200)
        self.assertEqual(self.get("import_report", self.reported.pk, page="21").status_code, 404)

    def test_the_report_is_downloaded(self):
        lines = b"".join(self.get("import_report_lines", self.reported.pk).streaming_content).splitlines()
        self.assertEqual(json.loads(lines[0])["code"], "draft")
        table = b"".join(self.get("import_report_csv", self.reported.pk).streaming_content).decode().splitlines()
        self.assertEqual((table[0], len(table)), ("code,what,line,source,source_id,title", 2001))


class UndoTests(ImportPageCase):
    def test_an_import_that_nobody_edited_is_undone_completely(self):
        section = make_section(name="Kept", slug="kept")
        before = self.state()
        run = self.imported()
        self.assertContains(self.get("import_undo", run.pk), "Undo the import")
        self.post("import_undo", run.pk)
        run.refresh_from_db()
        self.assertEqual((run.status, run.problem), ("undone", ""))
        self.assertEqual(self.state(), before)
        self.assertTrue(Section.objects.filter(pk=section.pk).exists())
        self.assertEqual(AuditEntry.objects.about(run).first().message, "Undo of an import started")
        self.post("import_start", run.pk)
        run.refresh_from_db()
        self.assertEqual((run.status, run.counts["new"], Article.objects.published().count()), ("done", 4, 2))

    def test_old_addresses_of_unused_terms_go_and_others_stay(self):
        kept = Redirect.objects.create(path="/old/", to_archive=True)
        run = self.imported()
        to_archive = Redirect.objects.filter(to_archive=True)
        self.assertEqual(self.client.get("/category/world/rivers/")["Location"], reverse("articles:archive"))
        self.assertGreater(to_archive.count(), 1)
        self.post("import_undo", run.pk)
        self.assertEqual(list(to_archive), [kept])
        self.assertEqual(self.client.get("/category/world/rivers/").status_code, 404)

    def state(self):
        models = (Article, Version, Page, Comment, Redirect, Author, Section, ImportedObject)
        return {model.__name__: model.objects.count() for model in models}

    def test_what_somebody_has_worked_with_stays_and_is_listed(self):
        run = self.imported()
        bridge, ferry = Article.objects.get(headline="The bridge"), Article.objects.get(headline="The ferry")
        draft = Article.objects.get(headline="Not ready")
        make_comment(article=bridge)
        SavedArticle.objects.create(user=make_user(), article=bridge)
        ferry.headline = "The ferry again"
        ferry.save()
        publish(item=ferry, by=self.user, kind="minor", note="A word.")
        # Nothing but its text shows this edit.
        Article.objects.filter(pk=draft.pk).update(body="<p>Other words.</p>")
        response = self.get("import_undo", run.pk)
        self.assertEqual(dict(response.context["outlook"].removed)["Articles"], 1)
        self.assertEqual(response.context["outlook"].kept_heading, "2 texts stay")
        self.assertContains(response, "Readers have commented on it.")
        self.assertContains(response, "Readers have saved it.")
        self.assertContains(response, "It has a later version.")
        self.post("import_undo", run.pk)
        self.assertEqual(set(Article.objects.all()), {bridge, ferry, draft})
        self.assertFalse(Page.objects.exists())
        bridge.refresh_from_db()
        self.assertEqual(bridge.live.number, 1)
        self.assertEqual(self.client.get(bridge.get_absolute_url()).status_code, 200)

    def test_a_command_undoes_too(self):
        run, out = self.imported(), io.StringIO()
        call_command("import_site", undo=run.pk, dry_run=True, stdout=out)
        self.assertEqual(out.getvalue(), "Dry run: 3 articles and 1 page to remove, 0 to keep.\n")
        self.assertEqual(Article.objects.count(), 3)
        call_command("import_site", undo=run.pk, stdout=out)
        run.refresh_from_db()
        self.assertEqual((run.status, Article.objects.count()), ("undone", 0))
        with self.assertRaisesMessage(CommandError, "There is no import with the number 99."):
            call_command("import_site", undo=99)

    def test_an_import_in_progress_cannot_be_undone(self):
        run = ImportRun.objects.create(format="jsonl", file="b", status="importing", process="far:1")
        response = self.client.post(reverse("admin:import_undo", args=[run.pk]), follow=True)
        self.assertContains(response, "It cannot be undone now.")
