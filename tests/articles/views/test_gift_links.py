"""Reading with a gift link, and giving articles."""

from datetime import timedelta
from unittest import mock
from urllib.parse import quote

import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, GiftLink, Redirect, gift_links
from tests.articles.gift_links import make_gift_link
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_comment,
    make_editor,
    make_recording,
    make_subscriber,
    make_user,
    make_version,
)
from truthlytics.web.read_counter import open_counter

GATED = "The gated text of the article."
BANNER, EXPIRED = "A subscriber has given you this article.", "This gift link has expired."
INVALID = "This gift link is not valid."
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


class ReadingTests(TestCase):
    def setUp(self):
        self.giver = make_subscriber(display_name="Nadia Lund")
        self.article = make_article(headline="A gated read", required_level=10)
        self.url = self.article.get_absolute_url()
        self.link = make_gift_link(self.article, self.giver)
        self.gift_url = self.link.get_absolute_url()
        # Without what other tests have counted.
        counter = open_counter(GiftLink.objects.add_opens)
        self.enterContext(mock.patch.object(gift_links, "OPENS", counter))

    def opens(self):
        gift_links.OPENS.flush()
        return GiftLink.objects.get(pk=self.link.pk).opens

    def assert_closed(self, url, sentence):
        page = self.client.get(url)
        self.assertNotContains(page, GATED)
        self.assertContains(page, 'id="gate"')
        self.assertContains(page, sentence, 1)
        self.assert_private(page)

    def assert_private(self, page):
        self.assertEqual(page.headers["Cache-Control"], "private, no-store")
        self.assertEqual(page.headers["X-Robots-Tag"], "noindex")
        self.assertEqual(page.headers["Referrer-Policy"], "same-origin")
        self.assertFalse(page.cookies)

    def test_anyone_reads_the_article_and_does_not_learn_who_gave_it(self):
        page = self.client.get(self.gift_url)
        self.assertContains(page, GATED)
        self.assertContains(page, BANNER)
        self.assertContains(page, 'href="/subscribe/"')
        self.assertNotContains(page, "Nadia Lund")
        self.assert_private(page)

    def test_page_does_not_repeat_the_token(self):
        page = self.client.get(self.gift_url)
        self.assertNotContains(page, self.link.token)
        self.assertNotIn(self.link.token, str(page.headers))
        self.assertContains(page, f'<link rel="canonical" href="{settings.SITE_URL}{self.url}">')

    def test_link_opens_nothing_else(self):
        other = make_article(required_level=10, headline="Another")
        self.assert_closed(f"{other.get_absolute_url()}?gift={self.link.token}", INVALID)
        self.assertNotContains(self.client.get(f"/search/?q=gated&gift={self.link.token}"), "<mark>gated</mark> text")
        self.client.get(self.gift_url)
        self.assertNotContains(self.client.get(self.url), GATED)

    def test_recordings_stay_closed(self):
        make_version(self.article, audio=make_recording())
        page = self.client.get(self.gift_url)
        self.assertContains(page, GATED)
        self.assertNotContains(page, "<audio")
        self.assertEqual(self.client.get(f"{self.url}audio.wav?gift={self.link.token}").status_code, 404)
        self.client.force_login(self.giver)
        self.assertContains(self.client.get(self.url), "<audio")

    def test_comments_stay_closed(self):
        reader = make_user()
        self.client.force_login(reader)
        posted = self.client.post(f"{self.url}comments/?gift={self.link.token}", {"text": "Hello.", "key": "k" * 32})
        self.assertIn(posted.status_code, {403, 302})
        self.assertFalse(self.article.comments.exists())

    def test_link_expires_after_14_days(self):
        with time_machine.travel(self.link.created_at + timedelta(days=14, seconds=-1), tick=False):
            self.assertContains(self.client.get(self.gift_url), GATED)
        with time_machine.travel(self.link.created_at + timedelta(days=14), tick=False):
            self.assert_closed(self.gift_url, EXPIRED)
            make_gift_link(self.article, self.giver)
            self.assert_closed(self.gift_url, EXPIRED)

    def test_link_works_after_the_url_of_the_article_changed(self):
        Article.objects.filter(pk=self.article.pk).update(slug="renamed")
        Redirect.objects.create(path=self.url.rstrip("/"), article=self.article)
        redirect = self.client.get(self.gift_url)
        self.assertRedirects(redirect, f"/articles/renamed/?gift={self.link.token}", status_code=301)
        self.assertEqual(redirect.headers["Cache-Control"], "private, no-store")
        self.assertContains(self.client.get(redirect.url), GATED)

    def test_invalid_tokens_show_the_gate(self):
        self.assert_closed(f"{self.url}?gift={self.link.token[:-1]}", INVALID)
        queries = ("", "x", "%00", "%FF" * 22, self.link.token.swapcase() + "x", "a" * 22, "é" * 22, "a" * 5000)
        for token in queries:
            with self.subTest(token[:30]):
                self.assert_closed(f"{self.url}?gift={token}", INVALID)
        self.assert_closed(f"{self.gift_url}&gift=", INVALID)

    def test_withdrawn_article_is_gone(self):
        Article.objects.update(withdrawn_at=timezone.now())
        page = self.client.get(self.gift_url)
        self.assertNotContains(page, GATED, status_code=410)
        self.assert_private(page)

    def test_newer_version_for_supporters_stays_closed(self):
        make_version(self.article, required_level=20)
        self.assert_closed(self.gift_url, EXPIRED)

    def test_newer_version_is_read_if_it_requires_no_more(self):
        make_version(self.article, body="<p>Free.</p><hr data-gate><p>Corrected words.</p>")
        self.assertContains(self.client.get(self.gift_url), "Corrected words.")

    def test_readers_with_access_see_no_notice(self):
        self.client.force_login(make_subscriber())
        page = self.client.get(self.gift_url)
        self.assertContains(page, GATED)
        self.assertNotContains(page, BANNER)
        self.client.logout()
        make_version(self.article, required_level=0)
        for url in (self.gift_url, f"{self.url}?gift=x"):
            self.assertNotContains(self.client.get(url), "gift-notice")

    def test_opens_by_browsers_are_counted(self):
        self.client.get(self.gift_url, headers=BROWSER)
        self.client.get(self.gift_url, headers=BROWSER)
        self.assertEqual(self.opens(), 2)

    def test_other_requests_are_not_counted(self):
        make_comment(article=self.article)
        self.client.head(self.gift_url, headers=BROWSER)
        self.client.get(self.gift_url, headers=BROWSER | {"Sec-Purpose": "prefetch;prerender"})
        self.client.get(self.gift_url, headers={"User-Agent": "WhatsApp/2.23"})
        self.client.get(f"{self.gift_url}&comments=", headers=BROWSER)
        for user in (self.giver, make_editor()):
            self.client.force_login(user)
            self.client.get(self.gift_url, headers=BROWSER)
        self.assertEqual(self.opens(), 0)


class GivingTests(TestCase):
    def setUp(self):
        cache.clear()
        self.giver = make_subscriber()
        self.article = make_article(headline="A gated read", required_level=10)
        self.url = self.article.get_absolute_url()
        self.give_url = f"{self.url}gift-link/"
        self.client.force_login(self.giver)

    def test_subscribers_can_give_gated_articles_only(self):
        supporters, free = make_article(required_level=20), make_article(required_level=0)
        registered = make_article(required_level=1)
        for article, offered in [(self.article, True), (registered, True), (free, False), (supporters, False)]:
            page = self.client.get(article.get_absolute_url())
            self.assertEqual("Give this article" in page.content.decode(), offered, article.required_level)
        self.assertEqual(self.client.post(f"{free.get_absolute_url()}gift-link/").status_code, 404)
        self.assertEqual(self.client.post(f"{supporters.get_absolute_url()}gift-link/").status_code, 403)
        self.assertFalse(GiftLink.objects.exists())

    def test_others_cannot_give(self):
        for reader in (make_user(), make_user(verified=False)):
            self.client.force_login(reader)
            self.assertNotContains(self.client.get(self.url), "Give this article")
            self.assertContains(self.client.get(self.give_url), "Subscribers can give articles")
            self.assertEqual(self.client.post(self.give_url).status_code, 403)
        self.client.logout()
        self.assertNotContains(self.client.get(self.url), "Give this article")
        self.assertRedirects(self.client.post(self.give_url), f"/accounts/login/?next={self.give_url}")
        self.assertFalse(GiftLink.objects.exists())

    def test_reader_of_a_gift_cannot_pass_it_on(self):
        link = make_gift_link(self.article, self.giver)
        self.client.force_login(make_user())
        self.assertNotContains(self.client.get(link.get_absolute_url()), "Give this article")

    def test_post_creates_the_link_and_get_only_asks(self):
        self.assertContains(self.client.get(self.give_url), "Create the link")
        self.assertFalse(GiftLink.objects.exists())
        page = self.client.post(self.give_url, follow=True)
        link = GiftLink.objects.get()
        address = f"{settings.SITE_URL}{link.get_absolute_url()}"
        self.assertContains(page, f">{address}</p>")
        self.assertContains(page, "9 of 10 gift links left this month.")
        self.assertContains(
            page,
            f"mailto:?subject=A%20gated%20read&amp;body={quote(address, safe='')}",
        )
        self.assertContains(page, "Not opened yet.")
        self.client.post(self.give_url)
        self.assertEqual(GiftLink.objects.get(), link)

    def test_page_shows_the_reader_s_own_link_only(self):
        link = make_gift_link(self.article, make_subscriber())
        self.assertNotContains(self.client.get(self.give_url), link.token)

    def test_limit_is_explained(self):
        for _ in range(10):
            make_gift_link(make_article(required_level=10), self.giver)
        page = self.client.post(self.give_url, follow=True)
        self.assertContains(page, "You have given ten articles this month.")
        self.assertContains(page, "0 of 10 gift links left this month.")
        self.assertNotContains(page, "Create the link")

    def test_giving_is_rate_limited(self):
        with mock.patch("articles.views.gift_links.allow", return_value=False):
            page = self.client.post(self.give_url, follow=True)
        self.assertContains(page, "Please try again later.")
        self.assertFalse(GiftLink.objects.exists())

    def test_drafts_withdrawn_and_unknown_articles(self):
        self.assertEqual(self.client.post("/articles/no-such-article/gift-link/").status_code, 404)
        Article.objects.update(withdrawn_at=timezone.now())
        self.assertEqual(self.client.post(self.give_url).status_code, 410)

    @takes_longer("Long lists are made and read.")
    def test_list_shows_own_links_with_a_constant_number_of_queries(self):
        make_gift_link(make_article(headline="Someone else’s.", required_level=10), make_subscriber())
        now = timezone.now()
        for number in range(32):
            article = make_article(headline=f"Number {number}.", required_level=10)
            make_gift_link(article, self.giver, at=now - timedelta(days=4 * number))
        GiftLink.objects.filter(article=article).update(opens=3)
        with self.assertNumQueries(3 + 6):  # links, articles, links left; session, user, access, menus, legal, sections
            page = self.client.get(reverse("articles:gift_links"))
        self.assertContains(page, "Number 29.")
        self.assertContains(page, "Works until")
        self.assertContains(page, "Expired on")
        self.assertContains(page, "Show link", 4)
        self.assertNotContains(page, "Number 30.")
        self.assertNotContains(page, "Someone else")
        second = self.client.get(reverse("articles:gift_links"), {"after": page.context["page"].after})
        self.assertContains(second, "Opened 3 times.")

    def test_withdrawn_articles_are_listed_without_their_headline(self):
        make_gift_link(self.article, self.giver)
        Article.objects.update(withdrawn_at=timezone.now())
        page = self.client.get(reverse("articles:gift_links"))
        self.assertContains(page, "An article that is no longer available")
        self.assertNotContains(page, "A gated read")
