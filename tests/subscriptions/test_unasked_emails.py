"""One daily budget of emails for each address, over all forms, which locks no reader out."""

from datetime import timedelta
from unittest import mock

import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core import mail
from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Declaration
from tests.budget import takes_longer
from tests.factories import PASSWORD, make_subscription, make_user
from tests.truthlytics.newsletters.factories import make_newsletter
from truthlytics.publication.models import Publication
from truthlytics.web.budgets import DAY, EMAILS, EMAILS_FOR_DEVICE, OTHER_EMAILS
from truthlytics.web.known_devices import COOKIE
from truthlytics.web.rate_limits import consume, used

LOGIN, CODE, RESET, SIGN_UP = (f"/accounts/{path}/" for path in ("login", "login/code", "password/reset", "signup"))
USED_UP = "As many codes and links as we send in a day have gone to this address."


class BudgetTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        Publication.objects.create(name="The Paper")
        cls.newsletter = make_newsletter()
        cls.reader = make_user(email="ada@example.org")

    def setUp(self):
        cache.clear()

    def ask_everywhere(self, email, number):
        """Ask for emails with each form in turn, as a stranger with ever new addresses and browsers, in four hours."""
        name = {"display_name": "Ada Moss", "password1": PASSWORD, "password2": PASSWORD}
        forms = [
            (CODE, {}),
            (RESET, {}),
            (SIGN_UP, name),
            ("/cancel/", {"link": "1"}),
            ("/cancel/", {"name": "Ada"}),
            ("/withdraw/", {"name": "Ada", "contract": "mine"}),
            ("/newsletters/", {"newsletters": self.newsletter.pk}),
        ]
        start = timezone.now().replace(hour=8)
        for turn in range(number):
            path, fields = forms[turn % len(forms)]
            with (
                time_machine.travel(start + timedelta(minutes=5 * turn), tick=False),
                self.captureOnCommitCallbacks(execute=True),
            ):
                Client(REMOTE_ADDR=f"192.0.2.{turn}").post(path, fields | {"email": email})

    def post(self, path, client=None, **fields):
        with self.captureOnCommitCallbacks(execute=True):
            return (client or self.client).post(path, {"email": "ada@example.org"} | fields)

    @takes_longer("sends fifty-six forms, one in three of which render an email")
    def test_all_forms_share_one_number_for_each_address(self):
        for email in ("ada@example.org", "nobody@example.org"):
            with self.subTest(email):
                mail.outbox.clear()
                self.ask_everywhere(email, 28)
                self.assertLessEqual(len(mail.outbox), EMAILS)
                self.assertGreater(len(mail.outbox), EMAILS / 2)

    def test_a_form_says_so_and_says_it_for_every_address(self):
        answers = set()
        for email in ("ada@example.org", "nobody@example.org"):
            self.exhaust(email)
            for path in (CODE, RESET):
                page = self.post(path, email=email)
                self.assertContains(page, USED_UP)
                answers.add((path, page.status_code))
        self.assertEqual(len(answers), 2)
        self.assertEqual(mail.outbox, [])

    def exhaust(self, email):
        for scope, limit in (("emails", EMAILS), ("other-emails", OTHER_EMAILS)):
            for _ in range(limit):
                consume(scope, email, limit=limit, seconds=DAY)

    def test_the_next_day_there_are_new_ones(self):
        self.exhaust("ada@example.org")
        with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
            self.post(CODE)
        self.assertEqual(len(mail.outbox), 1)

    def test_a_declaration_is_received_without_an_email_and_says_so(self):
        self.exhaust("ada@example.org")
        for path in ("/cancel/", "/withdraw/"):
            with self.subTest(path), self.captureOnCommitCallbacks(execute=True):
                fields = {"name": "Ada", "email": "ada@example.org", "contract": "My plan"}
                page = self.client.post(path, fields, follow=True)
                self.assertContains(page, "we don’t confirm it by email")
                self.assertNotContains(page, "open the link in that email")
                self.assertContains(page, "My plan")
        self.assertEqual((Declaration.objects.waiting().count(), mail.outbox), (2, []))

    def test_a_link_to_cancel_is_not_sent_and_the_answer_is_the_same(self):
        make_subscription(self.reader)
        self.exhaust("ada@example.org")
        mail.outbox.clear()
        self.assertRedirects(self.post("/cancel/", link="1"), "/cancel/sent/")
        self.assertEqual(mail.outbox, [])

    def test_declarations_in_an_account_use_up_nothing(self):
        self.client.force_login(self.reader)
        self.post("/withdraw/", name="Ada", contract="mine")
        self.client.logout()
        self.assertEqual(used("emails", "ada@example.org", seconds=DAY), 0)

    def test_passwords_keep_working(self):
        self.exhaust("ada@example.org")
        page = self.post(LOGIN, login="ada@example.org", password=PASSWORD)
        self.assertEqual(page.status_code, 302)

    def test_passkeys_keep_working(self):
        self.exhaust("ada@example.org")
        key = Authenticator.objects.create(user=self.reader, type="webauthn", data={})
        # What the browser and its key do is not tested here.
        with mock.patch.multiple(
            auth,
            parse_authentication_response=mock.DEFAULT,
            extract_user_from_response=mock.Mock(return_value=self.reader),
            complete_authentication=mock.Mock(return_value=key),
        ):
            self.post(reverse("mfa_login_webauthn"), credential='{"id": "x"}')
        self.assertEqual(int(self.client.session["_auth_user_id"]), self.reader.pk)

    def test_a_browser_in_which_the_reader_has_logged_in_gets_codes(self):
        self.post(LOGIN, login="ada@example.org", password=PASSWORD)
        self.client.post("/accounts/logout/")
        self.exhaust("ada@example.org")
        self.post(CODE)
        self.assertEqual(mail.outbox[-1].to, ["ada@example.org"])
        self.post(CODE, email="other@example.org")
        self.exhaust("other@example.org")
        self.assertContains(self.post(RESET, email="other@example.org"), USED_UP)

    @takes_longer("resets a password twenty-five times")
    def test_a_known_browser_has_a_limit_too(self):
        self.post(LOGIN, login="ada@example.org", password=PASSWORD)
        self.client.post("/accounts/logout/")
        for number in range(EMAILS_FOR_DEVICE + 5):
            with time_machine.travel(timezone.now().replace(hour=8) + timedelta(minutes=5 * number), tick=False):
                self.post(RESET)
        self.assertEqual(len(mail.outbox), EMAILS_FOR_DEVICE)

    def test_the_cookie_is_sent_to_the_pages_about_logging_in_only_and_cannot_be_made_by_others(self):
        self.post(LOGIN, login="ada@example.org", password=PASSWORD)
        cookie = self.client.cookies[COOKIE]
        self.assertEqual((cookie["path"], cookie["httponly"], cookie["samesite"]), ("/accounts/", True, "Lax"))
        self.assertNotIn("ada@", cookie.value)
        self.exhaust("ada@example.org")
        stranger = Client()
        for value in ("", "ada@example.org", cookie.value[:-1], cookie.value.upper(), "é" * 64):
            stranger.cookies[COOKIE] = value
            self.assertContains(self.post(RESET, stranger), USED_UP)
