"""The paywall offer, and cookies on anonymous pages."""

from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory, TestCase
from django.utils import timezone

from subscriptions.access import NOBODY
from subscriptions.services.access import access_for
from tests.factories import make_article, make_plan, make_price, make_staff, make_subscriber, make_tier, make_user

GATE = Template("{% load subscriptions %}{% gate level reason next_url %}")


class GateTests(TestCase):
    def gate(self, user=None, level=10, reason="subscribe", next_url="/articles/a/"):
        request = RequestFactory().get("/")
        request.user = user or AnonymousUser()
        request.access = access_for(user, timezone.now()) if user else NOBODY
        names = {"request": request, "user": request.user, "level": level, "reason": reason, "next_url": next_url}
        return GATE.render(Context(names))

    def test_gate_shows_price_and_benefits(self):
        plan = make_plan()
        for minor, fields in [(900, {}), (9000, {"interval": "year"}), (1000, {"currency": "USD"})]:
            make_price(plan, minor=minor, **fields)
        make_price(minor=1200)
        make_price(make_plan(make_tier(20)), minor=2000)
        html = self.gate()
        self.assertInHTML("<strong>€9.00 a month or €90.00 a year.</strong>", html)
        self.assertIn("/accounts/login/?next=%2Farticles%2Fa%2F", html)

    def test_supporter_article_shows_supporter_price(self):
        make_price()
        make_price(make_plan(make_tier(20)), minor=1900)
        html = self.gate(level=20)
        self.assertIn("€19.00", html)
        self.assertNotIn("€9.00", html)

    def test_gate_costs_one_query_and_none_for_registration(self):
        make_price()
        with self.assertNumQueries(1):
            self.gate()
        with self.assertNumQueries(0):
            html = self.gate(level=1, reason="register")
        self.assertIn("/accounts/signup/?next=%2Farticles%2Fa%2F", html)

    def test_logged_in_reader_is_not_asked_to_log_in(self):
        make_price()
        for user, sentence in [
            (make_user(), "You’re logged in, but you don’t have a subscription."),
            (make_subscriber(), "Your plan doesn’t include"),
        ]:
            with self.subTest(sentence):
                html = self.gate(user, level=20)
                self.assertIn(sentence, html)
                self.assertNotIn("Already subscribed", html)
        self.assertIn("Confirm your email", self.gate(make_user(verified=False), 1, "register"))

    def test_nothing_is_sold_to_the_newsroom(self):
        make_price()
        html = self.gate(make_staff())
        self.assertIn("Your role in the newsroom", html)
        for words in ("€9.00", "See plans", "subscription."):
            self.assertNotIn(words, html)

    def test_gate_without_any_price(self):
        self.assertIn("See plans", self.gate())

    def test_gate_shows_how_much_was_read(self):
        body = f"<p>{'Free words. ' * 50}</p><hr data-gate><p>{'Gated words. ' * 600}</p>"
        for level, user in [(1, None), (10, None), (10, make_user())]:
            article = make_article(body=body, required_level=level)
            if user:
                self.client.force_login(user)
            with self.subTest(level=level, user=user):
                sentence = "You’ve read 100 of 1,300 words."
                self.assertContains(self.client.get(article.get_absolute_url()), sentence, 1)
        open_to_all = make_article(body=body.replace("<hr data-gate>", ""))
        self.assertNotContains(self.client.get(open_to_all.get_absolute_url()), "You’ve read")

    def test_return_path_is_escaped(self):
        self.assertNotIn('"><b>', self.gate(next_url='/x/"><b>&next=//evil.example'))


class AnonymousCookieTests(TestCase):
    def test_public_pages_set_no_cookie(self):
        make_price()
        for path in ["/", "/latest/", "/nowhere/", "/feeds/rss.xml"]:
            with self.subTest(path):
                response = self.client.get(path)
                self.assertFalse(response.cookies)
                self.assertNotIn("Cookie", response.headers.get("Vary", ""))

    def test_shop_sets_the_csrf_cookie_only(self):
        make_price()
        for path in ["/subscribe/", "/cart/", "/give/"]:
            response = self.client.get(path)
            self.assertLessEqual(set(response.cookies), {"csrftoken"})
            self.assertIn("no-store", response["Cache-Control"])

    def test_invalid_session_cookie_is_anonymous(self):
        for cookie in ['"aaaaaaaaaaaa\\000"', "x", "' OR 1=1", "é" * 32]:
            with self.subTest(cookie):
                self.client.cookies["sessionid"] = cookie
                self.assertEqual(self.client.get("/subscribe/").status_code, 200)
                self.assertEqual(self.client.get("/account/").status_code, 302)
