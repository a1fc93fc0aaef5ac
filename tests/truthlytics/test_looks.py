"""The frame of every page: what it links, what it never does, and that it stands without anything."""

import gettext
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
from django.test import RequestFactory, SimpleTestCase, TestCase
from django.urls import reverse
from django.utils.translation import gettext as translated

import truthlytics
from subscriptions.access import NOBODY
from tests.factories import PASSWORD, make_editor, make_section, make_user
from truthlytics.web.cursor_pagination import Page


def a_request(path="/", user=None):
    request = RequestFactory().get(path)
    request.user, request.access = user or AnonymousUser(), NOBODY
    return request


class FrameTests(TestCase):
    def draw(self, user=None, **context):
        return render_to_string("base.html", context, a_request(user=user))

    def test_a_stranger_is_offered_to_log_in_and_no_form(self):
        html = self.draw()
        self.assertIn(f'href="{reverse("account_login")}"', html)
        self.assertNotIn("<form", html)
        self.assertNotIn("csrf", html)

    def test_the_newsroom_is_shown_to_staff_alone(self):
        self.assertNotIn("Newsroom", self.draw(user=make_user()))
        self.assertIn("Newsroom", self.draw(user=make_editor()))

    def test_who_subscribes_is_not_asked_to(self):
        request = a_request(user=make_user())
        self.assertIn("masthead__subscribe", render_to_string("base.html", {}, request))
        request.access = SimpleNamespace(level=10)
        self.assertNotIn("masthead__subscribe", render_to_string("base.html", {}, request))

    def test_menu_and_sections_cost_a_query_each_and_the_current_one_says_so(self):
        make_section(name="Economy", slug="economy")
        make_section(name="Climate", slug="climate")
        with self.assertNumQueries(2):
            html = self.draw(current_section="climate")
        self.assertInHTML('<a href="/sections/climate/" aria-current="page">Climate</a>', html)
        self.assertInHTML('<a href="/sections/economy/">Economy</a>', html)

    def test_only_a_demo_has_a_note(self):
        self.assertNotIn("footer__note", self.draw())
        self.assertIn("invented", self.draw(demo_note="The places are invented."))

    def test_a_page_that_is_not_there_offers_ways_on_and_sets_nothing(self):
        make_section(name="Economy", slug="economy")
        response = self.client.get("/no/such/page/")
        self.assertContains(response, "no page at this address", status_code=404)
        self.assertContains(response, 'href="/sections/economy/"', status_code=404)
        self.assertFalse(response.cookies)
        self.assertNotIn("Cookie", response.headers.get("Vary", ""))

    def test_a_refusal_says_why_and_what_next(self):
        html = render_to_string("403.html", {}, a_request("/admin/"))
        self.assertIn("/accounts/login/?next=/admin/", html)
        self.assertIn("forgery", render_to_string("403.html", {"token_failed": True}, a_request()))

    def test_a_failure_is_drawn_with_nothing_at_hand(self):
        with self.assertNumQueries(0):
            html = get_template("500.html").template.render(Context())
        self.assertIn("our side", html)

    def test_messages_are_lines_and_refusals_differ(self):
        messages = [Message(constants.INFO, "Kept."), Message(constants.ERROR, "<Not> kept.")]
        html = render_to_string("_messages.html", {"messages": messages})
        self.assertIn('<p class="notice">Kept.</p>', html)
        self.assertIn('<p class="notice notice--error">&lt;Not&gt; kept.</p>', html)

    def test_a_list_goes_on_and_back(self):
        first = render_to_string("_pagination.html", {"page": Page([], "abc")}, a_request("/latest/"))
        self.assertInHTML('<a href="?after=abc" rel="next">Older</a>', first)
        last = render_to_string("_pagination.html", {"page": Page([], ""), "after": "abc"})
        self.assertNotIn("Older", last)
        self.assertIn("Newest", last)


class FieldTests(TestCase):
    def test_a_field_keeps_what_was_typed_and_names_its_error(self):
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

    def test_no_page_of_an_account_carries_a_style_attribute(self):
        self.log_in()
        names = ["account_email", "account_change_password", "mfa_index", "usersessions_list", "account_logout"]
        for name in [*names, "mfa_activate_totp", "mfa_add_webauthn"]:
            with self.subTest(name):
                html = self.client.get(reverse(name)).content.decode()
                self.assertIn("panel__title", html)
                self.assertNotIn("style=", html)
                self.assertNotRegex(html, r"<script>|<script nonce")

    def test_only_the_page_with_the_square_code_may_show_data_pictures(self):
        self.log_in()
        self.assertIn("data:", self.client.get(reverse("mfa_activate_totp")).headers["Content-Security-Policy"])
        self.assertNotIn("data:", self.client.get(reverse("mfa_index")).headers["Content-Security-Policy"])

    def test_the_newsroom_loads_the_site_s_tokens(self):
        self.client.force_login(make_editor())
        html = self.client.get("/admin/").content.decode()
        self.assertLess(html.index("css/tokens.css"), html.index("newsroom/css/newsroom.css"))


class WordsTests(SimpleTestCase):
    def test_every_phrase_we_say_otherwise_is_still_one_of_theirs(self):
        ours = {msgid for msgid, _ in catalogue(Path(truthlytics.__file__).parent / "locale/en_GB")}
        folders = [Path(allauth.__file__).parent, Path(django.contrib.auth.__file__).parent, Path(conf.__file__).parent]
        theirs = {msgid for folder in folders for msgid, _ in catalogue(folder / "locale/de")}
        self.assertEqual(sorted(ours - theirs), [])

    def test_the_compiled_words_are_the_written_ones(self):
        folder = Path(truthlytics.__file__).parent / "locale/en_GB"
        written = (folder / "LC_MESSAGES/django.po").read_text()
        compiled = catalogue(folder)
        for (msgid, number), words in compiled.items():
            name = "msgstr" if number is None else f"msgstr[{number}]"
            for line in (f'\nmsgid "{quoted(msgid)}"\n', f'\n{name} "{quoted(words)}"\n'):
                self.assertTrue(line in written, f"Compile the words again: {line.strip()}")
        # The first msgid is the file's own head.
        self.assertEqual(written.count("\nmsgid "), len({msgid for msgid, _ in compiled}) + 1)

    def test_an_account_is_logged_in_to(self):
        self.assertEqual(translated("Sign In"), "Log in")


def catalogue(folder):
    """What a compiled file says, by phrase and number of the plural (None where there is none)."""
    with (folder / "LC_MESSAGES/django.mo").open("rb") as file:
        found = gettext.GNUTranslations(file)._catalog
    return {(k if isinstance(k, tuple) else (k, None)): v for k, v in found.items() if k}


def quoted(words):
    return words.replace('"', '\\"')
