"""An address that was once ours leads on, and bad ones are simply not found."""

from datetime import timedelta

from django.test import TestCase
from django.utils import timezone

from articles.models import Redirect
from articles.services.publishing import move, withdraw
from tests.factories import make_article, make_draft, make_page


class AddressTests(TestCase):
    def test_a_changed_slug_leads_on_for_good(self):
        article = make_article(slug="first")
        article.slug = "second"
        article.save()
        move(article=article, old_slug="first")
        self.assertRedirects(self.client.get("/articles/first/"), "/articles/second/", status_code=301)
        article.slug = "first"
        article.save()
        move(article=article, old_slug="second")
        self.assertEqual(self.client.get("/articles/first/").status_code, 200)
        self.assertRedirects(self.client.get("/articles/second/"), "/articles/first/", status_code=301)

    def test_an_address_that_led_to_a_page_leads_to_the_article_that_leaves_it(self):
        article = make_article(slug="here")
        Redirect.objects.create(path="/articles/here", page=make_page())
        article.slug = "there"
        article.save()
        move(article=article, old_slug="here")
        self.assertRedirects(self.client.get("/articles/here/"), "/articles/there/", status_code=301)

    def test_an_imported_address_answers_with_and_without_slash_and_query(self):
        article = make_article()
        Redirect.objects.create(path=Redirect.normal("/2014/05/a-piece/"), article=article)
        for address in ("/2014/05/a-piece/", "/2014/05/a-piece", "/2014/05/a-piece/?utm=x"):
            with self.subTest(address):
                self.assertRedirects(self.client.get(address), article.get_absolute_url(), status_code=301)

    def test_the_way_on_of_a_known_visitor_is_kept_by_no_cache(self):
        Redirect.objects.create(path="/old", article=make_article())
        self.assertIn("public", self.client.get("/old/").headers["Cache-Control"])
        self.client.cookies["cart"] = "x"
        self.assertEqual(self.client.get("/old/").headers["Cache-Control"], "private, no-store")

    def test_an_old_address_does_not_tell_of_what_is_not_public(self):
        for number, article in enumerate([make_draft(), make_article(at=timezone.now() + timedelta(days=1))]):
            Redirect.objects.create(path=f"/old/{number}", article=article)
            self.assertEqual(self.client.get(f"/old/{number}/").status_code, 404)

    def test_an_old_address_of_what_was_public_leads_to_where_that_is_said(self):
        article = make_article()
        Redirect.objects.create(path="/old/3", article=article)
        withdraw(article=article)
        self.assertEqual(self.client.get("/old/3", follow=True).status_code, 410)

    def test_what_nobody_asked_for_is_not_found_and_never_an_error(self):
        long = "x" * 3000
        for address in [
            "/articles/no-such/", "/articles/%00/", f"/articles/{long}/", f"/{long}", "/%ff%fe", "/a%00b",
            "/latest/?after=x", "/latest/?after=%00", f"/latest/?after={long}",
            "/sections/none/", "/media/../settings.py", f"/media/{'a' * 64}.exe", "/authors/²/",
        ]:  # fmt: skip
            with self.subTest(address[:60]):
                response = self.client.get(address)
                self.assertEqual(response.status_code, 404)

    def test_reading_pages_take_no_other_method(self):
        article = make_article()
        for address in ("/", "/latest/", article.get_absolute_url(), "/feeds/rss.xml", "/sitemap.xml", "/robots.txt"):
            with self.subTest(address):
                self.assertEqual(self.client.post(address, {"x": "y"}).status_code, 405)


class PagingTests(TestCase):
    def test_every_piece_stands_once_in_the_pages_of_a_list(self):
        moment = timezone.now() - timedelta(days=3)
        made = [make_article(at=moment).headline for _ in range(45)]
        seen, address, pages = "", "/latest/", 0
        while address:
            page = self.client.get(address)
            seen += page.content.decode()
            pages += 1
            after = page.context["page"].after
            address = f"/latest/?after={after}" if after else ""
        self.assertEqual(pages, 3)
        for headline in made:
            self.assertEqual(seen.count(f">{headline}</a>"), 1, headline)
