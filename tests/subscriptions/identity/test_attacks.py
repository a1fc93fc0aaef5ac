"""A provider, or someone between it and the reader, that lies. Nobody is logged in, and no account is touched."""

import random
import time
from unittest import mock

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import Group
from django.test import Client

from subscriptions.identity import http
from subscriptions.identity.trust import is_trusted
from subscriptions.models import LoginProvider, User
from tests.budget import takes_longer
from tests.factories import make_staff, make_user
from tests.oidc_provider import CLIENT_ID
from tests.subscriptions.identity.base import ProviderTestCase

OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class AttackTestCase(ProviderTestCase):
    @classmethod
    def setUpTestData(cls):
        LoginProvider.objects.create(slug="oidc", label="Example", domains="example.org")
        cls.reader = make_user(email="nora@example.org")

    def refuse(self, response, status=401, text="did not work"):
        self.assertContains(response, text, status_code=status)
        self.assertTrue(self.user.is_anonymous)
        self.assertFalse(SocialAccount.objects.exists())


class TokenTests(AttackTestCase):
    def test_claims_for_another_login_site_or_time_are_refused(self):
        now = int(time.time())
        for claims in (
            {"nonce": "another"},
            {"nonce": None},
            {"aud": "another-site"},
            {"aud": None},
            {"aud": [CLIENT_ID, "another-site"]},
            {"aud": [CLIENT_ID, "another-site"], "azp": "another-site"},
            {"iss": "https://accounts.example.org"},
            {"iss": None},
            {"exp": now - 120},
            {"exp": None},
            {"iat": now + 3600},
            {"nbf": now + 3600},
            {"sub": None},
            {"sub": 5},
            {"sub": {"a": 1}},
        ):
            with self.subTest(claims):
                self.provider.token_claims = claims
                self.refuse(self.come_back())

    def test_signature_must_be_by_a_key_of_the_provider(self):
        self.provider.key = OTHER_KEY
        self.refuse(self.come_back())
        self.provider.reset()
        self.provider.headers = {"kid": "2"}
        self.refuse(self.come_back())
        self.provider.headers = {}
        self.refuse(self.come_back())

    def test_unsigned_and_symmetric_tokens_are_refused(self):
        self.provider.key, self.provider.algorithm = None, "none"
        self.refuse(self.come_back())
        # Signed with what everyone knows: the public key, as if it were a password.
        self.provider.key, self.provider.algorithm = "a-public-key-that-everyone-knows-0123456789", "HS256"
        self.refuse(self.come_back())

    def test_malformed_answers_are_refused(self):
        for body in (
            b"",
            b"[]",
            b"5",
            b'"access_token"',
            b'{"access_token": 5}',
            b'{"access_token": "a"}',
            b'{"access_token": "a", "id_token": "x.y.z"}',
            b'{"access_token": "a", "id_token": 5}',
            b"access_token=a&id_token=b",
            b"\xff\xfe",
            b'{"access_token"',
        ):
            with self.subTest(body):
                self.provider.body = None
                url = self.leave()
                answer = self.provider.authorize(url).removeprefix("http://testserver")
                self.provider.body = body
                self.refuse(self.client.get(answer))


class AnswerTests(AttackTestCase):
    def test_state_is_that_of_this_browser(self):
        """Or a stranger could log a victim in to an account of their own, whose address the victim then completes."""
        answer = self.provider.authorize(self.leave()).removeprefix("http://testserver")
        self.client = Client()
        self.refuse(self.client.get(answer))

    def test_answer_works_once(self):
        answer = self.provider.authorize(self.leave()).removeprefix("http://testserver")
        self.assertEqual(self.client.get(answer).status_code, 302)
        self.client.post("/accounts/logout/")
        SocialAccount.objects.all().delete()
        self.refuse(self.client.get(answer))

    def test_code_of_another_login_does_not_match_the_nonce(self):
        """A code that a stranger obtained for their own account is of no use in the login of a victim."""
        stolen = self.provider.authorize(self.leave())
        mine = self.provider.authorize(self.leave())
        state = mine.partition("state=")[2]
        self.refuse(
            self.client.get(f"{stolen.partition('&state=')[0]}&state={state}".removeprefix("http://testserver"))
        )

    def test_cancelled_login_returns_to_the_login_page(self):
        state = self.leave().partition("state=")[2].partition("&")[0]
        response = self.client.get(f"/accounts/with/oidc/callback/?error=access_denied&state={state}", follow=True)
        self.assertContains(response, "You have not logged in with Example.")
        for query in ("", "?error=server_error", "?state=x", "?code=x", "?state=%00&code=%00"):
            self.refuse(self.client.get(f"/accounts/with/oidc/callback/{query}"))

    def test_only_apple_may_answer_by_a_form(self):
        self.assertEqual(self.client.post("/accounts/with/oidc/callback/", {"code": "x"}).status_code, 405)

    def test_other_sites_are_no_destination(self):
        for destination in ("https://evil.example/", "//evil.example", r"/\evil.example", "javascript:alert(1)"):
            with self.subTest(destination):
                self.client = Client()
                self.assertRedirects(self.come_back(self.leave(destination)), "/account/")

    def test_login_begins_by_post_with_a_token_only(self):
        self.assertEqual(self.client.get("/accounts/with/oidc/").status_code, 405)
        strict = Client(enforce_csrf_checks=True)
        self.assertEqual(strict.post("/accounts/with/oidc/").status_code, 403)

    def test_parameters_of_the_request_to_the_provider_cannot_be_added(self):
        path = "/accounts/with/oidc/?auth_params=redirect_uri%3Dhttps://evil.example&scope=admin&process=connect"
        url = self.leave(path=path)
        self.assertNotIn("evil", url)
        self.assertNotIn("admin", url)

    def test_logins_are_limited(self):
        with mock.patch("subscriptions.views.connected.PER_ADDRESS", 3):
            answers = [self.client.post("/accounts/with/oidc/").status_code for _ in range(5)]
            self.assertEqual(answers, [200] * 3 + [429] * 2)
            answers = [self.client.get("/accounts/with/oidc/callback/?state=a").status_code for _ in range(5)]
            self.assertEqual(answers, [401] * 3 + [429] * 2)


class AddressTests(AttackTestCase):
    def test_address_that_is_not_proven_opens_nothing_and_tells_nothing(self):
        """The page is the same, whether the address has an account or not."""
        make_user(email="nora@elsewhere.example")
        pages = []
        for email, verified in (
            ("nora@example.org", False),
            ("nora@example.org", "false"),
            ("nora@elsewhere.example", True),
            ("none@elsewhere.example", True),
            ("nora@sub.example.org", True),
            ("nora@example.org.evil.example", True),
        ):
            with self.subTest(email):
                self.provider.claims |= {"email": email, "email_verified": verified}
                response = self.come_back()
                self.refuse(response, 403, "is not enough to prove")
                pages.append(response.text.replace(email, ""))
        self.assertEqual(len({page.partition("<h1")[2].partition("</main")[0] for page in pages}), 1)

    def test_only_true_and_no_word_at_all_confirm_an_address_of_the_organisation(self):
        said = random.Random(6)
        texts = ["no", "False", "0", "", "TRUE", "True ", "yes", "null", "trueish", "1", "tru\u0435"]
        plain = [None, False, 0, 1, 1.0, -1, 1e300, [], {}, [True], {"true": True}, [[]], *texts]
        generated = [[said.choice(plain)] for _ in range(20)] + [{said.choice(texts): said.choice(plain)}]
        generated += ["".join(said.choices("true TRUE\t\0é", k=4)) for _ in range(200)]
        provider = LoginProvider(domains="example.org", slug="oidc")
        for value in [*plain, *generated]:
            claims = {"email": "nora@example.org", "email_verified": value}
            self.assertEqual(is_trusted(provider, claims), value == "true", repr(value))
        for claims in ({}, {"email_verified": True}, {"email_verified": "true"}):
            self.assertTrue(is_trusted(provider, claims | {"email": "nora@example.org"}))

    def test_an_odd_confirmation_is_a_refusal_and_no_fault_of_the_site(self):
        for value in ("no", "0", [], {}, [True], 1):
            self.provider.claims["email_verified"] = value
            self.refuse(self.come_back(), 403, "is not enough to prove")

    def test_missing_and_odd_addresses_open_nothing(self):
        for email in (None, "", 5, [], "nora", "nora@example.org\r\nBcc: x@example.org", "@example.org"):
            with self.subTest(email):
                self.provider.claims["email"] = email
                self.refuse(self.come_back(), 403, "One more step")

    def test_staff_are_linked_by_the_organisations_own_address_only(self):
        staff = make_staff(email="staff@gmail.com")
        self.provider.claims |= {"email": "staff@gmail.com"}
        self.refuse(self.come_back(), 403, "is not enough to prove")
        User.objects.filter(pk=staff.pk).update(email="staff@example.org", is_superuser=True)
        staff.emailaddress_set.update(email="staff@example.org")
        self.provider.claims |= {"email": "staff@example.org"}
        self.refuse(self.come_back(), 403, "is not enough to prove")
        User.objects.filter(pk=staff.pk).update(is_superuser=False)
        self.assertEqual(self.come_back().status_code, 302)
        self.assertEqual(self.user, staff)

    def test_another_issuer_in_the_environment_has_other_people(self):
        self.come_back()
        claims = {"sub": "248", "iss": self.provider.issuer}
        provider = get_adapter().get_provider(None, "oidc")
        self.assertEqual(provider.extract_uid(claims), SocialAccount.objects.get().uid)
        self.assertNotEqual(provider.extract_uid(claims | {"iss": "https://new.example"}), provider.extract_uid(claims))


class GoogleTests(AttackTestCase):
    slug = "google"

    def test_google_is_believed_for_its_own_mailboxes(self):
        make_user(email="nora@gmail.com")
        for claims, opens in (
            ({"email": "nora@gmail.com"}, True),
            ({"email": "nora@gmail.com", "email_verified": False}, False),
            ({"email": "nora@example.org"}, False),
            ({"email": "nora@example.org", "hd": "elsewhere.example"}, False),
            ({"email": "nora@example.org", "hd": "example.org"}, True),
        ):
            with self.subTest(claims):
                self.client = Client()
                SocialAccount.objects.all().delete()
                self.provider.reset()
                self.provider.claims |= claims
                self.come_back()
                self.assertEqual(self.user.is_authenticated, opens)


class BrokenProviderTests(AttackTestCase):
    def begin(self):
        return self.client.post("/accounts/with/oidc/")

    def test_provider_with_another_name_or_open_addresses_is_refused(self):
        for configuration in (
            {"issuer": "https://accounts.example.org"},
            {"issuer": None},
            {"token_endpoint": "http://evil.example/"},
            {"jwks_uri": None},
            {"authorization_endpoint": "javascript:alert(1)"},
            {"jwks_uri": "file:///etc/passwd"},
        ):
            with self.subTest(configuration):
                self.provider.configuration = configuration
                self.refuse(self.begin())

    def test_errors_redirects_and_giant_answers_are_no_answers(self):
        for status, body in ((500, b"{}"), (302, b"{}"), (200, b"x" * (http.MAX_BYTES + 1)), (200, b"<html>")):
            with self.subTest(status):
                self.provider.status, self.provider.body = status, body
                self.refuse(self.begin())

    @takes_longer("A slow provider is waited for.")
    def test_slow_and_absent_providers_are_given_up(self):
        url = self.leave()
        with mock.patch.object(http, "STEP_TIMEOUT", 0.2):
            self.provider.delay = 0.5
            self.refuse(self.come_back(url))
        gone = self.provider.settings()
        gone["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
        with self.settings(SOCIALACCOUNT_PROVIDERS=gone):
            self.refuse(self.begin())

    def test_answer_that_drips_is_given_up(self):
        with mock.patch.object(http, "READ_TIMEOUT", -1):
            self.refuse(self.begin())


class UnusedGroupTests(AttackTestCase):
    def test_no_role_is_given(self):
        self.provider.token_claims = {"groups": ["Publisher"], "roles": ["Publisher"], "is_staff": True}
        self.come_back()
        self.assertFalse(self.user.is_staff or Group.objects.filter(user=self.user).exists())
