"""Importing exports of Ghost with the command."""

import gzip
import json
import random
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import time_machine
from django.core import mail
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from articles.access import Level
from articles.models import Article, Author, Document, Image, Page, Recording, Section
from comments.models import Comment, ImportedEmail, Thread
from subscriptions.models import User
from tests.budget import takes_longer
from tests.contrib.importers.ghost.files import export, lexical, node, post, text
from tests.contrib.importers.running import import_site
from tests.factories import PDF, audio_file, image_file
from truthlytics.contrib.importers.models import ImportedObject
from truthlytics.web.text import split_words

WRITING = {"INSERT", "UPDATE", "DELETE"}


class ImportCase(TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_file(self, *paths, **options):
        """Return the exit status, the output and the reported losses as (code, what)."""
        report = self.folder / "report.jsonl"
        status, out = import_site("ghost", *paths, report=report, **options)
        lines = map(json.loads, report.read_text(encoding="utf-8").splitlines()) if report.exists() else []
        return status, out, [(line["code"], line["what"]) for line in lines]

    def run_import(self, *posts, options=None, **more):
        path = self.folder / "export.json"
        path.write_bytes(export(*posts, **more))
        return self.run_file(path, **options or {})

    def location(self, url):
        response = self.client.get(url)
        return response["Location"] if response.status_code == 301 else response.status_code


class ArticleTests(ImportCase):
    def test_a_complete_article(self):
        details = {
            "post_id": post()["id"],
            "meta_title": "Bridge shut",
            "meta_description": "Nobody crosses.",
            "feature_image_alt": "A bridge",
            "og_title": "Look",
        }
        status, _, losses = self.run_import(
            post(
                title="AT&T & <me>",
                custom_excerpt="Nobody crossed.",
                canonical_url="https://x.example/",
                featured=1,
                html='<p>See <a href="__GHOST_URL__/item-2/">that</a>.</p>',
                codeinjection_head="<script>",
                feature_image="__GHOST_URL__/content/images/2014/05/a.jpg",
            ),
            post(2),
            posts_meta=[details],
            members=[{"id": "m", "email": "x@x.example"}],
        )
        article = Article.objects.get(slug="item-1")
        version = article.live
        self.assertEqual((version.headline, version.standfirst), ("AT&T & <me>", "Nobody crossed."))
        self.assertIn('href="/articles/item-2/"', article.body)
        self.assertEqual(article.published_at, datetime(2014, 5, 6, 8, tzinfo=UTC))
        self.assertEqual([byline["name"] for byline in version.head["bylines"]], ["Ada Orr"])
        self.assertEqual([topic["name"] for topic in version.head["topics"]], ["Bridges"])
        self.assertEqual(
            (article.section.name, article.section.slug, article.section.intro), ("World", "world", "Far away")
        )
        self.assertEqual((article.seo_title, article.seo_description), ("Bridge shut", "Nobody crosses."))
        self.assertEqual(version.note, "Imported from The Varn Post")
        self.assertEqual(status, 2)
        self.assertEqual(
            [what for code, what in losses if code in {"setting", "script", "left out"}],
            [
                "1 members",
                "It was featured.",
                "Its canonical address was https://x.example/.",
                "code of its own in the head or foot of the page",
                "It had other texts for social networks.",
            ],
        )
        self.assertEqual(User.objects.count() + len(mail.outbox), 0)

    def test_old_addresses_lead_to_the_new_pages(self):
        self.run_import(
            post(1, slug="bücher"), post(2, type="page", slug="about"), post(3, slug="item-1", title="Again"), post(4)
        )
        world = Section.objects.get().get_absolute_url()
        for old, new in {
            "/b%C3%BCcher/": "/articles/bucher/",
            "/bücher": "/articles/bucher/",
            "/about/": "/pages/about/",
            "/p/0000-1/": "/articles/bucher/",
            "/item-4/amp/": "/articles/item-4/",
            "/tag/world/": world,
            "/tag/world/rss/": f"{world}feeds/rss.xml",
            "/tag/world/page/2/": world,
            "/author/ada/": "/authors/ada/",
            "/tag/bridges/": "/topics/bridges/",
            "/item-1/?ref=x": "/articles/item-1/",
            "/tag/hash-import/": 404,
            "/rss/": "/feeds/rss.xml",
        }.items():
            with self.subTest(old):
                self.assertEqual(self.location(old), new)

    def test_an_address_of_this_site_itself_is_reported(self):
        _, _, losses = self.run_import(post(slug="contact"))
        self.assertEqual(losses, [("address", "/contact is a page of this site itself.")])
        self.assertEqual(self.location("/p/0000-1/"), "/articles/contact/")

    def test_repeated_slugs_and_ids(self):
        self.run_import(post(1, slug="same"), post(2, slug="same"), post(1, slug="other", uuid="x", title="Other"))
        self.assertEqual(set(Article.objects.values_list("slug", flat=True)), {"same", "same-2014-05-06", "other"})
        self.assertEqual(ImportedObject.objects.count(), 3)

    def test_authors_and_tags_in_their_order(self):
        users = [{"id": 1, "name": "Ann Lee", "slug": "ann"}, {"id": 2, "name": "zoe@old.example", "slug": "zoe"}]
        authors = [{"post_id": post()["id"], "author_id": number, "sort_order": 2 - number} for number in (1, 2)]
        self.run_import(post(), post(2, author_id=9), users=users, posts_authors=authors)
        byline = Article.objects.get(slug="item-1").live.head["bylines"]
        self.assertEqual([entry["name"] for entry in byline], ["zoe", "Ann Lee"])
        self.assertEqual([entry.name for entry in Article.objects.get(slug="item-2").authors.all()], ["The Varn Post"])
        self.assertFalse(Author.objects.filter(user__isnull=False).exists())

    def test_articles_without_a_tag_have_a_section(self):
        self.run_import(post(), posts_tags=[])
        self.assertEqual(Article.objects.get().section.name, "Articles")

    def test_empty_texts_and_long_titles(self):
        _, _, losses = self.run_import(post(1, html=None), post(2, title=" \n"), post(3, title="x " * 150))
        self.assertEqual(Article.objects.published().count(), 3)
        self.assertEqual([code for code, _ in losses], ["untitled", "shortened"])


class PrivacyTests(ImportCase):
    def levels(self):
        return dict(Article.objects.values_list("slug", "required_level"))

    def test_who_may_read(self):
        tiers = [
            {"id": 1, "name": "Free", "type": "free"},
            {"id": 2, "name": "Paid", "type": "paid"},
            {"id": 3, "name": "Gold", "type": "paid"},
        ]
        ids = {7: [2], 8: [1, 2], 9: [2, 3], 10: []}
        some = [{"post_id": post(number)["id"], "product_id": tier} for number, of in ids.items() for tier in of]
        kinds = ["public", "public", "members", "paid", "status:free", 7, "tiers", "tiers", "tiers", "tiers"]
        posts = [post(number, visibility=kind) for number, kind in enumerate(kinds, start=1)]
        _, _, losses = self.run_import(*posts, products=tiers, posts_products=some)
        levels = self.levels()
        self.assertEqual(
            [levels[f"item-{number}"] for number in (1, 2, 3, 4, 7, 8, 9)],
            [
                Level.EVERYONE,
                Level.EVERYONE,
                Level.REGISTERED,
                Level.SUBSCRIBER,
                Level.SUPPORTER,
                Level.REGISTERED,
                Level.SUBSCRIBER,
            ],
        )
        self.assertEqual(
            {article.slug for article in Article.objects.all() if article.state() == "draft"},
            {"item-5", "item-6", "item-10"},
        )
        self.assertIn(("setting", "Only members with Paid could read it; here supporters can."), losses)

    def test_a_text_without_a_known_visibility_stays_closed(self):
        chance = random.Random(8)
        missing = post()
        del missing["visibility"]
        unknown = [
            None,
            "",
            " ",
            "Public",
            "PUBLIC",
            "public ",
            "publik",
            "everyone",
            "free",
            "none",
            0,
            1,
            True,
            False,
        ]
        unknown += [[], ["public"], {}, {"web": "public"}, "status:free", "öffentlich", "tiers", "filter"]
        unknown += ["".join(chance.choices("abcdepilmsu", k=chance.randint(1, 8))) for _ in range(40)]
        posts = [post(number, visibility=kind) for number, kind in enumerate(unknown, start=2)]
        self.run_import(missing | {"html": "<p>Hidden words.</p>"}, *posts)
        self.assertEqual({article.state() for article in Article.objects.all()}, {"draft"})
        self.assertEqual(Article.objects.count(), len(unknown) + 1)
        for old in ("/item-1/", "/articles/item-1/", "/item-2/"):
            self.assertEqual(self.client.get(old).status_code, 404, old)

    def test_nothing_of_a_text_for_members_is_shown_that_was_not(self):
        html = "<p>First words.</p><p>Second.</p><!--members-only--><p>Paid words.</p>"
        self.run_import(
            post(1, visibility="paid", html=html), post(2, visibility="members", html="<p>Hidden words.</p><p>End.</p>")
        )
        page = self.client.get("/articles/item-1/")
        self.assertContains(page, "First words.")
        self.assertNotContains(page, "Paid words.")
        self.assertNotContains(self.client.get("/articles/item-2/"), "Hidden words.")

    @time_machine.travel(datetime(2020, 4, 1, 12, tzinfo=UTC))
    def test_drafts_scheduled_and_sent_ones_are_not_published(self):
        details = {"post_id": post(4)["id"], "email_only": 1}
        self.run_import(
            post(1, status="draft"),
            post(2, status="scheduled", published_at="2020-05-01T08:00:00.000Z"),
            post(3, status="sent"),
            post(4, status="scheduled"),
            post(5, status="scheduled"),
            post(6, status="odd"),
            post(7, status=None),
            posts_meta=[details],
        )
        states = {article.slug: article.state() for article in Article.objects.all()}
        self.assertEqual(states, {f"item-{n}": "scheduled" if n == 2 else "draft" for n in range(1, 8)})
        reasons = set(ImportedObject.objects.values_list("reason", flat=True))
        self.assertEqual(
            reasons,
            {
                "It was not published.",
                "",
                "It was only sent by email.",
                "Its status was “odd”.",
                "It was to appear on 2014-05-06, which is past.",
            },
        )
        self.assertEqual(self.location("/item-3/"), 404)

    def test_a_private_site_stays_closed(self):
        settings = [{"key": "is_private", "value": "true"}, {"key": "title", "value": "Secret"}]
        self.run_import(post(), post(2, type="page"), settings=settings)
        self.assertEqual((Article.objects.get().state(), Page.objects.get().state()), ("draft", "draft"))


class CommentTests(ImportCase):
    def test_comments_keep_names_and_tree_without_accounts(self):
        def comment(number, parent=None, **fields):
            values = {
                "id": f"c{number}",
                "post_id": post()["id"],
                "member_id": "m1",
                "parent_id": parent,
                "status": "published",
                "html": f'<p>No. {number} &amp; <a href="https://x.example">x</a></p>',
                "created_at": f"2024-01-0{number} 10:00:00",
            }
            return values | fields

        members = [{"id": "m1", "name": "Ann Lee", "email": "ann@old.example"}]
        _, out, losses = self.run_import(
            post(),
            comments=[
                comment(2, "c1", member_id=None),
                comment(1),
                comment(3, "c1", status="hidden"),
                comment(4, "c1", in_reply_to_id="c2"),
                comment(5, "c3"),
                comment(6, "c7"),
                comment(7, "c6"),
                comment(8, status="deleted", html=None),
                comment(9, post_id=None),
            ],
            members=members,
        )
        numbers = {
            row.comment_id: row.source_id.rpartition(" ")[2] for row in ImportedObject.objects.filter(kind="comment")
        }
        parents = {numbers[row.pk]: numbers.get(row.parent_id) for row in Comment.objects.all()}
        self.assertEqual(parents, {"c1": None, "c2": "c1", "c4": "c2", "c5": "c1", "c6": None, "c7": "c6"})
        self.assertEqual(
            set(Comment.objects.values_list("imported_name", "author")), {("Ann Lee", None), ("Anonymous", None)}
        )
        first = Comment.objects.get(pk=next(pk for pk, name in numbers.items() if name == "c1"))
        self.assertEqual(first.text, "No. 1 & x (https://x.example)")
        self.assertFalse(Comment.objects.filter(text__contains="@old.example").exists())
        self.assertFalse(ImportedEmail.objects.exists())
        self.assertEqual(losses, [("left out", "1 members"), ("comment", "1 deleted"), ("comment", "1 hidden")])
        self.assertIn("\n    1 members\n", out)
        self.assertIn("\n    line 1, “The bridge”: 1 deleted\n", out)

    def test_email_addresses_are_kept_if_asked_for(self):
        comment = {"id": "c", "post_id": post()["id"], "member_id": "m", "status": "published", "html": "<p>A</p>"}
        members = [{"id": "m", "name": "Ann Lee", "email": "Ann@old.example"}]
        for _ in range(2):
            _, out, _ = self.run_import(post(), comments=[comment], members=members, options={"keep_emails": True})
        self.assertEqual(ImportedEmail.objects.get().email, "ann@old.example")
        self.assertIn("1 unchanged", out)

    def test_a_site_without_comments_keeps_them_closed(self):
        self.run_import(post(), settings=[{"key": "comments_enabled", "value": "off"}])
        self.assertFalse(Thread.objects.get().is_open())


class FileTests(ImportCase):
    def test_gzipped_files_archives_and_several_files(self):
        first, second, third = (self.folder / name for name in ("a.json.gz", "b.zip", "c.json"))
        first.write_bytes(gzip.compress(export(post(1))))
        with zipfile.ZipFile(second, "w") as archive:
            archive.writestr("site/content/data.json", export(post(2)))
            archive.writestr("site/more.json", export(post(3)))
            archive.writestr("../content/images/a.jpg", b"image")
        third.write_bytes(b"\xef\xbb\xbf" + export(post(4)))
        self.run_file(first, second, third)
        self.assertEqual(Article.objects.count(), 4)

    def test_utf_16_is_read(self):
        for number, encoding in enumerate(("utf-16", "utf-16-be"), start=1):
            path = self.folder / f"{encoding}.json"
            text = "\ufeff" * (encoding != "utf-16") + export(post(number, title="Zürich 日本")).decode()
            path.write_bytes(text.encode(encoding))
            _, _, losses = self.run_file(path)
            self.assertEqual(losses, [])
            self.assertEqual(Article.objects.filter(headline="Zürich 日本").count(), number)

    def test_files_in_the_archive_are_imported(self):
        html = (
            '<div class="kg-card kg-audio-card"><audio src="__GHOST_URL__/content/media/a.wav"></audio></div>'
            '<p><a href="__GHOST_URL__/content/files/a.pdf">Report</a></p>'
            '<figure class="kg-card kg-image-card"><img src="__GHOST_URL__/content/images/size/w600/2014/05/a.jpg" '
            'alt="A boat"><figcaption>On the river</figcaption></figure>'
        )
        lead = {"post_id": post()["id"], "feature_image_alt": "A bridge"}
        path = self.folder / "export.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(
                "export.json",
                export(post(html=html, feature_image="__GHOST_URL__/content/images/2014/05/b.jpg"), posts_meta=[lead]),
            )
            archive.writestr("content/images/2014/05/a.jpg", image_file(width=60, height=40, kind="JPEG").read())
            archive.writestr(
                "content/images/size/w600/2014/05/a.jpg", image_file(width=20, height=40, kind="JPEG").read()
            )
            archive.writestr("content/media/a.wav", audio_file().read())
            archive.writestr("content/files/a.pdf", PDF)
            archive.writestr("content/images/2014/05/b.jpg", image_file(width=80, height=40, kind="JPEG").read())
        _, _, losses = self.run_file(path)
        article = Article.objects.get()
        self.assertEqual(losses, [])
        self.assertEqual((article.lead.alt, article.lead.width), ("A bridge", 80))
        self.assertIn(f'data-image="{Image.objects.get(alt="A boat", width=60).uuid}"', article.body)
        self.assertIn("<figcaption>On the river</figcaption>", article.body)
        self.assertIn(f'<a href="{Document.objects.get().get_absolute_url()}">Report</a>', article.body)
        self.assertEqual(article.audio, Recording.objects.get())

    def test_other_forms_of_exports(self):
        row = {"id": 7, "title": "Old", "slug": "old", "markdown": "*Text*", "image": "/images/a.jpg", "page": 0,
               "status": "published", "published_at": 1388318310783, "author_id": 1}  # fmt: skip
        old = {"meta": {"version": "003"}, "data": {"posts": [row], "users": [{"id": 1, "name": "Zoe", "slug": "zoe"}]}}
        api = {"posts": [{"title": "New", "slug": "new", "html": "<p>Text</p>", "status": "published",
                          "published_at": "2020-01-01T00:00:00Z", "authors": [{"name": "Ben", "slug": "ben"}],
                          "tags": [{"name": "News", "slug": "news"}]}]}  # fmt: skip
        for name, document in {"bare": old, "wrapped": {"data": old}, "api": api}.items():
            path = self.folder / f"{name}.json"
            path.write_text(json.dumps(document), encoding="utf-8")
            self.run_file(path, harmless=["no visibility in the export"])
        first, second = Article.objects.order_by("slug").reverse()
        note = "<p><em>image not included: lead image</em></p>"
        self.assertEqual(first.body, f"{note}<p><em>Text</em></p>")
        self.assertEqual(first.published_at, datetime(2013, 12, 29, 11, 58, 30, tzinfo=UTC))
        self.assertEqual((second.section.name, second.authors.get().name), ("News", "Ben"))
        self.assertEqual(Article.objects.count(), 2)

    def test_files_that_are_no_exports_are_refused_before_anything_is_written(self):
        whole = export(post(), post(2))
        for name, data, message in (
            ("cut.json", whole[: len(whole) // 2], "is not valid JSON at line 1"),
            ("empty.json", b"", "is not JSON"),
            ("other.json", b'{"x": [{"posts": []}]}', "contains no articles"),
            ("text.json", b"<html>", "is not JSON"),
            ("deep.json", b"[" * 100_000, "no export"),
            ("nested.json", b'{"data":' * 50 + b"1" + b"}" * 50, "nested too deeply"),
            ("deep-row.json", b'{"posts": [' + b"[" * 100_000, "nested too deeply"),
            ("huge.json", b'{"posts": [1' + b"1" * 5000 + b"]}", "is not valid JSON"),
            ("bad.json.gz", gzip.compress(whole)[:-20], "damaged"),
            ("bad.zip", b"PK\x03\x04nothing", "damaged zip archive"),
        ):
            path = self.folder / name
            path.write_bytes(data)
            with self.subTest(name):
                status, out, _ = self.run_file(path)
                self.assertEqual(status, 1)
                self.assertIn(message, out)
        self.assertFalse(ImportedObject.objects.exists())

    def test_files_that_grow_beyond_measure_are_refused(self):
        path = self.folder / "bomb.json.gz"
        path.write_bytes(gzip.compress(b'{"posts": [' + b" " * 3_000_000 + b"]}"))
        with mock.patch("truthlytics.contrib.importers.wordpress.archives.MAX_RATIO", 2):
            self.assertIn("unpacks to far more", self.run_file(path)[1])
        path.write_bytes(gzip.compress(b'{"posts": ["' + b" " * 8_000_000 + b'"]}'))
        with mock.patch("truthlytics.contrib.importers.ghost.json_rows.MAX_VALUE", 1000):
            self.assertIn("contains a value that is too large", self.run_file(path)[1])

    def test_rows_of_any_type(self):
        values = (None, 7, "x", [], {}, [None], {"x": 1}, True, "\ud800\x00", 1e300)
        rows = [dict.fromkeys((*post(), "tags", "authors", "tiers", "page", "locale"), value) for value in values]
        tables = split_words(
            "users tags posts_tags posts_authors posts_meta products posts_products settings comments members"
        )
        names = ("id", "post_id", "tag_id", "author_id", "sort_order", "name", "slug", "key", "value", "html", "status")
        odd = {table: [None, 7, *(dict.fromkeys(names, value) for value in values)] for table in tables}
        status, _, losses = self.run_import(*rows, post(), posts=[None, 7, "x", [], *rows, post()], **odd)
        self.assertEqual(status, 2)
        self.assertIn(("line", "It is not a JSON object."), losses)
        self.assertEqual(Article.objects.published().count(), 1)

    @takes_longer("Large input shows how the time grows.")
    def test_values_larger_than_a_part_of_the_file(self):
        words = "word " * 600_000
        self.run_import(
            post(1, html=f"<p>{words}</p>"), post(2, lexical=lexical(node("paragraph", text("é" * 9))), html="")
        )
        self.assertEqual(len(Article.objects.get(slug="item-1").body), len(words) + 7)
        self.assertEqual(Article.objects.get(slug="item-2").body, "<p>ééééééééé</p>")


class RepeatedImportTests(ImportCase):
    comments = ({"id": "c", "post_id": post()["id"], "status": "published", "html": "<p>A</p>"},)

    def test_a_second_run_and_a_dry_run_write_nothing(self):
        posts = [post(), post(2, type="page")]
        for options in ({"dry_run": True}, {}, {}):
            with CaptureQueriesContext(connection) as queries:
                _, out, _ = self.run_import(*posts, comments=list(self.comments), options=options)
            written = [query["sql"] for query in queries if query["sql"].split()[0] in WRITING]
        self.assertEqual(written, [])
        self.assertIn("0 new (0 published, 0 drafts), 0 updated, 2 unchanged", out)

    def test_a_changed_post_gets_a_new_version(self):
        self.run_import(post())
        self.run_import(post(html="<p>New.</p>"))
        article = Article.objects.get()
        self.assertEqual((article.body, article.versions.count()), ("<p>New.</p>", 2))
