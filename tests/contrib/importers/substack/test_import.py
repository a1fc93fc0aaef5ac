"""Importing exports of Substack with the command."""

import io
import json
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from django.core import mail
from django.test import TestCase

from articles.access import Level
from articles.models import Article, Page, Version
from subscriptions.models import User
from tests.contrib.importers.running import import_site
from tests.contrib.importers.substack.files import COLUMNS, archive, export, row, table
from truthlytics.contrib.importers.models import ImportedObject, ImportRun


class ImportCase(TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.authors = self.folder / "authors.csv"
        self.authors.write_text(",Ada Orr\n", encoding="utf-8")

    def run_import(self, data, **options):
        """Import the bytes of a file, or a path. Return the exit status, the output and the losses as (code, what)."""
        path = data if isinstance(data, Path) else self.folder / "export.zip"
        if isinstance(data, bytes):
            path.write_bytes(data)
        report = self.folder / "report.jsonl"
        report.unlink(missing_ok=True)
        options = {"section": "letters", "authors": self.authors, "report": report, **options}
        status, out = import_site("substack", path, **options)
        lines = map(json.loads, report.read_text(encoding="utf-8").splitlines()) if report.exists() else []
        return status, out, [(line["code"], line["what"]) for line in lines]

    def location(self, url):
        response = self.client.get(url)
        return response["Location"] if response.status_code == 301 else response.status_code


class ArticleTests(ImportCase):
    def test_a_complete_export(self):
        first = row(7, subtitle="&#x201C;Nobody&#x201D; crossed &amp; none", title="AT&amp;T &lt;3 bridges")
        link = '<p>See <a href="https://varn.substack.com/p/the-bridge-8#x">that</a>.</p>'
        button = '<p class="button-wrapper"><a href="https://varn.substack.com/subscribe?utm=1">Go</a></p>'
        page = row(9, type="page", post_id="9.about", title="About")
        data = export((first, f"{link}{button}"), (row(8), "<p>Second {{ x }}</p>"), (page, "<p>We</p>"))
        status, _, losses = self.run_import(data, site_url="varn.example")
        self.assertEqual(
            (status, losses), (2, [("widget", "button “Go”"), ("words", "1: go"), ("braces", "1 in its text")])
        )
        article = Article.objects.get(slug="the-bridge-7")
        self.assertEqual(article.live.headline, "AT&T <3 bridges")
        self.assertEqual(article.live.standfirst, "“Nobody” crossed & none")
        self.assertIn('<a href="/articles/the-bridge-8/">that</a>', article.body)
        self.assertEqual(article.published_at, datetime(2021, 5, 6, 8, tzinfo=UTC))
        self.assertEqual([byline["name"] for byline in article.live.head["bylines"]], ["Ada Orr"])
        self.assertEqual((article.section.slug, article.live.note), ("letters", "Imported from substack.com"))
        self.assertEqual(Page.objects.get().headline, "About")
        self.assertEqual(User.objects.count() + len(mail.outbox), 0)
        for old, new in {
            "/p/the-bridge-7": "/articles/the-bridge-7/",
            "/p/the-bridge-7/": "/articles/the-bridge-7/",
            "/p/the-bridge-7/comments": "/articles/the-bridge-7/",
            "/i/7": "/articles/the-bridge-7/",
            "/p/about": "/pages/about/",
            "/feed": "/feeds/rss.xml",
            "/p/none": 404,
        }.items():
            with self.subTest(old):
                self.assertEqual(self.location(old), new)

    def test_a_second_run_writes_nothing_and_a_changed_text_is_updated(self):
        self.run_import(export((row(1), "<p>One</p>"), (row(2), "<p>Two</p>")))

        def counts():
            return [model.objects.count() for model in (Article, Version, ImportedObject, ImportRun)]

        before = counts()
        _, out, _ = self.run_import(
            export((row(1), "<p>One</p>"), (row(2), "<p>Two</p>")), site_url="https://x.example"
        )
        self.assertEqual(counts(), before)
        self.assertIn("2 unchanged", out)
        self.run_import(export((row(1, post_id="1.new-name"), "<p>Three</p>"), (row(2), "<p>Two</p>")))
        self.assertEqual(Article.objects.get(slug="the-bridge-1").live.plain_all, "Three")
        self.assertEqual(self.location("/p/new-name"), "/articles/the-bridge-1/")

    def test_nothing_becomes_more_public_than_it_was(self):
        cases = {
            "free": ({"audience": "only_free"}, "published", Level.REGISTERED),
            "paid": ({"audience": "only_paid"}, "published", Level.SUBSCRIBER),
            "founding": ({"audience": "founding"}, "published", Level.SUPPORTER),
            "unknown": ({"audience": "vip"}, "draft", Level.SUPPORTER),
            "missing": ({"audience": ""}, "draft", Level.SUPPORTER),
            "draft": ({"is_published": "false", "post_date": ""}, "draft", Level.EVERYONE),
            "strange": ({"is_published": "maybe"}, "draft", Level.EVERYONE),
            "undated": ({"post_date": "soon"}, "draft", Level.EVERYONE),
            "mailed": ({"post_date": "", "email_sent_at": "2021-05-07T08:00:00Z"}, "published", Level.EVERYONE),
            "future": ({"post_date": "2199-01-01T00:00:00Z"}, "scheduled", Level.EVERYONE),
        }
        posts = [
            (row(number, **fields, title=name), "<p>Secret words</p>")
            for number, (name, (fields, _, _)) in enumerate(cases.items(), start=1)
        ]
        posts.append((row(90, title="empty"), None))
        _, _, losses = self.run_import(export(*posts))
        for article in Article.objects.select_related("live"):
            _, state, level = cases.get(article.headline, (None, "draft", Level.EVERYONE))
            with self.subTest(article.headline):
                self.assertEqual((article.state(), article.required_level), (state, level))
                if state == "published" and level != Level.EVERYONE:
                    self.assertEqual(article.live.plain_free, "")
        self.assertIn(("draft", "Its audience was “vip”, which is unknown."), losses)
        self.assertIn(("draft", "Its text is not in the export."), losses)
        self.assertIn(("draft", "Its status was “maybe”."), losses)

    def test_pages_for_some_readers_are_drafts_also_when_they_change(self):
        page = row(9, type="page")
        self.run_import(export((page, "<p>We</p>"), (row(8, type="page", audience="only_paid"), "<p>Paid</p>")))
        self.assertEqual(Page.objects.get(slug="the-bridge-8").state(), "draft")
        _, _, losses = self.run_import(export((page | {"audience": "only_paid"}, "<p>Paid</p>")))
        self.assertContains(self.client.get("/pages/the-bridge-9/"), "<p>We</p>")
        self.assertIn("public", [code for code, _ in losses])

    def test_types_of_posts(self):
        kinds = ("podcast", "thread", "video", "")
        posts = [
            (row(number, type=kind, podcast_url="https://m.example/a.mp3" if kind == "podcast" else ""), "<p>Text</p>")
            for number, kind in enumerate(kinds)
        ]
        _, _, losses = self.run_import(export(*posts))
        self.assertEqual(Article.objects.published().count(), 4)
        self.assertIn('data-embed="https://m.example/a.mp3"', Article.objects.get(slug="the-bridge-0").body)
        self.assertEqual([code for code, _ in losses], ["setting", "setting"])


class FileTests(ImportCase):
    def test_the_unpacked_folder_and_the_table_alone(self):
        with zipfile.ZipFile(io.BytesIO(export((row(1), "<p>One</p>")))) as file:
            file.extractall(self.folder / "site" / "inside")
        status, _, _ = self.run_import(self.folder / "site")
        self.assertEqual((status, Article.objects.get().live.plain_all), (0, "One"))
        _, out, _ = self.run_import(self.folder / "site" / "inside" / "posts.csv")
        self.assertIn("1 unchanged", out)

    def test_lists_of_readers_are_not_read(self):
        files = {f"posts/1.{name}.csv": b"email\nann@mail.example\n" for name in ("opens", "delivers")}
        files |= {"email_list.varn.csv": b"\xff\xfe\x00", "__MACOSX/._posts.csv": b"x"}
        _, out, losses = self.run_import(export((row(1), "<p>One</p>"), files=files))
        self.assertEqual([code for code, _ in losses], ["left out"])
        self.assertIn("who received or opened which email: 3 files, not read", losses[0][1])
        self.assertNotIn("ann@mail", out)

    def test_damaged_tables(self):
        columns = ("\ufeffpost_id", *COLUMNS[1:], "restack_count")
        text = ",".join(columns) + "\r\n"
        text += "1.one,2021-05-06T08:00:00Z,TRUE,,newsletter,everyone,Short row\r\n"
        text += '2.two,2021-05-06T08:00:00Z,TRUE,,newsletter,everyone,"Two\nlines","A ""sub""",,9,extra\r\n'
        text += "\r\n,,,,\r\n3.three,2021-05-06T08:00:00Z,TRUE\r\n"
        text += "4.four,2021-05-06T08:00:00Z,TRUE,,newsletter,everyone,x,y,not an address\r\n"
        data = (
            text.encode()
            + b",2021,TRUE,,newsletter,everyone,No number\r\n5.bad,2021-05-06,TRUE,,newsletter,everyone,\xff\r\n"
        )
        bodies = {f"posts/{name}.html": b"<p>Text</p>" for name in ("1.one", "2.two", "3.three", "4.four", "5.bad")}
        bodies |= {"posts/77.lost.html": b"<p>Lost</p>"}
        _, _, losses = self.run_import(archive({"posts.csv": data, **bodies}))
        headlines = set(Article.objects.values_list("headline", flat=True))
        self.assertEqual(headlines, {"Short row", "Two lines", "Untitled (3)", "x", "\ufffd"})
        self.assertEqual(Article.objects.published().count(), 4)  # The third does not say who may read it.
        for loss in [
            ("repair", "posts.csv: the row has more cells than there are columns"),
            ("repair", "posts.csv: invalid UTF-8 replaced (1)"),
            ("line", "posts.csv: the row has no number and address."),
            ("left out", "posts/77.lost.html: posts.csv has no row for it."),
        ]:
            self.assertIn(loss, losses)

    def test_tables_that_a_spreadsheet_has_written(self):
        text = table(row(1)).decode().replace(",", ";")
        for name, data in {
            "semicolons": text.encode("utf-8-sig"),
            "utf-16": text.encode("utf-16"),
            "utf-16-be": f"\ufeff{text}".encode("utf-16-be"),
        }.items():
            with self.subTest(name):
                files = {"posts.csv": data, "posts/1.the-bridge-1.html": b"<p>One</p>"}
                _, out, _ = self.run_import(archive(files), dry_run=True)
                self.assertIn("1 new (1 published", out)

    def test_damaged_texts_become_drafts(self):
        data = bytearray(export((row(1), "<p>One</p>" * 50), (row(2), "<p>Two</p>")))
        position = data.index(b"posts/1.the-bridge-1.html") + len("posts/1.the-bridge-1.html")
        data[position : position + 8] = b"\xff" * 8
        _, _, losses = self.run_import(bytes(data))
        self.assertEqual(Article.objects.get(slug="the-bridge-1").state(), "draft")
        self.assertEqual(Article.objects.get(slug="the-bridge-2").state(), "published")
        self.assertIn("value", [code for code, _ in losses])

    def test_files_that_are_refused(self):
        bomb = archive({"posts.csv": table(row(1)), "posts/1.the-bridge-1.html": b" " * 40_000_000})
        good = export((row(1), "<p>One</p>"))
        for data, sentence in {
            b"PK\x05\x06" + b"\0" * 18: "empty or divided zip archive",
            good[:100]: "damaged zip archive",
            archive({"export.xml": b"<rss/>"}): "it has no posts.csv",
            archive({"posts.csv": b"email,name\na@x.example,b\n"}): "no column “post_id”",
            archive({"posts.csv": b""}): "is empty",
            bomb: "far more than an export could contain",
            b"\x1f\x8b\x08": "neither a zip archive nor posts.csv",
        }.items():
            with self.subTest(sentence):
                status, out, _ = self.run_import(data)
                self.assertEqual((status, Article.objects.exists()), (1, False))
                self.assertIn(sentence, out)

    def test_names_in_archives_lead_nowhere_outside(self):
        files = {"../posts/2.x.html": b"<p>Outside</p>", "posts/../../3.y.html": b"x", "/etc/posts.csv": b"x"}
        self.run_import(export((row(1), "<p>One</p>"), (row(2, post_id="2.x"), None), files=files))
        self.assertEqual(Article.objects.published().get().live.plain_all, "One")

    def test_what_the_export_does_not_say_is_asked_for(self):
        data = export((row(1), "<p>One</p>"))
        for options, sentence in {
            ("section", ""): "have no section. Assign one with --section",
            ("authors", None): "has no names of authors. Assign one with --authors",
            ("site_url", "javascript:x"): "must be such as https://example.org",
        }.items():
            with self.subTest(options):
                status, out, _ = self.run_import(data, **dict([options]))
                self.assertEqual((status, Article.objects.exists()), (1, False))
                self.assertIn(sentence, out)

    def test_enormous_titles_are_shortened_and_fields_that_are_too_long_reported(self):
        rows = [(row(1, title="word " * 200), "<p>One</p>"), (row(2, subtitle="x" * 200_000), "<p>Two</p>")]
        _, _, losses = self.run_import(export(*rows))
        self.assertLessEqual(len(Article.objects.get(slug="the-bridge-1").headline), 200)
        self.assertEqual([code for code, _ in losses].count("line"), 1)
        self.assertIn("left out", [code for code, _ in losses])
