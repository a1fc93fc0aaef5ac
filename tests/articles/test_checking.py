"""What the checks know of the library and the site, and that nothing is published past them, on any path."""

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
from tests.articles.test_documents import make_document
from tests.factories import (
    make_article,
    make_author,
    make_dossier,
    make_draft,
    make_image,
    make_member,
    make_page,
    make_section,
    make_series,
)

HERE = "/articles/here/"


class LeadTests(TestCase):
    def leads(self, *hrefs):
        return link_targets(hrefs, HERE)

    def test_articles_by_what_readers_find_there(self):
        public, draft = make_article(slug="public"), make_draft(slug="draft")
        ahead = make_draft(slug="ahead")
        publishing.publish(item=ahead, at=timezone.now() + timedelta(days=1))
        publishing.withdraw(item=make_article(slug="gone"))
        expected = {
            "public": LinkTarget.PUBLIC,
            "draft": LinkTarget.DRAFT,
            "ahead": LinkTarget.DRAFT,
            "gone": LinkTarget.DRAFT,
        }
        expected["never"] = LinkTarget.NOT_FOUND
        self.assertEqual(self.leads(*(f"/articles/{slug}/" for slug in expected)), {
            f"/articles/{slug}/": where for slug, where in expected.items()
        })  # fmt: skip
        self.assertEqual((public.state(), draft.state()), ("published", "draft"))

    def test_a_link_may_be_written_in_many_ways(self):
        make_article(slug="public")
        for href in (
            "/articles/public", "/articles/public/?utm=1#note-3", "http://localhost:8000/articles/public/",
            "HTTP://LOCALHOST:8000/articles/public/", "../public/", "//localhost:8000/articles/public/",
            "/articles/p%75blic/",
        ):  # fmt: skip
            with self.subTest(href), override_settings(SITE_URL="http://localhost:8000"):
                self.assertEqual(self.leads(href), {href: LinkTarget.PUBLIC})

    def test_an_old_address_leads_on_and_tells_of_no_draft(self):
        article, draft = make_article(slug="new"), make_draft(slug="later")
        redirects.add_redirect(item=article, old_slug="old")
        article.redirects.create(path="/2019/05/harbour")
        draft.redirects.create(path="/2020/05/draft")
        self.assertEqual(
            self.leads("/articles/old/", "/2019/05/harbour/", "/2020/05/draft"),
            {
                "/articles/old/": LinkTarget.REDIRECT,
                "/2019/05/harbour/": LinkTarget.REDIRECT,
                "/2020/05/draft": LinkTarget.NOT_FOUND,
            },
        )

    def test_lists_and_pages(self):
        there = [make_section(), make_author(), make_series(), make_document()]
        hrefs = [one.get_absolute_url() for one in there]
        hrefs += ["/", "/latest/", "/search/?q=port", "/archive/", "/subscribe/", "/feeds/rss.xml"]
        self.assertEqual(set(self.leads(*hrefs).values()), {LinkTarget.PUBLIC})
        dead = ["/sections/none/", "/topics/none/", "/authors/none/", "/series/none/", "/dossiers/none/", "/nowhere"]
        dead += ["/pages/none/", f"/media/{'0' * 64}.pdf"]
        self.assertEqual(set(self.leads(*dead).values()), {LinkTarget.NOT_FOUND})

    def test_dossiers_and_pages_may_be_drafts(self):
        there = [make_dossier(make_article()), make_page()]
        revisions = [make_dossier(publish=False), make_page(published=False)]
        for things, where in ((there, LinkTarget.PUBLIC), (revisions, LinkTarget.DRAFT)):
            self.assertEqual(set(self.leads(*(one.get_absolute_url() for one in things)).values()), {where})

    def test_the_newsroom_is_no_place_for_readers(self):
        self.assertEqual(self.leads("/admin/articles/article/3/change/"), {
            "/admin/articles/article/3/change/": LinkTarget.NEWSROOM
        })  # fmt: skip

    def test_other_sites_letters_and_places_in_the_page_are_not_ours(self):
        self.assertEqual(
            self.leads("https://other.example/articles/x/", "mailto:a@b.example", "#note-1", "http://["), {}
        )

    def test_odd_addresses_lead_nowhere(self):
        for href in (
            "/articles/%00/",
            "/%00",
            f"/{'x' * 5000}/",
            "/articles/%ff%fe/",
            "/comments/9999999999999999999999/",
        ):
            with self.subTest(href[:40]):
                self.assertEqual(len(self.leads(href)), 1)

    def test_a_hundred_links_cost_as_many_queries_as_one(self):
        for number in range(3):
            make_article(slug=f"a-{number}")
        hrefs = [f"/articles/a-{number}/" for number in range(100)]
        for some in (hrefs[:4], hrefs):
            with self.subTest(len(some)), self.assertNumQueries(3):
                self.leads(*some)


class LibraryTests(TestCase):
    def of(self, article, **more):
        return findings_in(revisions.current_fields(article), address=HERE, **more)

    def test_a_picture_without_words_is_found_with_the_row_to_mend(self):
        image = make_image()
        article = make_draft(lead=image, body=f'<p>W.</p><figure data-image="{image.uuid}"></figure>')
        self.assertEqual(self.of(article), [])
        Image.objects.update(alt="", credit=" ")
        self.assertEqual(
            [(f.check, f.image) for f in self.of(article)],
            [("missing-alt-text", image.pk), ("missing-credit", image.pk)],
        )
        unknown = make_draft(body=f'<p>W.</p><figure data-image="{uuid4()}"></figure>')
        self.assertEqual([f.check for f in self.of(unknown)], ["deleted-image"])

    def test_what_readers_get_is_weighed_and_not_the_original(self):
        image = make_image()
        article = make_draft(lead=image, body="<p>W.</p>")
        self.assertEqual(self.of(article), [])
        create_missing_renditions(image)
        self.addCleanup(_file_size.cache_clear)
        with mock.patch("django.core.files.storage.InMemoryStorage.size", return_value=5 * 1024**2):
            self.assertEqual([f.check for f in self.of(article)], ["large-image"])
        _file_size.cache_clear()
        with mock.patch("django.core.files.storage.InMemoryStorage.size", side_effect=FileNotFoundError):
            self.assertEqual(self.of(article), [])

    def test_nothing_named_costs_nothing(self):
        article = make_draft()
        text = revisions.current_fields(article)
        with self.assertNumQueries(0):
            findings_in(text, address=HERE)


class PublishingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_member("Editor")
        cls.draft = make_draft(body="<p>It has TK berths.</p>")

    def test_the_service_refuses_what_blocks_and_lets_advice_pass(self):
        with self.assertRaises(publishing.NotReadyError) as caught:
            publishing.publish(item=self.draft)
        self.assertEqual(caught.exception.reasons, ["“TK” is still in “It has TK berths.”."])
        publishing.publish(item=make_draft(headline="x" * 90, standfirst=""))

    def test_what_was_public_elsewhere_comes_as_it_was_with_what_no_page_can_do_without(self):
        self.assertEqual(publishing.publish(item=self.draft, essential_checks_only=True).number, 1)
        with self.assertRaises(publishing.NotReadyError):
            publishing.publish(item=make_draft(section=None), essential_checks_only=True)

    def test_the_page_shows_what_blocks_with_the_way_to_it_and_publishes_nothing(self):
        self.client.force_login(self.editor)
        url = reverse("admin:articles_article_publish", args=[self.draft.pk])
        change = reverse("admin:articles_article_change", args=[self.draft.pk])
        for response, status in (
            (self.client.get(url), 200), (self.client.post(url, {"when": "now", "last": 0}), 422)
        ):  # fmt: skip
            self.assertContains(
                response, f'href="{change}?at=body.0.qIt%20has%20TK%20berths.#id_body"', status_code=status
            )
            self.assertNotContains(response, "Publish now", status_code=status)
        self.assertFalse(self.draft.versions.exists())

    def test_advice_is_shown_and_hinders_nobody(self):
        draft = make_draft(standfirst="")
        self.client.force_login(self.editor)
        url = reverse("admin:articles_article_publish", args=[draft.pk])
        self.assertContains(self.client.get(url), "There is no standfirst")
        self.client.post(url, {"when": "now", "last": 0})
        self.assertTrue(draft.versions.exists())

    def test_the_essential_ones_are_those_that_a_page_needs(self):
        bare = make_draft(headline=" ", section=None, authors=[], body="<p> </p>")
        found = publishing.blocking_findings(bare, publishing.content_of(bare), minimum=Severity.ESSENTIAL)
        self.assertEqual(
            [f.check for f in found], ["missing-headline", "missing-text", "missing-section", "missing-author"]
        )


class DeskTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author = make_member("Author")
        cls.draft = make_draft(authors=[make_author(user=cls.author)], body="<p>It has TK berths.</p>")
        cls.url = reverse("admin:articles_article_checks", args=[cls.draft.pk])

    def setUp(self):
        self.client.force_login(self.author)

    def keep(self, tab="t", **fields):
        words = {"headline": "A headline", "body": "<p>Whole.</p>", "standfirst": "S."} | fields
        query = "&".join(f"{name}={value}" for name, value in words.items())
        autosave.store(item=self.draft, user=self.author, form_data=query, based_on=0, tab=tab, sequence=1)

    def test_the_page_of_the_desk_lists_them(self):
        page = self.client.get(reverse("admin:articles_article_change", args=[self.draft.pk]))
        self.assertContains(page, "“TK” is still in “It has TK berths.”.")
        self.assertContains(page, 'data-quote="It has TK berths."')
        self.assertContains(page, "1 to mend")
        self.assertContains(self.client.get(reverse("admin:articles_article_add")), "Checks start when you type.")

    def test_words_that_this_page_keeps_are_looked_at(self):
        self.keep(headline="TK")
        self.assertContains(self.client.get(self.url, {"tab": "t"}), "is still in the headline")
        self.assertNotContains(self.client.get(self.url, {"tab": "t"}), "berths")

    def test_words_of_another_page_are_not(self):
        self.keep(tab="other")
        for query in ({"tab": "t"}, {}, {"tab": "\x01" * 500}):
            self.assertContains(self.client.get(self.url, query), "It has TK berths.")

    def test_what_people_type_is_shown_as_words(self):
        Article.objects.update(body="<p>&lt;b&gt;TK&lt;/b&gt; &quot;x</p>")
        self.assertContains(self.client.get(self.url), "&lt;b&gt;TK&lt;/b&gt; &quot;x")

    def test_only_who_may_change_it_is_told(self):
        foreign = reverse("admin:articles_article_checks", args=[make_draft().pk])
        self.assertEqual(self.client.get(foreign).status_code, 404)
        for role, status in (("Editor", 200), ("Publisher", 200), ("Moderator", 404), ("Author", 404)):
            self.client.force_login(make_member(role))
            self.assertEqual(self.client.get(self.url).status_code, status)
            self.assertIn(self.client.post(self.url).status_code, {404, 405})
        self.client.logout()
        self.assertEqual(self.client.get(self.url).status_code, 302)

    def test_it_costs_no_more_than_a_handful_of_queries(self):
        self.keep()
        with self.assertNumQueries(9):
            self.client.get(self.url, {"tab": "t"})
