"""Readers log in with another account, or begin one."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import time_machine
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.sessions.models import Session
from django.core import mail
from django.utils import timezone

from subscriptions.models import LoginProvider, User
from tests.factories import make_user
from tests.subscriptions.identity.base import ProviderTestCase


class NewReaderTests(ProviderTestCase):
    @classmethod
    def setUpTestData(cls):
        LoginProvider.objects.create(slug="oidc", label="Example", domains="example.org")

    def sign_up(self, **data):
        return self.client.post("/accounts/with/sign-up/", {"display_name": "Nora", **data})

    def test_account_is_begun_with_a_name_of_the_readers_choice(self):
        self.assertRedirects(self.come_back(self.leave("/latest/")), "/accounts/with/sign-up/")
        self.assertContains(self.client.get("/accounts/with/sign-up/"), 'value="Nora Neu"')
        self.assertFalse(User.objects.exists())
        self.assertRedirects(self.sign_up(), "/latest/")
        self.assertEqual((self.user.email, self.user.display_name), ("nora@example.org", "Nora"))
        self.assertIsNotNone(User.objects.get().verified_at)
        self.assertFalse(User.objects.get().has_usable_password())
        self.assertEqual(mail.outbox, [])

    def test_only_a_digest_of_the_number_is_kept(self):
        self.come_back()
        self.sign_up()
        account = SocialAccount.objects.get()
        self.assertEqual((account.extra_data, account.provider, len(account.uid)), ({}, "oidc", 64))
        self.assertFalse(SocialToken.objects.exists())
        for session in Session.objects.all():
            self.assertNotIn("opaque", str(session.get_decoded()))

    def test_later_logins_open_the_account_whatever_its_address_is(self):
        self.come_back()
        self.sign_up()
        reader = User.objects.get()
        self.client.logout()
        self.provider.claims["email"] = "other@elsewhere.example"
        self.assertRedirects(self.come_back(), "/account/")
        self.assertEqual(self.user, reader)

    def test_name_is_required_and_nothing_is_lost(self):
        self.come_back()
        self.assertContains(self.sign_up(display_name=""), "Enter a name", status_code=422)
        self.assertRedirects(self.sign_up(), "/account/")

    def test_double_click_begins_one_account(self):
        self.come_back()
        session = self.client.session["new_reader"]
        self.sign_up()
        self.client.logout()
        session_now = self.client.session
        session_now["new_reader"] = session
        session_now.save()
        self.assertRedirects(self.sign_up(), "/account/")
        self.assertEqual(User.objects.count(), 1)

    def test_account_begun_in_the_meantime_is_not_opened(self):
        self.come_back()
        make_user(email="nora@example.org")
        self.assertRedirects(self.sign_up(), "/accounts/login/")
        self.assertFalse(SocialAccount.objects.exists())

    def test_sign_up_ends_after_a_quarter_of_an_hour(self):
        self.come_back()
        with time_machine.travel(timezone.now() + timedelta(minutes=16)):
            self.assertRedirects(self.sign_up(), "/accounts/login/")
        self.assertFalse(User.objects.exists())

    def test_request_has_state_nonce_and_a_code_challenge(self):
        asked = parse_qs(urlsplit(self.leave()).query)
        self.assertEqual(asked["response_type"] + asked["code_challenge_method"], ["code", "S256"])
        self.assertEqual(set(asked["scope"][0].split()), {"openid", "email", "profile"})
        self.assertGreater(min(len(asked[name][0]) for name in ("state", "nonce")), 15)
        self.come_back(self.leave())
        form = next(form for path, form in self.provider.requests if path == "/token")
        self.assertGreater(len(form["code_verifier"]), 42)


class ExistingReaderTests(ProviderTestCase):
    @classmethod
    def setUpTestData(cls):
        cls.row = LoginProvider.objects.create(slug="oidc", label="Example", domains="example.org")
        cls.reader = make_user(email="nora@example.org")

    def test_account_with_a_proven_address_is_opened_and_its_owner_told(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.assertRedirects(self.come_back(), "/account/")
        self.assertEqual(self.user, self.reader)
        self.assertIn("Example", mail.outbox[0].body)
        self.assertTrue(self.user.has_usable_password())

    def test_second_factor_is_asked_for(self):
        Authenticator.objects.create(user=self.reader, type=Authenticator.Type.TOTP, data={"secret": "x"})
        self.assertRedirects(self.come_back(), "/accounts/2fa/authenticate/")
        self.assertTrue(self.user.is_anonymous)

    def test_password_that_came_before_the_owner_is_removed(self):
        """Someone may have begun an account with the address of another person, and wait for them."""
        User.objects.filter(pk=self.reader.pk).update(verified_at=None)
        self.reader.emailaddress_set.all().delete()
        self.assertRedirects(self.come_back(), "/account/")
        self.assertFalse(self.user.has_usable_password())
        self.assertIsNotNone(self.user.verified_at)

    def test_closed_accounts_stay_closed(self):
        User.objects.update(is_active=False)
        self.assertRedirects(self.come_back(), "/accounts/inactive/")
        self.assertFalse(SocialAccount.objects.exists())

    def test_provider_that_is_switched_off_has_no_pages(self):
        url = self.leave()
        self.row.is_on = False
        self.row.save()
        self.assertEqual(self.come_back(url).status_code, 404)
        self.assertEqual(self.client.post("/accounts/with/oidc/").status_code, 404)
        self.assertNotContains(self.client.get("/accounts/login/"), "Log in with Example")

    def test_login_page_has_a_button_for_each_provider_and_no_other_policy(self):
        response = self.client.get("/accounts/login/?next=/latest/")
        self.assertContains(response, "Log in with Example")
        form = response.text.partition('action="/accounts/with/oidc/"')[2].partition("</form>")[0]
        self.assertInHTML('<input type="hidden" name="next" value="/latest/">', form)
        self.assertIn("form-action 'self';", response["Content-Security-Policy"])


class NothingConfiguredTests(ProviderTestCase):
    def test_there_are_no_pages_and_no_buttons(self):
        with self.settings(SOCIALACCOUNT_PROVIDERS={}):
            self.assertEqual(self.client.post("/accounts/with/oidc/").status_code, 404)
            self.assertEqual(self.client.get("/accounts/with/oidc/callback/").status_code, 404)
            self.assertNotContains(self.client.get("/accounts/login/"), "/accounts/with/")
            self.client.force_login(make_user())
            self.assertNotContains(self.client.get("/account/"), "/account/logins/")
