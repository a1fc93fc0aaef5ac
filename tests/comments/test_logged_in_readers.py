"""Article pages of logged-in readers share cached fragments, but never a name, a form token or a form key."""

import re
from unittest import mock

from django.contrib.messages import INFO
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory, override_settings
from django.test.client import ClientHandler
from django.urls import reverse

from comments import rendering
from comments.models import Comment
from subscriptions.models import Cart, CartLine, Grant
from subscriptions.visitor_cart import CART_COOKIE
from tests.factories import make_article, make_comment, make_editor, make_price, make_subscriber, make_user
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE
from truthlytics.cache import next_change
from truthlytics.web.fragments import clear_fragments

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w{64})"')
KEY = re.compile(r'name="key" value="([0-9a-f-]{36})"')


@override_settings(MIDDLEWARE=MIDDLEWARE)
class LoggedInReaderTests(TransactionTestCase):
    def setUp(self):
        next_change._cached.clear()
        self.handler = ClientHandler(enforce_csrf_checks=True)
        self.price = make_price()
        self.article = make_article(required_level=10)
        make_comment(article=self.article, text="Somebody's comment")
        self.first = make_subscriber(display_name="Ada <b>&amp;")
        self.second = make_subscriber(display_name="Ben")

    def client_of(self, user):
        """A browser of its own, served by the same process as all others."""
        client = Client(enforce_csrf_checks=True)
        client.handler = self.handler
        client.force_login(user)
        return client

    def read(self, client):
        return client.get(self.article.get_absolute_url()).content.decode()

    def test_comments_are_rendered_once_for_all_readers(self):
        ada, ben = self.client_of(self.first), self.client_of(self.second)
        self.read(ben)
        with mock.patch.object(rendering, "_render_discussion", side_effect=AssertionError("rendered again")):
            cached = self.read(ada)
        clear_fragments()
        rendered = self.read(ada)
        pages = [KEY.sub("key", TOKEN.sub("token", page)) for page in (cached, rendered)]
        self.assertEqual(pages[0], pages[1])
        self.assertIn("Commenting as <bdi>Ada &lt;b&gt;&amp;amp;</bdi>", cached)
        self.assertNotIn("\x00", cached)

    def test_names_tokens_and_keys_are_never_shared(self):
        ada, ben = self.client_of(self.first), self.client_of(self.second)
        pages = [self.read(client) for client in (ada, ben, ada)]
        # A token may contain a name by chance.
        texts = [TOKEN.sub("", page) for page in pages]
        self.assertEqual(["Ben" in text for text in texts], [False, True, False])
        self.assertEqual(["Ada" in text for text in texts], [True, False, True])
        # Each page has a token for the form that saves the article, and one for the forms of the comments.
        for pattern, count in ((TOKEN, 6), (KEY, 3)):
            self.assertEqual(len({match for page in pages for match in pattern.findall(page)}), count)

    def test_the_form_of_a_cached_page_can_be_posted(self):
        self.read(self.client_of(self.first))
        client = self.client_of(self.second)
        page = self.read(client)
        data = {"text": "From a cached page", "key": KEY.search(page)[1], "parent": ""}
        url = reverse("comments:write", args=[self.article.slug])
        self.assertEqual(client.post(url, data).status_code, 403)
        client.post(url, data | {"csrfmiddlewaretoken": TOKEN.search(page)[1]})
        self.assertEqual(Comment.objects.get(text="From a cached page").author, self.second)
        self.assertIn("From a cached page", self.read(client))
        self.assertNotIn("From a cached page", self.read(self.client_of(self.first)))

    def test_access_ends_with_the_grant_and_with_the_session(self):
        client = self.client_of(self.first)
        self.assertIn("gated text", self.read(client))
        Grant.objects.filter(user=self.first).delete()
        self.assertNotIn("gated text", self.read(client))
        other = self.client_of(self.second)
        self.assertIn("gated text", self.read(other))
        Session.objects.all().delete()
        page = self.read(other)
        self.assertNotIn("gated text", page)
        self.assertIn(">Log in</a>", page)

    def test_carts_messages_and_newsroom_links_are_never_shared(self):
        client = self.client_of(self.first)
        self.read(client)
        cart = Cart.objects.create(user=self.first)
        CartLine.objects.create(cart=cart, price=self.price, quoted_minor=self.price.minor)
        client.cookies[CART_COOKIE] = cart.token
        self.assertInHTML(
            '<button type="button" popovertarget="mini-cart">Cart <span class="mini-cart__count">1</span></button>',
            self.read(client),
        )
        del client.cookies[CART_COOKIE]
        client.cookies["messages"] = CookieStorage(RequestFactory().get("/"))._encode([Message(INFO, "Just done.")])
        self.assertIn("Just done.", self.read(client))
        self.assertIn(">Newsroom</a>", self.read(self.client_of(make_editor())))
        page = self.read(self.client_of(self.second))
        for text in ("Go to checkout", "Just done.", "Newsroom"):
            self.assertNotIn(text, page)

    def test_readers_without_access_get_another_page(self):
        self.read(self.client_of(self.first))
        page = self.read(self.client_of(make_user(display_name="No plan")))
        self.assertNotIn("gated text", page)
        self.assertNotIn('id="write"', page)
