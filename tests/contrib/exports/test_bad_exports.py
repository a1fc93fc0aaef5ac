"""Exports that are damaged, hostile or of another version are refused in a sentence, and nothing is stored."""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from unittest import mock

from django.core.files.storage import storages
from django.core.management.base import CommandError
from django.test import TestCase

from articles.integrity import digest_of_content
from articles.models import Article, Section, Version
from tests.budget import takes_longer
from tests.contrib.exports.test_round_trip import ExportCase, empty_site, lines, make_site, run
from tests.factories import make_article, make_draft, make_image, make_section
from tests.threads import start_thread
from tests.transactions import TransactionTestCase
from truthlytics.contrib.exports import making
from truthlytics.contrib.exports.folder import is_safe_path
from truthlytics.publication.models import Publication
from truthlytics.web.canonical_json import canonical


def change(**values):
    return lambda entry: entry | values


def without(name):
    return lambda entry: {key: value for key, value in entry.items() if key != name}


def set_manifest(folder, **values):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def rewrite(folder, name, data):
    """Replace a file, and its digest in the manifest."""
    (folder / name).write_bytes(data)
    files = json.loads((folder / "manifest.json").read_text())["files"]
    files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    set_manifest(folder, files=files)


def with_content(**values):
    """Change the content of a version, with the digest that fits."""

    def changed(entry):
        content = entry["content"] | values
        return entry | {"content": content, "content_digest": digest_of_content(canonical(content))}

    return changed


# File, change of its first line, and what the sentence says.
BAD_LINES = (
    ("sections.jsonl", without("slug"), "Line 1 of sections.jsonl has no “slug”."),
    ("sections.jsonl", without("id"), "Line 1 of sections.jsonl has no “id”."),
    ("sections.jsonl", change(name=None), "“name” in line 1 of sections.jsonl has no value."),
    ("sections.jsonl", change(name=["x"]), "“name” in line 1 of sections.jsonl is not a text."),
    ("sections.jsonl", change(name="x\0"), "it contains a NUL character"),
    ("sections.jsonl", change(name="x" * 81), "“name” in line 1 of sections.jsonl is not valid"),
    ("sections.jsonl", change(slug="../up"), "“slug” in line 1 of sections.jsonl is not valid"),
    ("sections.jsonl", change(uuid="x"), "“uuid” in line 1 of sections.jsonl is not valid"),
    ("sections.jsonl", change(position=True), "is not a whole number"),
    ("sections.jsonl", change(position=10**30), "“position” in line 1 of sections.jsonl is not valid"),
    ("sections.jsonl", lambda entry: [entry], "Line 1 of sections.jsonl is not a JSON object."),
    ("articles.jsonl", change(created_at="yesterday"), "“created_at” in line 1 of articles.jsonl is not valid"),
    ("articles.jsonl", change(created_at="2026-01-01T00:00:00"), "not a time with its offset"),
    ("articles.jsonl", change(section=10**9), "The export cannot be stored"),
    ("articles.jsonl", change(topics="all"), "“topics” in line 1 of articles.jsonl is not a list."),
    ("articles.jsonl", change(bylines=[None]), "“bylines” in line 1 of articles.jsonl has no value."),
    ("images.jsonl", change(file="../../settings.py"), "is not a valid file name here."),
    ("images.jsonl", change(file="other.png"), "has no files/other.png"),
    ("images.jsonl", change(sha256="0" * 64), "does not match the digest given for it."),
    ("comments.jsonl", change(path="../.."), "line 1 of comments.jsonl"),
    ("comments.jsonl", change(name=7), "“name” in line 1 of comments.jsonl is not a text."),
    ("redirects.jsonl", change(article=None), "The export cannot be stored"),
    ("settings.jsonl", change(accent="red}*{display:none"), "“accent” in line 1 of settings.jsonl is not valid"),
    ("settings.jsonl", change(design={"css": "@import '//e';"}), "“design” in line 1 of settings.jsonl is not valid"),
    ("sources.jsonl", change(url="javascript:alert(1)"), "has an address that cannot be linked"),
    ("versions.jsonl", without("digest"), "Line 1 of versions.jsonl has no “digest”."),
    ("versions.jsonl", change(type="user"), "Line 1 of versions.jsonl"),
    ("versions.jsonl", change(removed=""), "its text is missing without a reason"),
    ("versions.jsonl", change(content_digest="0" * 64), "its content does not match"),
    ("versions.jsonl", with_content(headline="Another"), "The record in the export is not valid: Version"),
    ("versions.jsonl", with_content(body="<p>x</p><script>alert(1)</script>"), "HTML that this site does not publish"),
    ("versions.jsonl", with_content(body='<a href="javascript:x">x</a>'), "HTML that this site does not publish"),
    ("versions.jsonl", with_content(body="<p onclick='x'>x</p>"), "HTML that this site does not publish"),
    ("versions.jsonl", with_content(bylines=7), "Line 1 of versions.jsonl cannot be read"),
    ("versions.jsonl", with_content(sources=[{"url": "javascript:x"}]), "has an address that cannot be linked"),
    ("versions.jsonl", lambda entry: 7, "Line 1 of versions.jsonl cannot be read"),
)
HOSTILE_PATHS = ("../secret", "/etc/passwd", "a/../../b", "a\\..\\b", "C:/b", "a//b", "./a", "", "a\nb")


class BadExportTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        make_site()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.good = Path(folder.name) / "good"
        run("export_site", cls.good)
        empty_site()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "bad"
        shutil.copytree(self.good, self.folder)

    def assert_refused(self, sentence):
        with self.assertRaisesMessage(CommandError, sentence):
            run("import_export", self.folder)
        self.assertFalse(Section.objects.exists() or Article.objects.exists() or Publication.objects.exists())

    def set_manifest(self, **values):
        set_manifest(self.folder, **values)

    def rewrite(self, name, data):
        rewrite(self.folder, name, data)

    @takes_longer("A whole site is imported or exported.")
    def test_bad_lines(self):
        for name, changed, sentence in BAD_LINES:
            with self.subTest(sentence, file=name):
                original = (self.good / name).read_bytes()
                texts = original.split(b"\n")
                # The first version with a text.
                number = next(index for index, text in enumerate(texts) if b'"removed":' not in text)
                texts[number] = json.dumps(changed(json.loads(texts[number]))).encode()
                self.rewrite(name, b"\n".join(texts))
                self.assert_refused(sentence)
                self.rewrite(name, original)

    def test_files_that_are_no_json(self):
        self.rewrite("topics.jsonl", b'{"id": 1')
        self.assert_refused("Line 1 of topics.jsonl is not JSON")
        self.rewrite("topics.jsonl", b"[" * 100_000)
        self.assert_refused("Line 1 of topics.jsonl is not JSON")
        self.rewrite("topics.jsonl", b"\xff\xfe")
        self.assert_refused("Line 1 of topics.jsonl is not JSON")

    def test_repeated_lines(self):
        self.rewrite("topics.jsonl", (self.good / "topics.jsonl").read_bytes() * 2)
        self.assert_refused("The export cannot be stored")

    def test_changed_and_missing_files(self):
        with (self.folder / "articles.jsonl").open("ab") as file:
            file.write(b"\n")
        self.assert_refused("articles.jsonl in")
        (self.folder / "articles.jsonl").unlink()
        self.assert_refused("articles.jsonl is missing")

    def test_a_link_to_another_file(self):
        target = self.folder / "articles.jsonl"
        moved = target.rename(self.folder.parent / "elsewhere")
        target.symlink_to(moved)
        self.assert_refused("articles.jsonl is missing")

    def test_hostile_paths_in_the_manifest(self):
        files = json.loads((self.folder / "manifest.json").read_text())["files"]
        for path in HOSTILE_PATHS:
            with self.subTest(path):
                self.assertFalse(is_safe_path(path))
                self.set_manifest(files=files | {path: {"sha256": "0" * 64, "bytes": 1}})
                self.assert_refused("names a file outside the export")

    def test_manifests_of_another_kind(self):
        for values, sentence in (
            ({"version": 2}, "has version 2 of the format, and this site reads versions up to 1. Update this site"),
            ({"version": 0}, "is damaged: it has no version of the format"),
            ({"version": "1"}, "is damaged: it has no version of the format"),
            ({"format": "something"}, "is not an export of a site"),
            ({"files": []}, "is damaged"),
            ({"files": {"a": 1}}, "is damaged: it does not describe a"),
            ({"missing": [1]}, "is damaged"),
            ({"readers": "yes"}, "is damaged"),
        ):
            with self.subTest(sentence):
                shutil.copy(self.good / "manifest.json", self.folder)
                self.set_manifest(**values)
                self.assert_refused(sentence)
        (self.folder / "manifest.json").unlink()
        self.assert_refused("it is not an export, or an incomplete one")

    def test_the_same_html_written_in_another_way_is_accepted(self):
        texts = (self.good / "versions.jsonl").read_bytes().split(b"\n")
        number = next(index for index, text in enumerate(texts) if b'"removed":' not in text)
        content = json.loads(texts[number])["content"]
        entry = with_content(body=content["body"].replace("<p>", "<p >"))(json.loads(texts[number]))
        texts[number] = json.dumps(entry).encode()
        self.rewrite("versions.jsonl", b"\n".join(texts))
        # Only the chain of digests refuses it.
        self.assert_refused("The record in the export is not valid")

    def test_a_dry_run_stores_nothing(self):
        output = run("import_export", self.folder, dry_run=True)
        self.assertIn("Dry run: 5 articles", output)
        self.assertFalse(Article.objects.exists() or Version.objects.exists() or Publication.objects.exists())

    def test_a_site_with_content_is_refused(self):
        make_section()
        with self.assertRaisesMessage(CommandError, "This site is not empty (it has sections)."):
            run("import_export", self.folder)
        self.assertEqual(Section.objects.count(), 1)

    def test_files_of_an_import_that_failed_are_removed(self):
        name = lines(self.folder, "images.jsonl")[0]["file"]
        storages["originals"].delete(name)
        with mock.patch("django.db.transaction.set_rollback", side_effect=OSError("disk full")):
            self.assert_refused("disk full")
        self.assertFalse(storages["originals"].exists(name))


class SnapshotTests(TransactionTestCase):
    def test_changes_by_others_meanwhile_are_not_in_the_export(self):
        article = make_article()
        files = making.texts.files

        def changed_before(context):
            start_thread(lambda: Article.objects.update(slug="changed")).join()
            return files(context)

        with tempfile.TemporaryDirectory() as folder:
            with mock.patch.object(making.texts, "files", changed_before):
                run("export_site", Path(folder) / "export")
            self.assertTrue((Path(folder) / f"export/articles/{article.slug}.md").exists())
        self.assertEqual(Article.objects.get().slug, "changed")


class InterruptedExportTests(ExportCase):
    def test_nothing_is_left_of_an_export_that_failed(self):
        make_image()
        disk_full = mock.patch.object(making, "_copy", side_effect=OSError("No space left on device"))
        with disk_full, self.assertRaisesMessage(CommandError, "No space left"):
            run("export_site", self.first)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_folder_with_files_is_not_used(self):
        self.first.mkdir()
        (self.first / "mine").touch()
        with self.assertRaisesMessage(CommandError, "is not empty"):
            run("export_site", self.first)
        (self.first / "mine").unlink()
        run("export_site", self.first)
        self.assertTrue((self.first / "manifest.json").exists())

    def test_a_lost_original_is_named_and_the_rest_exported(self):
        make_draft(lead=make_image())
        image = make_image()
        storages["originals"].delete(image.file.name)
        self.assertIn(f"The media library has no file {image.file.name}.", run("export_site", self.first))
        empty_site()
        run("import_export", self.first)
        run("export_site", self.second)
        manifests = [(folder / "manifest.json").read_text() for folder in (self.first, self.second)]
        self.assertEqual(*manifests)
