"""Tests of the base template, error pages, account pages and translations."""

import gettext
import re
from pathlib import Path
from types import SimpleNamespace

import allauth
import django.contrib.auth
from django import conf
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.templatetags.static import static
from django.test import RequestFactory, SimpleTestCase, TestCase
from django.urls import reverse
from django.utils.translation import gettext as translated

import truthlytics
from articles.models import Topic
from subscriptions.access import NOBODY
from tests.factories import PASSWORD, make_article, make_editor, make_image, make_section, make_user
from truthlytics.web.cursor_pagination import Page
from truthlytics.web.plugins import newsroom_styles


def make_request(path="/", user=None):
    request = RequestFactory().get(path)
    request.user, request.access = user or AnonymousUser(), NOBODY
    return request


class BaseTemplateTests(TestCase):
    def render(self, user=None, **context):
        return render_to_string("base.html", context, make_request(user=user))

    def test_anonymous_readers_get_a_login_link_and_no_form_that_posts(self):
        html = self.render()
        self.assertIn(f'href="{reverse("account_login")}"', html)
        self.assertNotIn('method="post"', html)
        self.assertNotIn("csrf", html)

    def test_only_staff_see_the_newsroom_link(self):
        self.assertNotIn("Newsroom", self.render(user=make_user()))
        self.assertIn("Newsroom", self.render(user=make_editor()))

    def test_subscribers_see_no_subscribe_button(self):
        request = make_request(user=make_user())
        self.assertIn("masthead__subscribe", render_to_string("base.html", {}, request))
        request.access = SimpleNamespace(level=10)
        self.assertNotIn("masthead__subscribe", render_to_string("base.html", {}, request))

    def test_menu_legal_pages_and_sections_take_a_query_each_and_the_current_section_is_marked(self):
        make_section(name="Economy", slug="economy")
        make_section(name="Climate", slug="climate")
        with self.assertNumQueries(3):
            html = self.render(current_section="climate")
        self.assertInHTML('<a href="/sections/climate/" aria-current="page">Climate</a>', html)
        self.assertInHTML('<a href="/sections/economy/">Economy</a>', html)

    def test_only_the_demo_has_a_note(self):
        self.assertNotIn("footer__note", self.render())
        self.assertIn("invented", self.render(demo_note="The places are invented."))

    def test_the_404_page_has_links_and_sets_no_cookie(self):
        make_section(name="Economy", slug="economy")
        response = self.client.get("/no/such/page/")
        self.assertContains(response, "Page not found", status_code=404)
        self.assertContains(response, 'href="/sections/economy/"', status_code=404)
        self.assertFalse(response.cookies)
        self.assertNotIn("Cookie", response.headers.get("Vary", ""))

    def test_the_403_page_explains_the_reason(self):
        html = render_to_string("403.html", {}, make_request("/admin/"))
        self.assertIn("/accounts/login/?next=/admin/", html)
        self.assertIn("verify your request", render_to_string("403.html", {"token_failed": True}, make_request()))

    def test_the_500_page_needs_no_context(self):
        with self.assertNumQueries(0):
            html = get_template("500.html").template.render(Context())
        self.assertIn("our side", html)

    def test_messages_are_escaped_and_errors_have_their_own_class(self):
        messages = [Message(constants.INFO, "Kept."), Message(constants.ERROR, "<Not> kept.")]
        html = render_to_string("_messages.html", {"messages": messages})
        self.assertInHTML('<p class="notice">Kept.</p>', html)
        self.assertInHTML('<p class="notice notice--error">&lt;Not&gt; kept.</p>', html)

    def test_pagination_links(self):
        first = render_to_string("_pagination.html", {"page": Page([], "abc")}, make_request("/latest/"))
        self.assertInHTML('<a href="?after=abc" rel="next">Older</a>', first)
        last = render_to_string("_pagination.html", {"page": Page([], ""), "after": "abc"})
        self.assertNotIn("Older", last)
        self.assertIn("Newest", last)


class FieldTests(TestCase):
    def test_an_invalid_field_keeps_its_value_and_references_its_error(self):
        html = self.client.post(reverse("account_login"), {"login": "nadia@", "password": ""}).content.decode()
        self.assertIn('value="nadia@"', html)
        self.assertIn('aria-invalid="true"', html)
        self.assertRegex(html, r'aria-describedby="[^"]*id_login_error"')
        self.assertIn('id="id_login_error"', html)


class AccountPagesTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user = make_user()

    def log_in(self):
        self.client.force_login(self.user)
        self.client.post(reverse("account_reauthenticate") + "?next=/latest/", {"password": PASSWORD})

    def test_account_pages_have_no_style_attributes(self):
        self.log_in()
        names = ["account_email", "account_change_password", "mfa_index", "usersessions_list", "account_logout"]
        for name in [*names, "mfa_activate_totp", "mfa_add_webauthn"]:
            with self.subTest(name):
                html = self.client.get(reverse(name)).content.decode()
                self.assertIn("panel__title", html)
                self.assertNotIn("style=", html)
                self.assertNotRegex(html, r"<script>|<script nonce")

    def test_only_the_page_with_the_qr_code_allows_data_urls(self):
        self.log_in()
        self.assertIn("data:", self.client.get(reverse("mfa_activate_totp")).headers["Content-Security-Policy"])
        self.assertNotIn("data:", self.client.get(reverse("mfa_index")).headers["Content-Security-Policy"])

    def test_pages_of_the_newsroom_link_one_style_sheet_with_that_of_django_in_a_layer_below(self):
        self.client.force_login(make_editor())
        topic = Topic.objects.create(name="Energy", slug="energy")
        pages = [
            "",
            "articles/article/",
            "articles/topic/add/",
            f"articles/topic/{topic.pk}/delete/",
            "find/",
            "front/",
        ]
        for page in pages:
            with self.subTest(page):
                html = self.client.get(f"/admin/{page}").content.decode()
                self.assertEqual(
                    re.findall('rel="stylesheet" href="([^"]+)', html),
                    ["/static/newsroom/css/layers.css", *map(static, newsroom_styles())],
                )


class TranslationTests(SimpleTestCase):
    def test_every_translated_message_still_exists(self):
        translated_messages = {msgid for msgid, _ in catalogue(Path(truthlytics.__file__).parent / "locale/en_GB")}
        folders = [Path(allauth.__file__).parent, Path(django.contrib.auth.__file__).parent, Path(conf.__file__).parent]
        messages = {msgid for folder in folders for msgid, _ in catalogue(folder / "locale/de")}
        self.assertEqual(sorted(translated_messages - messages), [])

    def test_the_compiled_translations_are_up_to_date(self):
        folder = Path(truthlytics.__file__).parent / "locale/en_GB"
        source = (folder / "LC_MESSAGES/django.po").read_text()
        compiled = catalogue(folder)
        for (msgid, number), translation in compiled.items():
            name = "msgstr" if number is None else f"msgstr[{number}]"
            for line in (f'\nmsgid "{quoted(msgid)}"\n', f'\n{name} "{quoted(translation)}"\n'):
                self.assertTrue(line in source, f"Run compilemessages: {line.strip()}")
        # The first msgid is the header.
        self.assertEqual(source.count("\nmsgid "), len({msgid for msgid, _ in compiled}) + 1)

    def test_sign_in_is_called_log_in(self):
        self.assertEqual(translated("Sign In"), "Log in")


def catalogue(folder):
    """Return the translations in a compiled file by message and plural form (or None)."""
    with (folder / "LC_MESSAGES/django.mo").open("rb") as file:
        translations = gettext.GNUTranslations(file)._catalog
    return {(k if isinstance(k, tuple) else (k, None)): v for k, v in translations.items() if k}


def quoted(text):
    return text.replace('"', '\\"')


class ClassAttributeTests(TestCase):
    def test_classes_are_separated_by_one_space(self):
        article = make_article(lead=make_image())
        pages = ["/", article.get_absolute_url(), "/latest/", "/contact/", "/subscribe/"]
        for url in [*pages, "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]:
            with self.subTest(url):
                html = self.client.get(url).content.decode()
                self.assertEqual(re.findall(r'class="(?:\s[^"]*|[^"]*\s|[^"]*\s\s[^"]*)"', html), [])
