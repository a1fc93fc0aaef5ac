"""The page with connected accounts, and what becomes of them with an account."""

import json
from datetime import timedelta
from unittest import mock

import jwt
import time_machine
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase, override_settings
from django.utils import timezone

from subscriptions.identity import oidc
from subscriptions.models import LoginProvider, User
from subscriptions.services import email_changes
from tests.factories import make_user
from tests.oidc_provider import CLIENT_ID
from tests.subscriptions.identity.base import ProviderTestCase
from tests.subscriptions.journeys import Steps
from truthlytics.privacy.deletion import delete_account
from truthlytics.privacy.export import export_data
from truthlytics.web.login_providers import login_providers

PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


class ConnectedTests(Steps, ProviderTestCase):
    @classmethod
    def setUpTestData(cls):
        LoginProvider.objects.create(slug="oidc", label="Example")
        cls.reader = make_user(email="nora@example.org")

    def setUp(self):
        super().setUp()
        self.log_in(self.reader)
        self.provider.claims |= {"email": "quite@another.example", "email_verified": False}

    def connect(self):
        url = self.leave(path="/account/logins/oidc/")
        with self.captureOnCommitCallbacks(execute=True):
            return self.come_back(url, follow=True)

    def test_reader_connects_any_account_of_theirs_and_logs_in_with_it(self):
        self.assertContains(self.client.get("/account/logins/"), "Connect Example")
        self.assertContains(self.connect(), "You can now log in with Example.")
        self.assertIn("your account at Example", mail.outbox[-1].body)
        self.assertEqual(User.objects.get().email, "nora@example.org")
        self.client.logout()
        self.assertRedirects(self.come_back(), "/account/")
        self.assertEqual(self.user, self.reader)

    def test_reader_removes_it_and_logs_in_with_it_no_longer(self):
        self.connect()
        pk = SocialAccount.objects.get().pk
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(f"/account/logins/{pk}/removal/", follow=True)
        self.assertContains(response, "You can log in with a code by email.")
        self.assertIn("no longer log in with your account at Example", mail.outbox[-1].body)
        self.client.logout()
        self.assertEqual(self.come_back().status_code, 403)

    def test_account_of_somebody_else_is_not_connected_twice(self):
        self.connect()
        self.client.logout()
        self.log_in(make_user())
        self.assertContains(self.connect(), "connected with another account here")
        self.assertEqual(SocialAccount.objects.get().user, self.reader)

    def test_address_of_somebody_else_connects_to_the_one_who_asked(self):
        make_user(email="bob@example.org")
        LoginProvider.objects.update(domains="example.org")
        self.provider.claims |= {"email": "bob@example.org", "email_verified": True}
        self.connect()
        self.assertEqual(SocialAccount.objects.get().user, self.reader)

    def test_failure_and_cancellation_return_to_the_list(self):
        self.provider.token_claims = {"nonce": "another"}
        self.assertContains(self.connect(), "Example was not connected.")
        state = self.leave(path="/account/logins/oidc/").partition("state=")[2].partition("&")[0]
        answer = f"/accounts/with/oidc/callback/?error=access_denied&state={state}"
        self.assertRedirects(self.client.get(answer), "/account/logins/")
        self.provider.status = 500
        oidc.configurations.clear()
        response = self.client.post("/account/logins/oidc/", follow=True)
        self.assertContains(response, "Example was not connected.")
        self.assertFalse(SocialAccount.objects.exists())

    def test_connections_of_others_are_not_found(self):
        other = SocialAccount.objects.create(user=make_user(), provider="oidc", uid="x")
        self.assertEqual(self.client.post(f"/account/logins/{other.pk}/removal/").status_code, 404)
        self.assertNotContains(self.client.get("/account/logins/"), f"/{other.pk}/")

    def test_old_sessions_neither_list_nor_connect_nor_remove(self):
        row = SocialAccount.objects.create(user=self.reader, provider="oidc", uid="x")
        with time_machine.travel(timezone.now() + timedelta(minutes=30)):
            self.assertEqual(self.client.get("/account/logins/").status_code, 302)
            for address in ("/account/logins/oidc/", f"/account/logins/{row.pk}/removal/"):
                self.assertIn("reauthenticate", self.client.post(address)["Location"])
        self.assertTrue(SocialAccount.objects.exists())

    def test_connection_that_a_thief_made_is_undone_with_the_address(self):
        change = email_changes.record_change(self.reader, old="nora@example.org", new="thief@example.org")
        SocialAccount.objects.create(user=self.reader, provider="oidc", uid="x")
        email_changes.undo_change(change=change)
        self.assertFalse(SocialAccount.objects.exists())

    def test_export_and_deletion_include_connections(self):
        SocialAccount.objects.create(user=self.reader, provider="oidc", uid="digest")
        rows = export_data(self.reader)["account"]["connected_accounts"]
        self.assertEqual([(row["provider"], row["uid"]) for row in rows], [("oidc", "digest")])
        delete_account(user=self.reader, keep_comments=True)
        self.assertFalse(SocialAccount.objects.exists())


class AppleTests(ProviderTestCase):
    slug = "apple"

    def setUp(self):
        super().setUp()
        more = {
            "team_id": "TEAM",
            "key_id": "KEY",
            "private_key": PEM.decode(),
            "oauth_pkce_enabled": False,
            "auth_params": {"response_mode": "form_post"},
        }
        self.enterContext(override_settings(SOCIALACCOUNT_PROVIDERS=self.provider.settings("apple", **more)))
        self.reader = make_user(email="nora@icloud.com")
        self.provider.claims |= {"email": "nora@icloud.com", "email_verified": "true"}

    def test_form_from_apple_is_asked_for_again_with_the_cookies_of_this_site(self):
        url = self.leave()
        self.assertIn("response_mode=form_post", url)
        path, _, query = self.provider.authorize(url).removeprefix("http://testserver").partition("?")
        form = dict(part.split("=") for part in query.split("&"))
        answer = self.client_class(enforce_csrf_checks=True).post(path, form | {"user": "{}", "next": "//evil.example"})
        self.assertEqual(answer["Location"], f"{path}?{query}")
        self.assertEqual(answer.cookies, {})
        self.client.get(answer["Location"])
        self.assertEqual(self.user, self.reader)

    def test_secret_is_signed_for_a_few_minutes(self):
        self.come_back()
        secret = next(form for path, form in self.provider.requests if path == "/token")["client_secret"]
        key = serialization.load_pem_private_key(PEM, None).public_key()
        claims = jwt.decode(secret, key, algorithms=["ES256"], audience=self.provider.issuer)
        self.assertEqual((claims["iss"], claims["sub"], claims["exp"] - claims["iat"]), ("TEAM", CLIENT_ID, 300))
        self.assertEqual(jwt.get_unverified_header(secret)["kid"], "KEY")


class EnvironmentTests(SimpleTestCase):
    def configured(self, **environment):
        with mock.patch.dict("os.environ", environment):
            return login_providers()

    def test_nothing_is_configured_by_default(self):
        self.assertEqual(self.configured(), {})

    def test_each_provider_has_its_variables(self):
        tenant = "9188040d-6c67-4c5b-b112-36a304b66dad"
        apps = self.configured(
            GOOGLE_CLIENT_ID="g",
            GOOGLE_CLIENT_SECRET="s",
            APPLE_CLIENT_ID="a",
            APPLE_TEAM_ID="t",
            APPLE_KEY_ID="k",
            APPLE_PRIVATE_KEY=r"-----\n-----",
            MICROSOFT_CLIENT_ID="m",
            MICROSOFT_CLIENT_SECRET="s",
            MICROSOFT_TENANT=tenant,
            OIDC_ISSUER="https://login.example.org",
            OIDC_CLIENT_ID="o",
            OIDC_CLIENT_SECRET="s",
        )["openid_connect"]["APPS"]
        self.assertEqual([app["provider_id"] for app in apps], ["google", "apple", "microsoft", "oidc"])
        self.assertEqual(apps[1]["settings"]["private_key"], "-----\n-----")
        self.assertEqual(apps[2]["settings"]["server_url"], f"https://login.microsoftonline.com/{tenant}/v2.0")
        self.assertEqual(apps[3]["name"], "login.example.org")
        json.dumps(apps)

    def test_what_is_missing_or_open_is_explained(self):
        microsoft = {"MICROSOFT_CLIENT_ID": "m", "MICROSOFT_CLIENT_SECRET": "s"}
        other = {"OIDC_CLIENT_ID": "o", "OIDC_CLIENT_SECRET": "s"}
        for environment, sentence in (
            ({"GOOGLE_CLIENT_ID": "g"}, "Set GOOGLE_CLIENT_SECRET too"),
            (microsoft, "Set MICROSOFT_TENANT too"),
            (microsoft | {"MICROSOFT_TENANT": "common"}, "the ID of one tenant"),
            (other | {"OIDC_ISSUER": "http://login.example.org"}, "OIDC_ISSUER must look like"),
            (other | {"OIDC_ISSUER": "https://login.example.org/?a=b"}, "OIDC_ISSUER must look like"),
            (other | {"OIDC_ISSUER": "login.example.org"}, "OIDC_ISSUER must look like"),
        ):
            with self.subTest(environment), self.assertRaisesMessage(ImproperlyConfigured, sentence):
                self.configured(**environment)

    def test_package_that_is_missing_is_named(self):
        is_explained = self.assertRaisesMessage(ImproperlyConfigured, "Install the extra `login`")
        with mock.patch("truthlytics.env.find_spec", return_value=None), is_explained:
            self.configured(GOOGLE_CLIENT_ID="g", GOOGLE_CLIENT_SECRET="s")
