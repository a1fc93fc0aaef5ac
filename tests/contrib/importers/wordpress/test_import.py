"""Importing exports of WordPress with the command."""

import io
import json
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from articles.models import Article, Author, Page, Redirect, Section, Version
from comments.models import Comment, ImportedEmail, Thread
from subscriptions.models import User
from tests.contrib.importers.running import import_site
from tests.contrib.importers.wordpress.files import comment, export, item, meta
from truthlytics.contrib.importers.models import ImportedObject, ImportRun

CATEGORY = '<category domain="category" nicename="{}"><![CDATA[{}]]></category>'
TERMS = CATEGORY.format("world", "World") + CATEGORY.format("rivers", "Rivers & Lakes")
TERMS += '<category domain="post_tag" nicename="bridges"><![CDATA[Bridges]]></category>'
AUTHOR = (
    "<wp:author><wp:author_login>{}</wp:author_login><wp:author_display_name>{}</wp:author_display_name></wp:author>"
)


class ImportCase(TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_import(self, *items, **options):
        """Return the exit status, the output and the reported losses as (code, what)."""
        path, report = self.folder / "export.xml", self.folder / "report.jsonl"
        path.write_bytes(export(*items))
        status, out = import_site("wordpress", path, report=report, **options)
        lines = map(json.loads, report.read_text(encoding="utf-8").splitlines()) if report.exists() else []
        return status, out, [(line["code"], line["what"]) for line in lines]

    def location(self, url):
        response = self.client.get(url)
        return response["Location"] if response.status_code == 301 else response.status_code


class ArticleTests(ImportCase):
    def test_a_complete_article(self):
        more = TERMS + meta("_wp_old_slug", "old-name") + meta("_yoast_wpseo_title", "Bridge shut")
        more += meta("_yoast_wpseo_metadesc", "%%excerpt%%")
        status, _, losses = self.run_import(
            item(
                7,
                title="AT&amp;T <em>bridge</em>",
                excerpt="Nobody crossed.",
                more=more,
                content="One {{ two }}\n\nSee [1] and <a href='/?p=8'>that</a>.<!--more-->End",
            ),
            item(8, link="https://old.example/?p=8", wp_post_name="", title="Second"),
        )
        self.assertEqual((status, losses), (2, [("braces", "1 in its text")]))
        article = Article.objects.get(slug="item-7")
        version = article.live
        self.assertEqual((version.headline, version.standfirst), ("AT&T bridge", "Nobody crossed."))
        self.assertEqual(version.plain_all, "One { { two }}\nSee [1] and that.\nEnd")
        self.assertIn('href="/articles/second/"', article.body)
        self.assertIn("<hr data-gate", article.body)
        self.assertEqual(article.published_at, datetime(2014, 5, 6, 8, tzinfo=UTC))
        self.assertEqual([byline["name"] for byline in version.head["bylines"]], ["Ada Orr"])
        self.assertEqual([topic["name"] for topic in version.head["topics"]], ["Bridges", "World"])
        self.assertEqual((article.section.name, article.section.slug), ("Rivers & Lakes", "rivers"))
        self.assertEqual((article.seo_title, article.seo_description), ("Bridge shut", ""))
        self.assertEqual(version.note, "Imported from old.example")
        self.assertEqual(User.objects.count() + len(mail.outbox), 0)

    def test_old_addresses_lead_to_the_new_pages(self):
        more = TERMS + meta("_wp_old_slug", "old-name")
        picture = item(
            9,
            wp_post_type="attachment",
            wp_status="inherit",
            wp_post_parent=7,
            link="https://old.example/2014/05/item-7/picture/",
        )
        page = item(8, wp_post_type="page", link="https://old.example/about/us/", wp_post_name="us")
        self.run_import(
            item(7, more=more, wp_post_name="%d9%85%d8%b1", link="https://old.example/2014/%D9%85/"), page, picture
        )
        article, us = Article.objects.get().get_absolute_url(), "/pages/us/"
        section = Section.objects.get(slug="rivers").get_absolute_url()
        for old, new in {
            "/2014/%D9%85/": article, "/2014/م": article, "/?p=7": article, "/2014/old-name/": article,
            "/2014/05/item-7/picture/": article, "/?attachment_id=9": article, "/2014/%D9%85/?utm_source=x": article,
            "/about/us/": us, "/?page_id=8": us, "/?p=8": us, "/about/us/3/": us,
            "/2014/%D9%85/2/": article, "/2014/%D9%85/page/2/": article, "/2014/%D9%85/?page=2": article,
            "/2014/": "/archive/", "/2014/05/": "/archive/2014/05/", "/2014/05/06/page/2/": "/archive/2014/05/",
            "/category/world/rivers/": section, "/category/rivers/": section, "/?cat=6": section,
            "/category/world/": "/topics/world/", "/category/world/rivers/feed/": f"{section}feeds/rss.xml",
            "/tag/bridges/": "/topics/bridges/", "/author/ada/": "/authors/ada/", "/?author=3": "/authors/ada/",
            "/?p=70": 200, "/tag/none/": 404, "/2013/": 404, "/2013/05/": 404,
        }.items():  # fmt: skip
            with self.subTest(old):
                self.assertEqual(self.location(old), new)

    def test_footnotes_of_the_block_editor_move_to_their_references(self):
        def reference(name):
            return f'<sup data-fn="{name}" class="fn"><a id="{name}-link" href="#{name}">1</a></sup>'

        notes = [
            {"id": "a-1", "content": 'See <em>this</em> <a href="https://x.example/p">page</a> [gallery] "there"'},
            {"id": "a-2", "content": "Nobody refers to it"},
            {"id": 5},
            None,
        ]
        content = f"<!-- wp:paragraph --><p>One{reference('a-1')} two{reference('a-9')}.</p><!-- /wp:paragraph -->"
        content += "<!-- wp:footnotes /-->"
        damaged = item(2, content=f"<p>One{reference('a-1')}</p>", more=meta("footnotes", '[{"id": '))
        _, _, losses = self.run_import(item(1, content=content, more=meta("footnotes", json.dumps(notes))), damaged)
        self.assertEqual(
            Article.objects.get(slug="item-1").body,
            """<p>One<sup data-footnote='See this page (https://x.example/p) [gallery] "there"'></sup> two¹.</p>""",
        )
        self.assertEqual(Article.objects.get(slug="item-2").body, "<p>One¹</p>")
        self.assertEqual(
            sorted(losses),
            [
                ("note", "Nobody refers to it"),
                ("note", "The reference a-1 has no text."),
                ("note", "The reference a-9 has no text."),
                ("value", "the texts of its footnotes"),
            ],
        )

    def test_authors_without_a_declaration_and_co_authors(self):
        co_authors = '<category domain="author" nicename="cap-ada">ada</category>'
        co_authors += '<category domain="author" nicename="cap-ben-ito">Ben Ito</category>'
        self.run_import(item(1, more=co_authors), item(2, **{"dc:creator": "zoe>"}), item(3, **{"dc:creator": ""}))
        names = [
            list(article.authors.order_by("pk").values_list("name", flat=True))
            for article in Article.objects.order_by("slug")
        ]
        self.assertEqual(names, [["Ada Orr", "Ben Ito"], ["zoe"], ["The Varn Post"]])
        self.assertFalse(Author.objects.filter(user__isnull=False).exists())

    def test_email_addresses_of_authors_are_not_shown(self):
        logins = ("jane@mail.example", "ben@mail.example", "Ann Lee", "@zoe")
        items = [item(number, **{"dc:creator": login}) for number, login in enumerate(logins)]
        self.run_import(AUTHOR.format("jane@mail.example", "jane@mail.example"), AUTHOR.format("Ann Lee", ""), *items)
        self.assertEqual(
            set(Author.objects.values_list("name", "slug")),
            {("jane", "jane"), ("ben", "ben"), ("Ann Lee", "ann-lee"), ("@zoe", "zoe")},
        )
        self.assertFalse(Redirect.objects.filter(path__contains="@").exists())
        for slug, new in {"ann-lee": "ann-lee", "janemail-example": "jane"}.items():
            self.assertEqual(self.location(f"/author/{slug}/"), f"/authors/{new}/")

    def test_links_to_other_sites_are_no_addresses_here(self):
        links = ("https://other.example/taken/", "http://www.old.example/kept/", "/also-kept/")
        self.run_import(*(item(number, link=link) for number, link in enumerate(links, start=1)))
        paths = Redirect.objects.filter(article__isnull=False, query="").values_list("path", flat=True)
        self.assertEqual(set(paths), {Redirect.normalise("/kept/"), Redirect.normalise("/also-kept/")})

    file = "https://old.example/wp-content/uploads/a.jpg"

    def test_images_are_reported_and_leave_a_note(self):
        picture = item(
            9,
            wp_post_type="attachment",
            wp_status="inherit",
            wp_attachment_url=self.file,
            more=meta("_wp_attachment_image_alt", "A boat"),
        )
        text = '<img src="/wp-content/uploads/a-300x200.jpg"> Text'
        _, _, losses = self.run_import(picture, item(1, content=text, more=meta("_thumbnail_id", "9")))
        self.assertIn("<em>image not included: A boat</em>", Article.objects.get().body)
        self.assertEqual(
            losses,
            [
                ("media", self.file),
                ("image", "A boat"),
                ("image", "lead image: A boat"),
            ],
        )

    def test_empty_texts_and_long_titles(self):
        _, _, losses = self.run_import(
            item(1, content=""), item(2, title="", wp_post_name=""), item(3, title="x " * 150)
        )
        self.assertEqual(Article.objects.published().count(), 3)
        self.assertEqual([code for code, _ in losses], ["untitled", "shortened"])
        self.assertTrue(Article.objects.filter(headline="Untitled (2)").exists())

    def test_equal_ids_and_slugs_lose_nothing(self):
        guid = "<guid>https://old.example/?p={}</guid>"
        items = [item(1, title=f"T{n}", content=f"Text {n}", more=guid.format(n % 2)) for n in range(4)]
        self.run_import(*items, item(1, wp_post_type="page"))
        self.assertEqual((Article.objects.count(), Page.objects.count()), (4, 1))
        self.assertIn("0 updated, 4 unchanged", self.run_import(*items)[1])


class KindTests(ImportCase):
    """The label above the headline. WordPress has none."""

    ITEMS = (
        item(1, more=CATEGORY.format("world", "World")),
        item(2, more=CATEGORY.format("opinion", "Opinion Pieces")),
    )

    def kinds(self, **options):
        self.run_import(*self.ITEMS, **options)
        return dict(Article.objects.values_list("slug", "kind"))

    def test_no_article_gets_one_that_nobody_chose(self):
        self.assertEqual(self.kinds(), {"item-1": "", "item-2": ""})
        for url in ("/articles/item-1/", "/", "/sections/world/", "/latest/"):
            page = self.client.get(url)
            self.assertNotContains(page, "Analysis")
            self.assertNotContains(page, "<span></span>")

    def test_one_for_all_and_some_by_category(self):
        path = self.folder / "kinds.csv"
        path.write_text("opinion pieces,Opinion\n", encoding="utf-8")
        self.assertEqual(self.kinds(kind="report", kinds=path), {"item-1": "report", "item-2": "opinion"})
        path.write_text("world,gossip\n", encoding="utf-8")
        with self.assertRaisesMessage(CommandError, "“gossip” is not a kind of article."):
            call_command("import_site", "wordpress", str(self.folder / "export.xml"), kinds=path)

    def test_a_later_import_keeps_the_kind(self):
        self.run_import(item(1), kind="report")
        self.run_import(item(1, content="Changed."))
        self.assertEqual(Article.objects.get().kind, "report")


class UnusedTermTests(ImportCase):
    def test_categories_and_tags_without_articles_lead_to_the_archive_until_they_have_one(self):
        self.run_import(item(1, more=CATEGORY.format("world", "World")))
        self.assertEqual(self.location("/category/world/"), "/sections/world/")
        for url in ("/category/world/rivers/", "/category/rivers/", "/?cat=6", "/tag/bridges/", "/tag/bridges/page/2/"):
            self.assertEqual(self.location(url), "/archive/", url)
        self.assertEqual(self.location("/tag/bridges/feed/"), "/feeds/rss.xml")
        self.assertEqual(self.location("/tag/unknown/"), 404)
        self.run_import(item(1, more=CATEGORY.format("world", "World")), item(2, more=TERMS))
        self.assertEqual(self.location("/category/world/rivers/"), "/sections/rivers/")
        self.assertEqual(self.location("/tag/bridges/"), "/topics/bridges/")

    def test_a_dry_run_makes_none_and_a_redirect_has_one_target(self):
        self.run_import(item(1), dry_run=True)
        self.assertFalse(Redirect.objects.exists())
        self.run_import(item(1))
        redirect = Redirect.objects.filter(to_archive=True).first()
        redirect.article = Article.objects.get()
        with self.assertRaises(IntegrityError), transaction.atomic():
            redirect.save()


class CommentTests(ImportCase):
    def test_trees_are_kept_without_accounts(self):
        tree = "".join([
            comment(5, 4), comment(1), comment(2, 1), comment(3, 2, approved="spam"), comment(4, 3), comment(6, 6),
            comment(7, 8), comment(8, 7), comment(9, 99), comment(10, kind="pingback"), comment(11, 1, approved="0"),
        ])  # fmt: skip
        _, _, losses = self.run_import(item(1, more=tree), item(2, wp_post_type="page", more=comment(20)))
        article = Article.objects.get(slug="item-1")
        numbers = {
            imported.comment_id: int(imported.source_id.rpartition(" ")[2])
            for imported in ImportedObject.objects.filter(kind="comment")
        }
        rows = Comment.objects.filter(article=article)
        parents = {numbers[row.pk]: numbers.get(row.parent_id) for row in rows}
        self.assertEqual(parents, {1: None, 2: 1, 4: 2, 5: 4, 6: None, 7: None, 8: None, 9: None, 11: 1})
        self.assertEqual(set(rows.values_list("imported_name", "author")), {("Ann Lee", None)})
        self.assertEqual(Thread.objects.get(article=article).visible_count, 8)
        self.assertEqual(rows.get(status="waiting").hold, Comment.Hold.IMPORTED)
        self.assertEqual([code for code, _ in losses], ["comment", "comment", "setting"])
        self.assertEqual(self.location("/?page_id=2"), "/articles/item-2/")
        self.assertFalse(Comment.objects.filter(text__contains="@old.example").exists())

    def test_email_addresses_are_kept_only_if_asked_for(self):
        self.run_import(item(more=comment(1)))
        self.assertFalse(ImportedEmail.objects.exists())
        self.run_import(item(more=comment(1) + comment(2, approved="0")), keep_emails=True)
        self.assertEqual(list(ImportedEmail.objects.values_list("email", flat=True)), ["ann@old.example"])
        self.assertFalse(Comment.objects.exclude(author=None).exists())

    def test_closed_comments_stay_closed_and_new_ones_are_added(self):
        self.run_import(item(more=comment(1), wp_comment_status="closed"))
        self.assertFalse(Thread.objects.get().is_open())
        self.run_import(item(more=comment(1) + comment(2, 1), wp_comment_status="closed"))
        self.assertEqual([row.parent_id for row in Comment.objects.order_by("pk")], [None, Comment.objects.first().pk])


class RepeatedImportTests(ImportCase):
    items = (item(1, more=comment(1) + TERMS), item(2, wp_post_type="page", wp_post_name="us"))

    def test_a_second_run_writes_nothing(self):
        self.run_import(*self.items)
        with CaptureQueriesContext(connection) as queries:
            _, out, _ = self.run_import(*self.items)
        self.assertEqual([q["sql"] for q in queries if q["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}], [])
        self.assertIn("0 new (0 published, 0 drafts), 0 updated, 2 unchanged", out)

    def test_names_that_differ_only_in_accents_and_signs_have_their_redirects_after_the_first_run(self):
        pick = random.Random(4)
        names = (
            "Economie",
            "économie",
            "ÉCONOMIE",
            "Economie 2",
            "#wifi",
            "WiFi",
            "wi-fi",
            "C++",
            "C",
            "日本",
            "日本!",
        )
        for round in range(3):
            declared, items = "", []
            for number, name in enumerate(names):
                kind = pick.choice(["category", "tag"])
                slug, label = ("category_nicename", "cat_name") if kind == "category" else ("tag_slug", "tag_name")
                declared += (
                    f"<wp:{kind}><wp:term_id>{number + 9}</wp:term_id><wp:{slug}>t{round}-{number}</wp:{slug}>"
                    f"<wp:{label}><![CDATA[{name}]]></wp:{label}></wp:{kind}>"
                )
            for number in range(6):
                terms = "".join(
                    f'<category domain="{pick.choice(("category", "post_tag"))}"'
                    f' nicename="t{round}-{names.index(name)}">'
                    f"<![CDATA[{name}]]></category>"
                    for name in pick.sample(names, 3)
                )
                items.append(item(100 * round + number, wp_post_name=f"r{round}-{number}", more=terms))
            self.run_import(declared, *items)
            with self.subTest(round), CaptureQueriesContext(connection) as queries:
                self.run_import(declared, *items)
                written = [q["sql"][:200] for q in queries if q["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
                self.assertEqual(written, [])

    def test_a_dry_run_writes_nothing(self):
        with CaptureQueriesContext(connection) as queries:
            _, out, _ = self.run_import(*self.items, dry_run=True)
        self.assertEqual([q["sql"] for q in queries if q["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}], [])
        self.assertIn("2 new (2 published, 0 drafts, 1 page, 1 comment)", out)

    def test_a_changed_page_gets_a_new_version_and_an_edited_one_is_kept(self):
        self.run_import(*self.items)
        changed = [self.items[0], item(2, wp_post_type="page", wp_post_name="us", content="New.")]
        self.run_import(*changed)
        page = Page.objects.get()
        self.assertEqual((page.body, page.versions.count()), ("<p>New.</p>", 2))
        Page.objects.update(body="<p>Edited.</p>")
        self.assertIn("edited", [code for code, _ in self.run_import(*self.items)[2]])
        self.assertEqual(Page.objects.get().body, "<p>Edited.</p>")

    def test_a_run_records_what_it_made(self):
        self.run_import(*self.items)
        kinds = ImportedObject.objects.filter(run=ImportRun.objects.get()).values_list("kind", flat=True)
        self.assertCountEqual(kinds, ["article", "comment", "page"])
        self.assertEqual(Redirect.objects.filter(path="/", query="p=1").count(), 1)
        self.assertEqual(Version.objects.count(), 1)

    def test_an_earlier_release_can_insert_rows_without_the_new_columns(self):
        self.run_import(*self.items)
        new = {Redirect: {"query"}, Comment: {"imported_name"}, ImportedObject: {"status", "reason"}}
        for model, added in new.items():
            row, table = model.objects.first(), connection.ops.quote_name(model._meta.db_table)
            names = [field.column for field in model._meta.concrete_fields if field.name not in added]
            columns = ", ".join(map(connection.ops.quote_name, names))
            with self.subTest(model), connection.cursor() as cursor:
                cursor.execute(f"SELECT {columns} FROM {table} WHERE id = %s", [row.pk])
                values = cursor.fetchone()
                cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row.pk])
                places = ", ".join(["%s"] * len(names))
                cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)
                row.refresh_from_db()
                self.assertEqual({getattr(row, name) for name in added}, {""})

    def test_unreadable_files_are_refused_before_anything_is_written(self):
        path = self.folder / "export.xml"
        path.write_bytes(b"<!DOCTYPE rss><rss></rss>")
        with self.assertRaisesMessage(CommandError, "document type"):
            call_command("import_site", "wordpress", str(path), stdout=io.StringIO())
        self.assertFalse(ImportRun.objects.exists())
