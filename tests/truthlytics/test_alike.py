"""A page kept for all readers with the same access: each gets the page that would have been drawn for them alone."""

import re
from unittest import mock

from django.contrib.messages import INFO
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.models import Session
from django.middleware.csrf import _does_token_match
from django.test import Client, RequestFactory, SimpleTestCase, TransactionTestCase, override_settings
from django.test.client import ClientHandler
from django.urls import reverse

from comments import rendering
from comments.models import Comment
from subscriptions.models import Cart, CartLine, Grant
from subscriptions.visitor_cart import CART_COOKIE
from tests.factories import make_article, make_comment, make_editor, make_price, make_subscriber, make_user
from tests.truthlytics.fragments import MIDDLEWARE
from truthlytics.cache import next_change
from truthlytics.web.alike import Likeness, filled, own
from truthlytics.web.tokens import token_of

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w{64})"')
KEY = re.compile(r'name="key" value="([0-9a-f-]{36})"')


@override_settings(MIDDLEWARE=MIDDLEWARE)
class AlikeTests(TransactionTestCase):
    def setUp(self):
        next_change._known = None
        self.handler = ClientHandler(enforce_csrf_checks=True)
        self.price = make_price()
        self.article = make_article(required_level=10)
        make_comment(article=self.article, text="Somebody's words")
        self.first = make_subscriber(display_name="Ada <b>&amp;")
        self.second = make_subscriber(display_name="Ben")

    def client_of(self, user):
        """Their browsers differ, the process that answers is one: what it keeps is kept for all of them."""
        client = Client(enforce_csrf_checks=True)
        client.handler = self.handler
        client.force_login(user)
        return client

    def read(self, client):
        return client.get(self.article.get_absolute_url()).content.decode()

    def test_it_is_the_page_that_is_drawn_for_one_alone(self):
        ada, ben = self.client_of(self.first), self.client_of(self.second)
        self.read(ben)
        with mock.patch.object(rendering, "_draw", side_effect=AssertionError("drawn again")):
            kept = self.read(ada)
        with mock.patch("comments.templatetags.comments.is_like_others", return_value=False):
            alone = self.read(ada)
        plain = [KEY.sub("key", TOKEN.sub("token", page)) for page in (kept, alone)]
        self.assertEqual(plain[0], plain[1])
        self.assertIn("As <bdi>Ada &lt;b&gt;&amp;amp;</bdi>", kept)
        self.assertNotIn("\x00", kept)

    def test_no_name_token_or_key_of_another_is_in_it(self):
        ada, ben = self.client_of(self.first), self.client_of(self.second)
        pages = [self.read(client) for client in (ada, ben, ada)]
        self.assertEqual(["Ben" in page for page in pages], [False, True, False])
        self.assertEqual(["Ada" in page for page in pages], [True, False, True])
        for pattern in (TOKEN, KEY):
            self.assertEqual(len({found for page in pages for found in pattern.findall(page)}), 3)

    def test_what_is_written_into_it_arrives(self):
        self.read(self.client_of(self.first))
        client = self.client_of(self.second)
        page = self.read(client)
        sent = {"text": "From a kept box", "key": KEY.search(page)[1], "parent": ""}
        address = reverse("comments:write", args=[self.article.slug])
        self.assertEqual(client.post(address, sent).status_code, 403)
        client.post(address, sent | {"csrfmiddlewaretoken": TOKEN.search(page)[1]})
        self.assertEqual(Comment.objects.get(text="From a kept box").author, self.second)
        self.assertIn("From a kept box", self.read(client))
        self.assertNotIn("From a kept box", self.read(self.client_of(self.first)))

    def test_it_ends_with_the_session_and_with_the_grant_at_once(self):
        client = self.client_of(self.first)
        self.assertIn("gated words", self.read(client))
        Grant.objects.filter(user=self.first).delete()
        self.assertNotIn("gated words", self.read(client))
        other = self.client_of(self.second)
        self.assertIn("gated words", self.read(other))
        Session.objects.all().delete()
        page = self.read(other)
        self.assertNotIn("gated words", page)
        self.assertIn(">Log in</a>", page)

    def test_a_message_a_cart_and_the_newsroom_get_pages_of_their_own(self):
        client = self.client_of(self.first)
        self.read(client)
        cart = Cart.objects.create(user=self.first)
        CartLine.objects.create(cart=cart, price=self.price, quoted_minor=self.price.minor)
        client.cookies[CART_COOKIE] = cart.token
        self.assertIn('href="/cart/">Cart <span>1</span>', self.read(client))
        del client.cookies[CART_COOKIE]
        client.cookies["messages"] = CookieStorage(RequestFactory().get("/"))._encode([Message(INFO, "Just done.")])
        self.assertIn("Just done.", self.read(client))
        self.assertIn(">Newsroom</a>", self.read(self.client_of(make_editor())))
        page = self.read(self.client_of(self.second))
        for words in ("Cart <span>", "Just done.", "Newsroom"):
            self.assertNotIn(words, page)

    def test_who_may_do_less_gets_another(self):
        self.read(self.client_of(self.first))
        page = self.read(self.client_of(make_user(display_name="No plan")))
        self.assertNotIn("gated words", page)
        self.assertNotIn('id="write"', page)


class PlacesTests(SimpleTestCase):
    def test_a_place_is_filled_for_each(self):
        likeness = Likeness(None, None)
        html = f"<p>{own(likeness, lambda request: request.path)}</p>{own(likeness, lambda _: 'two')}"
        parts = likeness.parts(html)
        for path in ("/a/", "/b/"):
            self.assertEqual(filled(parts, RequestFactory().get(path)), f"<p>{path}</p>two")

    def test_a_token_is_djangos_and_another_each_time(self):
        request = RequestFactory().get("/")
        first = token_of(request)
        secret = request.META["CSRF_COOKIE"]
        del request.META["CSRF_COOKIE_NEEDS_UPDATE"]
        tokens = {token_of(request) for _ in range(50)}
        self.assertEqual(len(tokens), 50)
        for token in (first, *tokens):
            self.assertTrue(_does_token_match(token, secret))
        self.assertNotIn("CSRF_COOKIE_NEEDS_UPDATE", request.META)
