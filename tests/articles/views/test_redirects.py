"""Redirects from old URLs, and URLs that do not exist."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.media.renditions import create_first_renditions
from articles.models import Redirect
from articles.services.publishing import withdraw
from articles.services.redirects import add_redirect
from tests.budget import takes_longer
from tests.factories import make_article, make_draft, make_image, make_page, make_section


class RedirectTests(TestCase):
    def test_changed_slug_redirects_permanently(self):
        article = make_article(slug="first")
        article.slug = "second"
        article.save()
        add_redirect(item=article, old_slug="first")
        self.assertRedirects(self.client.get("/articles/first/"), "/articles/second/", status_code=301)
        article.slug = "first"
        article.save()
        add_redirect(item=article, old_slug="second")
        self.assertEqual(self.client.get("/articles/first/").status_code, 200)
        self.assertRedirects(self.client.get("/articles/second/"), "/articles/first/", status_code=301)

    def test_redirect_to_a_page_is_replaced_when_an_article_leaves_that_url(self):
        article = make_article(slug="here")
        Redirect.objects.create(path="/articles/here", page=make_page())
        article.slug = "there"
        article.save()
        add_redirect(item=article, old_slug="here")
        self.assertRedirects(self.client.get("/articles/here/"), "/articles/there/", status_code=301)

    def test_imported_url_redirects_with_and_without_slash_and_query(self):
        article = make_article()
        Redirect.objects.create(path=Redirect.normalise("/2014/05/an-article/"), article=article)
        for url in ("/2014/05/an-article/", "/2014/05/an-article", "/2014/05/an-article/?utm=x"):
            with self.subTest(url):
                self.assertRedirects(self.client.get(url), article.get_absolute_url(), status_code=301)

    def test_page_of_the_old_site_in_a_query_comes_before_the_front_page(self):
        article = make_article()
        Redirect.objects.create(path="/", query="p=7", article=article)
        Redirect.objects.create(path="/blog", query="page_id=8", article=article)
        for url in ("/?p=7", "/?p=7&utm_source=x", "/blog/?page_id=8"):
            with self.subTest(url):
                self.assertRedirects(self.client.get(url), article.get_absolute_url(), status_code=301)
        for url in ("/", "/?p=8", "/?p=x", "/?q=7", "/?p=7000000000000000000000000000"):
            with self.subTest(url):
                self.assertEqual(self.client.get(url).status_code, 200)
        self.assertEqual(self.client.get("/blog/").status_code, 404)

    def test_only_a_number_of_a_page_costs_the_front_page_a_query(self):
        for query, number in (("?p=7", 1), ("?p=x", 0), ("?q=7", 0)):
            with CaptureQueriesContext(connection) as queries:
                self.client.get(f"/{query}")
            asked = [entry for entry in queries if "articles_redirect" in entry["sql"]]
            self.assertEqual(len(asked), number, query)

    def test_old_feeds_and_further_pages_of_lists_lead_to_theirs_here(self):
        section, article = make_section(slug="world"), make_article()
        Redirect.objects.create(path="/category/world", section=section)
        Redirect.objects.create(path="/2014/bridge", article=article)
        for old, new in {
            "/category/world/feed/": "/sections/world/feeds/rss.xml",
            "/category/world/feed/atom/": "/sections/world/feeds/atom.xml",
            "/category/world/page/2/": "/sections/world/",
            "/2014/bridge/amp/": article.get_absolute_url(),
            "/2014/bridge/feed/": article.get_absolute_url(),
        }.items():
            with self.subTest(old):
                response = self.client.get(old)
                self.assertEqual((response.status_code, response["Location"]), (301, new))

    def test_further_pages_of_old_texts_and_of_their_comments_lead_to_the_text(self):
        article = make_article()
        Redirect.objects.create(path="/2014/05/bridge", article=article)
        Redirect.objects.create(path="/", query="p=7", article=article)
        for below in ("2/", "12", "page/2/", "comment-page-3/", "?page=2", "amp/?page=2"):
            with self.subTest(below):
                self.assertRedirects(
                    self.client.get(f"/2014/05/bridge/{below}"), article.get_absolute_url(), status_code=301
                )
        self.assertRedirects(self.client.get("/?p=7&page=2"), article.get_absolute_url(), status_code=301)
        for other in ("/2014/05/bridge/2/3/", "/2014/05/bridge/x2/", "/2014/05/dam/2/", "/2/"):
            self.assertEqual(self.client.get(other).status_code, 404, other)

    def test_a_further_page_reveals_no_draft(self):
        Redirect.objects.create(path="/2014/05/secret", article=make_draft())
        self.assertEqual(self.client.get("/2014/05/secret/2/").status_code, 404)

    def test_archives_of_the_old_site_by_date_lead_to_the_archive_here(self):
        article = make_article(at=datetime(2014, 5, 6, 12, tzinfo=UTC))
        Redirect.objects.create(path="/blog/2014/05/bridge", article=article)
        Redirect.objects.create(path="/archives/123", article=article)
        month, archive = "/archive/2014/05/", "/archive/"
        for old, new in {
            "/2014/05/": month, "/2014/5": month, "/2014/05/06/": month, "/2014/05/page/3/": month,
            "/2014/": archive, "/2014/page/2/": archive, "/2014/11/": archive, "/blog/2014/05/": month,
            "/blog/2014/": archive, "/date/2014/05/": month, "/archives/date/2014/05/page/2/": month,
        }.items():  # fmt: skip
            with self.subTest(old):
                self.assertRedirects(self.client.get(old), new, status_code=301)

    def test_dates_of_nothing_public_answer_404(self):
        make_article(at=datetime(2014, 5, 6, 12, tzinfo=UTC))
        hidden = make_article(at=datetime(2012, 5, 6, 12, tzinfo=UTC))
        withdraw(item=hidden)
        make_article(at=timezone.now() + timedelta(days=400))
        coming = (timezone.now() + timedelta(days=400)).year
        for old in ("/2013/", "/2012/05/", "/2012/", f"/{coming}/", "/2014/13/", "/2014/05/x/", "/events/2014/05/",
                    "/2014/0/", "/201/", "/9999/01/"):  # fmt: skip
            with self.subTest(old):
                self.assertEqual(self.client.get(old).status_code, 404)

    def test_redirect_to_an_image_needs_a_version_that_shows_it(self):
        image = make_image()
        create_first_renditions(image)
        Redirect.objects.create(path="/wp-content/uploads/a.jpg", image=image)
        self.assertEqual(self.client.get("/wp-content/uploads/a.jpg").status_code, 404)
        make_article(lead=image)
        response = self.client.get("/wp-content/uploads/a.jpg")
        self.assertEqual(response.status_code, 301)
        self.assertRegex(response["Location"], r"^/media/[0-9a-f]{64}\.jpg$")

    def test_redirect_is_not_cached_for_a_visitor_with_cookies(self):
        Redirect.objects.create(path="/old", article=make_article())
        self.assertIn("public", self.client.get("/old/").headers["Cache-Control"])
        self.client.cookies["cart"] = "x"
        self.assertEqual(self.client.get("/old/").headers["Cache-Control"], "private, no-store")

    def test_redirect_to_an_unpublished_article_is_not_found(self):
        for number, article in enumerate([make_draft(), make_article(at=timezone.now() + timedelta(days=1))]):
            Redirect.objects.create(path=f"/old/{number}", article=article)
            self.assertEqual(self.client.get(f"/old/{number}/").status_code, 404)

    def test_redirect_to_a_withdrawn_article_ends_at_410(self):
        article = make_article()
        Redirect.objects.create(path="/old/3", article=article)
        withdraw(item=article)
        self.assertEqual(self.client.get("/old/3", follow=True).status_code, 410)

    def test_usual_addresses_of_feeds_lead_to_the_feed(self):
        for url in ("/feed/", "/feed", "/rss/", "/rss.xml", "/feed.xml"):
            with self.subTest(url):
                self.assertRedirects(self.client.get(url), "/feeds/rss.xml", status_code=301)
        self.assertRedirects(self.client.get("/atom.xml"), "/feeds/atom.xml", status_code=301)

    def test_a_redirect_of_the_editors_wins_over_the_usual_address_of_a_feed(self):
        article = make_article()
        Redirect.objects.create(path="/feed", article=article)
        self.assertRedirects(self.client.get("/feed/"), article.get_absolute_url(), status_code=301)

    def test_unknown_and_malformed_urls_are_not_found(self):
        long = "x" * 3000
        for url in [
            "/articles/no-such/", "/articles/%00/", f"/articles/{long}/", f"/{long}", "/%ff%fe", "/a%00b",
            "/latest/?after=x", "/latest/?after=%00", f"/latest/?after={long}",
            "/sections/none/", "/media/../settings.py", f"/media/{'a' * 64}.exe", "/authors/²/",
        ]:  # fmt: skip
            with self.subTest(url[:60]):
                response = self.client.get(url)
                self.assertEqual(response.status_code, 404)

    def test_public_pages_reject_post(self):
        article = make_article()
        for url in ("/", "/latest/", article.get_absolute_url(), "/feeds/rss.xml", "/sitemap.xml", "/robots.txt"):
            with self.subTest(url):
                self.assertEqual(self.client.post(url, {"x": "y"}).status_code, 405)


class PaginationTests(TestCase):
    @takes_longer("Many requests, one after the other.")
    def test_every_article_is_on_exactly_one_page_of_a_list(self):
        published_at = timezone.now() - timedelta(days=3)
        headlines = [make_article(at=published_at).headline for _ in range(45)]
        html, url, pages = "", "/latest/", 0
        while url:
            page = self.client.get(url)
            html += page.content.decode()
            pages += 1
            after = page.context["page"].after
            url = f"/latest/?after={after}" if after else ""
        self.assertEqual(pages, 3)
        for headline in headlines:
            self.assertEqual(html.count(f">{headline}</a>"), 1, headline)
