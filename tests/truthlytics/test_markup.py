"""The tags of rendered pages: attributes are separated, as a template that loses a line break would not do."""

import re

from django.test import SimpleTestCase, TestCase, tag
from django.urls import reverse

from tests.factories import PASSWORD, make_article, make_comment, make_editor, make_paid

TAG = re.compile(r"<[a-zA-Z][^\s<>]*(?:\s[^<>]*?)??(?:\"[^\"]*\"[^<>\"]*?)*>", re.DOTALL)
VALUE = re.compile(r"=(\"[^\"]*\"|'[^']*')")


def joined_attributes(html):
    """Return the tags in which an attribute follows the value of another one without a space."""
    html = re.sub(r"<(script|style|textarea)\b.*?</\1>", "", html, flags=re.DOTALL)
    return [tag for tag in TAG.findall(html) if re.search(r"=V[^\s/>]", VALUE.sub("=V", tag))]


class CheckTests(SimpleTestCase):
    def test_the_check_finds_attributes_without_a_space(self):
        self.assertEqual(joined_attributes('<a href="/a?b=c" class="x">'), [])
        self.assertEqual(joined_attributes('<input value="a > b" disabled/><br/>'), [])
        self.assertEqual(joined_attributes('<b form="x"id="y">'), ['<b form="x"id="y">'])


@tag("sqlite")  # The markup of templates does not depend on the database.
class PageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.reader = make_paid().user
        cls.article = make_article(required_level=10)
        make_comment(article=cls.article)

    def check(self, *names):
        for name in names:
            url = name if name.startswith("/") else reverse(name)
            with self.subTest(url):
                response = self.client.get(url)
                self.assertEqual(response.status_code, 200)
                self.assertEqual(joined_attributes(response.content.decode()), [])

    def test_pages_of_visitors(self):
        self.check(
            "/", "/latest/", self.article.get_absolute_url(), "/search/?q=a", "/subscribe/", "/cart/", "/give/",
            "/contact/", "account_login", "account_signup", "account_request_login_code", "account_reset_password",
        )  # fmt: skip

    def test_pages_of_readers(self):
        self.client.force_login(self.reader)
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        self.check(
            self.article.get_absolute_url(), "/account/", "/account/name/", "/account/emails/", "/account/comments/",
            "/account/payments/", "/account/saved/", "/account/data/", "account_email", "account_change_password",
            "account_reauthenticate", "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "usersessions_list",
        )  # fmt: skip

    def test_pages_of_the_newsroom(self):
        self.client.force_login(make_editor())
        self.check(
            "/admin/",
            "/admin/articles/article/",
            "/admin/articles/article/add/",
            "/admin/comments/queue/",
            "/admin/comments/comment/",
            "/admin/subscriptions/user/",
            "/admin/subscriptions/order/",
        )
