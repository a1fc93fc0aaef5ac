"""Signup, login and account changes with our allauth configuration."""

import re
from threading import Lock
from unittest import mock

import time_machine
from allauth.account import forms as allauth_forms
from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Cart, User
from subscriptions.views import sign_up
from tests.budget import takes_longer
from tests.factories import PASSWORD, make_price, make_user
from tests.subscriptions.journeys import Steps, code_for, emails_to
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase
from tests.truthlytics.web.mail_server import QUEUE
from truthlytics.web import budgets
from truthlytics.web.budgets import OTHER_EMAILS

LOGIN, SIGNUP, CODE = "account_login", "account_signup", "account_request_login_code"
HASHER = "django.contrib.auth.hashers.MD5PasswordHasher.encode"


class AccountCase(Steps, TransactionTestCase):
    def setUp(self):
        cache.clear()

    def logged_in(self):
        return self.client.get("/account/").status_code == 200


class SignUpTests(AccountCase):
    def test_display_name_is_required(self):
        self.see(SIGNUP, text='name="display_name"')

    def test_code_confirms_the_account_and_next_is_kept(self):
        self.assertEqual(self.sign_up(next_url="/latest/").status_code, 302)
        self.assertFalse(User.objects.exists())
        self.assertFalse(self.logged_in())
        self.assertRedirects(self.confirm(), "/latest/", fetch_redirect_response=False)
        user = User.objects.get()
        self.assertIsNotNone(user.verified_at)
        self.assertEqual(user.display_name, "Nadia Lund")
        self.assertFalse(user.has_usable_password())

    def test_verification_page_names_the_recipient_once(self):
        page = self.client.get(self.sign_up().url)
        self.assertContains(page, "nadia@example.org", 1)
        self.assertContains(page, "If the email contains a code, enter it here.")

    def test_known_address_gets_the_same_page_and_an_email_that_says_what_to_do(self):
        known = make_user(email="known@example.org")
        pages = [self.client_class() for _ in range(2)]
        texts = []
        for client, email in zip(pages, [known.email, "fresh@example.org"], strict=True):
            self.client = client
            page = client.get(self.sign_up(email=email).url).content.decode()
            texts.append(re.sub(r'value="\w{64}"', "", page).replace(email, ""))
        self.assertEqual(*texts)
        body = emails_to(known.email)[-1].body
        self.assertIn("this email contains no code", body)
        self.assertIn(reverse(CODE), body)

    def test_code_can_be_sent_again_twice(self):
        self.sign_up()
        first, page = code_for("nadia@example.org"), reverse("account_email_verification_sent")
        for _ in range(2):
            response = self.client.post(page, {"action": "resend"}, follow=True)
            self.assertContains(response, "We’ve sent a new code, unless you already have an account.")
        self.assertNotContains(response, "Send another email")
        self.assertEqual(len(emails_to("nadia@example.org")), 3)
        self.assertNotEqual(code_for("nadia@example.org"), first)
        self.confirm()
        self.assertTrue(self.logged_in())

    def test_resending_to_a_known_address_sends_nothing_and_says_so(self):
        known = make_user(email="known@example.org")
        self.sign_up(email=known.email)
        response = self.client.post(reverse("account_email_verification_sent"), {"action": "resend"}, follow=True)
        self.assertContains(response, "unless you already have an account")
        self.assertEqual(len(emails_to(known.email)), 1)

    def test_resending_is_rate_limited(self):
        for _ in range(OTHER_EMAILS):
            self.sign_up()
        response = self.client.post(reverse("account_email_verification_sent"), {"action": "resend"})
        self.assertContains(response, "Too many", status_code=429)
        self.assertEqual(len(emails_to("nadia@example.org")), OTHER_EMAILS)

    def test_password_is_optional(self):
        self.sign_up(password1="a-very-long-one")
        self.confirm()
        self.assertTrue(User.objects.get().check_password("a-very-long-one"))

    def test_errors_have_a_message_and_keep_the_input(self):
        table = [
            ({"name": "   "}, "Enter a name that others can read."),
            ({"name": "\u200b"}, "Enter a name that others can read."),
            ({"name": "x" * 61}, "60 characters"),
            ({"name": "a\x00b"}, "Null characters are not allowed."),
            ({"email": "nadia@"}, "Enter a valid email address"),
            ({"email": "a\x00b@example.org"}, "Enter a valid email address"),
            ({"password1": "short"}, "at least 10 characters"),
        ]
        for data, sentence in table:
            with self.subTest(data):
                response = self.sign_up(**data)
                self.assertContains(response, sentence)
                if "name" not in data:
                    self.assertContains(response, "Nadia Lund")
        self.assertFalse(User.objects.exists())

    def test_errors_keep_the_promise_to_return(self):
        data = {"email": "nadia@", "display_name": "Nadia", "next": "/articles/a/"}
        response = self.client.post(reverse("account_signup"), data)
        self.assertContains(response, "You’ll return to where you left off")
        self.assertContains(response, 'name="next" value="/articles/a/"')

    def test_several_errors_are_listed_with_links(self):
        response = self.sign_up(email="nadia@", password1="short")
        self.assertContains(response, "Please correct 2 errors:")
        for field in ("email", "password1"):
            self.assertContains(response, f'<a href="#id_{field}">')
            self.assertContains(response, f'id="id_{field}_error"')
        self.assertNotContains(self.sign_up(email="nadia@"), "Please correct")

    def test_wrong_code_shows_an_error(self):
        self.sign_up()
        response = self.client.post(reverse("account_email_verification_sent"), {"code": "WRONG1"})
        self.assertContains(response, "That code is incorrect.")
        self.assertFalse(self.logged_in())
        self.confirm()
        self.assertTrue(self.logged_in())

    def test_three_wrong_codes_end_the_attempt_and_another_one_works(self):
        self.sign_up()
        for _ in range(3):
            response = self.client.post(reverse("account_email_verification_sent"), {"code": "WRONG1"}, follow=True)
        self.assertContains(response, "That was the third wrong code, so it no longer works. Sign up again.")
        self.assertContains(response, 'value="Nadia Lund"')
        self.confirm()
        self.assertFalse(self.logged_in())
        self.sign_up()
        self.confirm()
        self.assertTrue(self.logged_in())
        self.assertIsNotNone(User.objects.get().verified_at)

    def test_code_expires(self):
        self.sign_up()
        with time_machine.travel(timezone.now() + sign_up.LIFETIME):
            self.assertRedirects(self.confirm(), reverse(LOGIN))
        self.assertFalse(User.objects.exists())

    def test_code_of_another_address_is_wrong(self):
        self.sign_up(email="other@example.org")
        other = code_for("other@example.org")
        self.sign_up()
        self.client.post(reverse("account_email_verification_sent"), {"code": other})
        self.assertFalse(User.objects.exists())

    def test_login_code_replaces_a_sign_up(self):
        self.sign_up()
        user = make_user(verified=False)
        self.log_in(user)
        self.assertContains(self.client.get(reverse("account_email_verification_sent")), user.email)

    def test_signup_does_not_reveal_existing_accounts(self):
        known = make_user(email="nadia@example.org")
        taken = self.sign_up(email=known.email.upper())
        fresh = self.client_class().post(reverse(SIGNUP), {"email": "new@example.org", "display_name": "New"})
        self.assertEqual((taken.status_code, taken.url), (fresh.status_code, fresh.url))
        self.assertEqual(User.objects.count(), 1)
        self.assertEqual(emails_to(known.email)[-1].subject, "You already have an account")

    def test_cart_is_kept_at_signup(self):
        price = make_price()
        self.choose(price)
        self.sign_up()
        self.confirm()
        cart = Cart.objects.get()
        self.assertEqual((cart.user, cart.lines.get().price), (User.objects.get(), price))
        self.see("subscriptions:cart", text="Order and pay")


@override_settings(TASKS=QUEUE)
class SameWorkTests(AccountCase):
    """The time of a response does not tell whether an address has an account, or a confirmed one."""

    def work(self, url, **data):
        """Return the statements of a POST to `url`, as verb and table, and how many passwords are hashed."""
        cache.clear()
        with CaptureQueriesContext(connection) as queries, mock.patch(HASHER, return_value="hash") as hasher:
            self.client_class().post(reverse(url), data)
        statements = [
            re.match(r'(\w+)(?:.*?(?:FROM|INTO|UPDATE) ("\w+"))?', query["sql"]).groups() for query in queries
        ]
        self.assertIn(("SELECT", '"truthlytics_counters"'), statements)
        return sorted(statements, key=str), hasher.call_count

    def assert_same_work(self, url, field="email", **data):
        make_user(email="known@example.org")
        make_user(email="unconfirmed@example.org", verified=False)
        self.work(url, **data, **{field: "warm@example.org"})
        works = [self.work(url, **data, **{field: f"{name}@example.org"}) for name in ("known", "unconfirmed", "new")]
        self.assertEqual(works[0], works[2])
        self.assertEqual(works[1], works[2])

    def test_sign_up(self):
        self.assert_same_work(SIGNUP, display_name="Nadia", password1="a-very-long-one")

    def test_sign_up_without_password(self):
        self.assert_same_work(SIGNUP, display_name="Nadia")

    def test_sign_up_hashes_what_was_entered_and_nothing_else(self):
        """Until an earlier release, a known address was recognised by the time of hashing an empty password."""
        make_user(email="known@example.org")
        for email in ("known@example.org", "new@example.org"):
            for password, times in (("", 0), ("a-very-long-one", 1)):
                with self.subTest(email, password=password):
                    data = {"email": email, "display_name": "Nadia", "password1": password}
                    self.assertEqual(self.work(SIGNUP, **data)[1], times)

    def test_login_code(self):
        self.assert_same_work(CODE)

    def test_login_with_a_wrong_password(self):
        self.assert_same_work(LOGIN, field="login", password="wrong")

    def test_password_reset(self):
        self.assert_same_work("account_reset_password")


class CodeAttemptTests(AccountCase):
    """Simultaneous requests in one session have three attempts in all."""

    def evaluated(self, url):
        """Send twelve wrong codes at once. Returns how many of them were compared with the right one."""
        cookies = self.client.cookies
        real, lock, count = allauth_forms.compare_user_code, Lock(), 0

        def compare(**codes):
            nonlocal count
            with lock:
                count += 1
            return real(**codes)

        def guess(number):
            client = self.client_class()
            client.cookies = cookies
            client.post(url, {"code": f"WRONG{number}"})

        with mock.patch.object(allauth_forms, "compare_user_code", compare):
            race(guess)
        return count

    @takes_longer("Many requests, one after the other.")
    def test_sign_up(self):
        self.sign_up()
        self.assertEqual(self.evaluated(reverse("account_email_verification_sent")), 3)
        self.confirm()
        self.assertFalse(self.logged_in())

    @takes_longer("Many requests, one after the other.")
    def test_login_code(self):
        user = make_user()
        self.client.post(reverse(CODE), {"email": user.email})
        self.assertEqual(self.evaluated(reverse("account_confirm_login_code")), 3)
        self.client.post(reverse("account_confirm_login_code"), {"code": code_for(user.email)})
        self.assertFalse(self.logged_in())

    @takes_longer("Many requests, one after the other.")
    def test_new_address(self):
        self.log_in(make_user())
        self.client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
        self.assertEqual(self.evaluated(reverse("account_email_verification_sent")), 3)
        self.confirm("new@example.org")
        self.assertFalse(User.objects.filter(email="new@example.org").exists())


class LogInTests(AccountCase):
    def test_login_with_password(self):
        self.assertRedirects(self.log_in(make_user()), "/account/")

    def test_login_with_code(self):
        user = make_user()
        self.client.post(f"{reverse(CODE)}?next=/latest/", {"email": user.email, "next": "/latest/"})
        email = emails_to(user.email)[-1]
        self.assertTrue(email.alternatives)
        code = {"code": code_for(user.email), "next": "/latest/"}
        response = self.client.post(reverse("account_confirm_login_code"), code)
        self.assertRedirects(response, "/latest/", fetch_redirect_response=False)
        self.assertTrue(self.logged_in())

    def test_code_page_names_the_recipient_once(self):
        user = make_user()
        page = self.client.post(reverse(CODE), {"email": user.email}, follow=True)
        self.assertContains(page, "We’ve emailed a code", 1)
        self.assertContains(page, user.email)

    def test_three_wrong_login_codes_offer_a_new_one(self):
        for email in (make_user().email, "nobody@example.org"):
            self.client = self.client_class()
            self.client.post(reverse(CODE), {"email": email})
            for _ in range(3):
                page = self.client.post(reverse("account_confirm_login_code"), {"code": "WRONG1"}, follow=True)
            with self.subTest(email):
                self.assertContains(
                    page, "That was the third wrong code, so it no longer works. Send yourself a new one."
                )
                self.assertContains(page, f'value="{email}"')
                self.assertNotContains(page, "Wait a few minutes")

    def test_login_code_can_be_sent_again(self):
        user = make_user()
        self.client.post(reverse(CODE), {"email": user.email})
        page = self.client.post(reverse("account_confirm_login_code"), {"action": "resend"}, follow=True)
        self.assertContains(page, "We’ve sent a new code if an account uses this address.")
        self.client.post(reverse("account_confirm_login_code"), {"code": code_for(user.email)})
        self.assertTrue(self.logged_in())

    def test_unknown_address_gets_the_same_response(self):
        known = self.client.post(reverse(CODE), {"email": make_user().email})
        unknown = self.client_class().post(reverse(CODE), {"email": "nobody@example.org"})
        self.assertEqual((known.status_code, known.url), (unknown.status_code, unknown.url))
        self.assertEqual(emails_to("nobody@example.org")[0].subject, "No account with this email address")

    def test_login_errors_have_a_message(self):
        user, locked = make_user(), make_user(is_active=False)
        self.assertContains(self.log_in(user, "wrong"), "Wrong email or password")
        self.assertContains(self.log_in(user, "a\x00b"), "Null characters are not allowed.")
        self.assertEqual(self.log_in(locked).url, reverse("account_inactive"))
        self.see("account_inactive", text="Contact us if you think this is a mistake.")

    def test_next_never_leaves_the_site(self):
        for target in ["https://evil.example/", "//evil.example", "/\x00", "javascript:alert(1)"]:
            with self.subTest(repr(target)):
                self.client.logout()
                response = self.log_in(make_user(), next_url=target)
                self.assertEqual(response.status_code, 302)
                self.assertNotIn("evil", response.url)

    def test_latest_choice_stays_in_the_cart(self):
        user, old, new = make_user(), make_price(), make_price(minor=1200)
        self.client.force_login(user)
        self.choose(old)
        self.client.logout()
        self.client.cookies.clear()
        self.choose(new)
        self.log_in(user)
        self.assertEqual(Cart.objects.get(status="open").lines.get().price, new)
        self.assertContains(self.client.get("/cart/"), "and removed")

    def test_login_is_rate_limited_by_the_proxied_client_address(self):
        user = make_user()
        proxied = override_settings(TRUSTED_PROXY_COUNT=1, ALLAUTH_TRUSTED_PROXY_COUNT=1)
        with proxied, mock.patch.object(budgets, "GUESSES_FROM_ADDRESS", 3):
            for number in range(4):
                headers = {"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.9"}
                response = self.client.post(reverse(LOGIN), {"login": user.email, "password": "no"}, headers=headers)
        self.assertContains(response, "Many wrong passwords were entered from your internet connection.")


class OwnAccountTests(AccountCase):
    def setUp(self):
        super().setUp()
        self.user = make_user()
        self.log_in(self.user)

    def test_new_email_takes_effect_once_confirmed(self):
        self.client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
        self.user.refresh_from_db()
        self.assertEqual(self.user.email[:6], "reader")
        before = self.user.verified_at
        self.confirm("new@example.org")
        self.user.refresh_from_db()
        self.assertEqual(self.user.email, "new@example.org")
        self.assertGreater(self.user.verified_at, before)

    def test_display_name_can_be_changed(self):
        self.client.post("/account/name/", {"display_name": "  Zoe\u0308  B. "})
        self.user.refresh_from_db()
        self.assertEqual(self.user.display_name, "Zoë B.")
        refused = self.client.post("/account/name/", {"display_name": "\u202e \u200b"})
        self.assertContains(refused, "Enter a name that others can read.", status_code=422)

    def show_who_i_am(self):
        """Confirm the password before changing login settings."""
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    def test_every_account_page_opens(self):
        names = ["account_email", "account_change_password", "mfa_index", "usersessions_list", "account_logout"]
        self.show_who_i_am()
        for name in [*names, "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn"]:
            with self.subTest(name):
                response = self.client.get(reverse(name))
                self.assertEqual(response.status_code, 200)
                self.assertEqual(response["Cache-Control"].count("no-store"), 1)

    def test_second_factor_is_required_and_recovery_code_works(self):
        from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

        self.show_who_i_am()
        page = self.client.get(reverse("mfa_activate_totp"))
        counter = next(iter(yield_hotp_counters_from_time()))
        code = format_hotp_value(hotp_value(page.context["form"].secret, counter))
        # In lines: a phone would cut off a single line.
        self.assertContains(page, f">{page.context['form'].secret}</textarea>")
        self.assertEqual(self.client.post(reverse("mfa_activate_totp"), {"code": code}).status_code, 302)
        self.assertTrue(emails_to(self.user.email))
        codes = self.client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
        self.client.logout()
        self.assertEqual(self.log_in(self.user).url, reverse("mfa_authenticate"))
        self.assertFalse(self.logged_in())
        wrong = self.client.post(reverse("mfa_authenticate"), {"code": "000000"})
        self.assertEqual((wrong.status_code, self.logged_in()), (200, False))
        self.client.post(reverse("mfa_authenticate"), {"code": codes[0]})
        self.assertTrue(self.logged_in())

    def test_log_out_another_device(self):
        other = self.client_class()
        other.post(reverse(LOGIN), {"login": self.user.email, "password": PASSWORD})
        self.assertEqual(other.get("/account/").status_code, 200)
        self.client.post(reverse("usersessions_list"))
        self.assertEqual(other.get("/account/").status_code, 302)
        self.assertTrue(self.logged_in())

    def test_reset_password(self):
        self.client.logout()
        self.client.post(reverse("account_reset_password"), {"email": self.user.email})
        link = next(word for word in emails_to(self.user.email)[-1].body.split() if word.startswith("http"))
        form = self.client.get(link, follow=True)
        data = {"password1": "another-long-one", "password2": "another-long-one"}
        self.client.post(form.request["PATH_INFO"], data)
        self.user.refresh_from_db()
        self.assertTrue(self.user.check_password("another-long-one"))
