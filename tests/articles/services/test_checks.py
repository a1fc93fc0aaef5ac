"""Checks with real links and images, their enforcement when publishing, and their list in the editor."""

from datetime import timedelta
from unittest import mock
from uuid import uuid4

from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.checks import LinkTarget, Severity
from articles.media.renditions import create_missing_renditions
from articles.models import Article, Image
from articles.services import autosave, publishing, redirects, revisions
from articles.services.checks import _file_size, findings_in, link_targets
from tests.factories import (
    make_article,
    make_author,
    make_document,
    make_dossier,
    make_draft,
    make_image,
    make_member,
    make_page,
    make_section,
    make_series,
)
from tests.queries import SameQueries

BASE_URL = "/articles/here/"


class LinkTargetTests(TestCase):
    def targets(self, *hrefs):
        return link_targets(hrefs, BASE_URL)

    def test_article_targets_by_state(self):
        public, draft = make_article(slug="public"), make_draft(slug="draft")
        scheduled = make_draft(slug="scheduled")
        publishing.publish(item=scheduled, at=timezone.now() + timedelta(days=1))
        publishing.withdraw(item=make_article(slug="gone"))
        expected = {
            "public": LinkTarget.PUBLIC,
            "draft": LinkTarget.DRAFT,
            "scheduled": LinkTarget.DRAFT,
            "gone": LinkTarget.DRAFT,
        }
        expected["never"] = LinkTarget.NOT_FOUND
        self.assertEqual(
            self.targets(*(f"/articles/{slug}/" for slug in expected)),
            {f"/articles/{slug}/": target for slug, target in expected.items()},
        )
        self.assertEqual((public.state(), draft.state()), ("published", "draft"))

    def test_equivalent_urls_are_recognised(self):
        make_article(slug="public")
        for href in (
            "/articles/public",
            "/articles/public/?utm=1#note-3",
            "http://localhost:8000/articles/public/",
            "HTTP://LOCALHOST:8000/articles/public/",
            "../public/",
            "//localhost:8000/articles/public/",
            "/articles/p%75blic/",
        ):
            with self.subTest(href), override_settings(SITE_URL="http://localhost:8000"):
                self.assertEqual(self.targets(href), {href: LinkTarget.PUBLIC})

    def test_redirects_are_followed_except_to_drafts(self):
        article, draft = make_article(slug="new"), make_draft(slug="later")
        redirects.add_redirect(item=article, old_slug="old")
        article.redirects.create(path="/2019/05/harbour")
        draft.redirects.create(path="/2020/05/draft")
        self.assertEqual(
            self.targets("/articles/old/", "/2019/05/harbour/", "/2020/05/draft"),
            {
                "/articles/old/": LinkTarget.REDIRECT,
                "/2019/05/harbour/": LinkTarget.REDIRECT,
                "/2020/05/draft": LinkTarget.NOT_FOUND,
            },
        )

    def test_other_public_pages(self):
        public = [make_section(), make_author(), make_series(), make_document()]
        hrefs = [item.get_absolute_url() for item in public]
        hrefs += ["/", "/latest/", "/search/?q=port", "/archive/", "/subscribe/", "/feeds/rss.xml"]
        self.assertEqual(set(self.targets(*hrefs).values()), {LinkTarget.PUBLIC})
        unknown = ["/sections/none/", "/topics/none/", "/authors/none/", "/series/none/", "/dossiers/none/", "/nowhere"]
        unknown += ["/pages/none/", f"/media/{'0' * 64}.pdf"]
        self.assertEqual(set(self.targets(*unknown).values()), {LinkTarget.NOT_FOUND})

    def test_draft_dossiers_and_pages(self):
        public = [make_dossier(make_article()), make_page()]
        drafts = [make_dossier(publish=False), make_page(published=False)]
        for items, target in ((public, LinkTarget.PUBLIC), (drafts, LinkTarget.DRAFT)):
            self.assertEqual(set(self.targets(*(item.get_absolute_url() for item in items)).values()), {target})

    def test_newsroom_urls(self):
        self.assertEqual(
            self.targets("/admin/articles/article/3/change/"),
            {"/admin/articles/article/3/change/": LinkTarget.NEWSROOM},
        )

    def test_external_email_and_fragment_links_are_ignored(self):
        self.assertEqual(
            self.targets("https://other.example/articles/x/", "mailto:a@b.example", "#note-1", "http://["), {}
        )

    def test_invalid_urls_have_a_target(self):
        for href in (
            "/articles/%00/",
            "/%00",
            f"/{'x' * 5000}/",
            "/articles/%ff%fe/",
            "/comments/9999999999999999999999/",
        ):
            with self.subTest(href[:40]):
                self.assertEqual(len(self.targets(href)), 1)

    def test_query_count_does_not_grow_with_links(self):
        for number in range(3):
            make_article(slug=f"a-{number}")
        hrefs = [f"/articles/a-{number}/" for number in range(100)]
        queries = SameQueries(self)
        for subset in (hrefs[:4], hrefs):
            with self.subTest(len(subset)), queries:
                self.targets(*subset)


class ImageCheckTests(TestCase):
    def findings(self, article, **more):
        return findings_in(revisions.current_fields(article), address=BASE_URL, **more)

    def test_missing_alt_text_and_credit_name_the_image(self):
        image = make_image()
        create_missing_renditions(image)
        article = make_draft(lead=image, body=f'<p>W.</p><figure data-image="{image.uuid}"></figure>')
        self.assertEqual(self.findings(article), [])
        Image.objects.update(alt="", credit=" ")
        self.assertEqual(
            [(f.check, f.image) for f in self.findings(article)],
            [("missing-alt-text", image.pk), ("missing-credit", image.pk)],
        )
        unknown = make_draft(body=f'<p>W.</p><figure data-image="{uuid4()}"></figure>')
        self.assertEqual([f.check for f in self.findings(unknown)], ["deleted-image"])

    def test_size_check_uses_the_rendition(self):
        image = make_image()
        article = make_draft(lead=image, body="<p>W.</p>")
        self.assertEqual([f.check for f in self.findings(article)], ["unfinished-image"])
        create_missing_renditions(image)
        self.addCleanup(_file_size.cache_clear)
        with mock.patch("django.core.files.storage.InMemoryStorage.size", return_value=5 * 1024**2):
            self.assertEqual([f.check for f in self.findings(article)], ["large-image"])
        _file_size.cache_clear()
        with mock.patch("django.core.files.storage.InMemoryStorage.size", side_effect=FileNotFoundError):
            self.assertEqual(self.findings(article), [])

    def test_no_queries_without_links_or_images(self):
        article = make_draft()
        text = revisions.current_fields(article)
        with self.assertNumQueries(0):
            findings_in(text, address=BASE_URL)


class PublishingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_member("Editor")
        cls.draft = make_draft(body="<p>It has TK berths.</p>")

    def test_publish_refuses_blocking_findings_only(self):
        with self.assertRaises(publishing.NotReadyError) as caught:
            publishing.publish(item=self.draft)
        self.assertEqual(caught.exception.reasons, ["“TK” is still in “It has TK berths.”."])
        publishing.publish(item=make_draft(headline="x" * 90, standfirst=""))

    def test_imports_run_essential_checks_only(self):
        self.assertEqual(publishing.publish(item=self.draft, essential_checks_only=True).number, 1)
        with self.assertRaises(publishing.NotReadyError):
            publishing.publish(item=make_draft(section=None), essential_checks_only=True)

    def test_publish_page_links_blocking_findings(self):
        self.client.force_login(self.editor)
        url = reverse("admin:articles_article_publish", args=[self.draft.pk])
        change = reverse("admin:articles_article_change", args=[self.draft.pk])
        for response, status in ((self.client.get(url), 200), (self.client.post(url, {"when": "now", "last": 0}), 422)):
            self.assertContains(
                response, f'href="{change}?at=body.0.qIt%20has%20TK%20berths.#id_body"', status_code=status
            )
            self.assertNotContains(response, "Publish now", status_code=status)
        self.assertFalse(self.draft.versions.exists())

    def test_suggestions_do_not_block_publishing(self):
        draft = make_draft(standfirst="")
        self.client.force_login(self.editor)
        url = reverse("admin:articles_article_publish", args=[draft.pk])
        self.assertContains(self.client.get(url), "There is no standfirst")
        self.client.post(url, {"when": "now", "last": 0, "ai_uses": "none"})
        self.assertTrue(draft.versions.exists())

    def test_essential_checks(self):
        bare = make_draft(headline=" ", section=None, authors=[], body="<p> </p>")
        found = publishing.blocking_findings(bare, publishing.content_of(bare), minimum=Severity.ESSENTIAL)
        self.assertEqual([f.check for f in found], ["missing-headline", "missing-section", "missing-author"])
        found = publishing.blocking_findings(bare, publishing.content_of(bare))
        self.assertIn("missing-text", [f.check for f in found])


class EditorChecksTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author = make_member("Author")
        cls.draft = make_draft(authors=[make_author(user=cls.author)], body="<p>It has TK berths.</p>")
        cls.url = reverse("admin:articles_article_checks", args=[cls.draft.pk])

    def setUp(self):
        self.client.force_login(self.author)

    def autosave(self, tab="t", **fields):
        fields = {"headline": "A headline", "body": "<p>Whole.</p>", "standfirst": "S."} | fields
        query = "&".join(f"{name}={value}" for name, value in fields.items())
        autosave.store(item=self.draft, user=self.author, form_data=query, based_on=0, tab=tab, sequence=1)

    def test_editor_lists_findings(self):
        page = self.client.get(reverse("admin:articles_article_change", args=[self.draft.pk]))
        self.assertContains(page, "“TK” is still in “It has TK berths.”.")
        self.assertContains(page, 'data-quote="It has TK berths."')
        self.assertContains(page, "1 to fix")
        self.assertContains(self.client.get(reverse("admin:articles_article_add")), "Checks start when you type.")

    def test_autosaved_text_of_this_tab_is_checked(self):
        self.autosave(headline="TK")
        self.assertContains(self.client.get(self.url, {"tab": "t"}), "is still in the headline")
        self.assertNotContains(self.client.get(self.url, {"tab": "t"}), "berths")

    def test_autosaved_text_of_another_tab_is_ignored(self):
        self.autosave(tab="other")
        for query in ({"tab": "t"}, {}, {"tab": "\x01" * 500}):
            self.assertContains(self.client.get(self.url, query), "It has TK berths.")

    def test_quotes_are_escaped(self):
        Article.objects.update(body="<p>&lt;b&gt;TK&lt;/b&gt; &quot;x</p>")
        self.assertContains(self.client.get(self.url), "&lt;b&gt;TK&lt;/b&gt; &quot;x")

    def test_findings_need_change_permission(self):
        foreign = reverse("admin:articles_article_checks", args=[make_draft().pk])
        self.assertEqual(self.client.get(foreign).status_code, 404)
        for role, status in (("Editor", 200), ("Publisher", 200), ("Moderator", 404), ("Author", 404)):
            self.client.force_login(make_member(role))
            self.assertEqual(self.client.get(self.url).status_code, status)
            self.assertIn(self.client.post(self.url).status_code, {404, 405})
        self.client.logout()
        self.assertEqual(self.client.get(self.url).status_code, 302)

    def test_check_list_takes_ten_queries(self):
        self.autosave()
        with self.assertNumQueries(10):
            self.client.get(self.url, {"tab": "t"})
