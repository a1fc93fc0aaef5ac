"""What strangers use up is never the owner's: generated attacks on one reader, who gets in each time."""

import re
from collections import Counter
from datetime import timedelta
from itertools import product
from unittest import mock

import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import cache
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from subscriptions.models import User
from tests.budget import takes_longer
from tests.factories import PASSWORD, make_staff, make_user
from tests.subscriptions.strangers import CODE, LOGIN, RESET, SIGN_UP, Owner, Strangers
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase
from tests.truthlytics.newsletters.factories import make_newsletter
from truthlytics.publication.models import Publication
from truthlytics.web import budgets, known_devices, rate_limits
from truthlytics.web.known_devices import COOKIE, mailbox

# How likely each form is in an attack.
EVERYTHING = dict.fromkeys(
    ("password", "code", "guess", "reset", "sign_up", "link", "cancel", "withdraw", "newsletter"), 1
)
TASTES = {
    "everything": EVERYTHING,
    "passwords": {"password": 1},
    "codes": {"code": 3, "guess": 2, "reset": 1, "password": 2},
    "other emails": EVERYTHING | {"password": 4, "code": 0.2, "guess": 0.2, "reset": 0.2},
}
# Called for each password that was checked and is wrong.
FAILED = "allauth.account.adapter.DefaultAccountAdapter.authentication_failed"
NEAR, FAR = "198.51.100.7", "203.0.113.200"


class AttackTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        Publication.objects.create(name="The Paper")
        cls.newsletter = make_newsletter()

    def setUp(self):
        cache.clear()

    def known(self, user, address=NEAR):
        """Return a browser in which the user has logged in and out."""
        owner = Owner(self, user, address)
        self.assertTrue(owner.tries_password())
        owner.log_out()
        return owner

    def attack(self, seed, victim, taste, requests, hours):
        """Return the largest numbers of guesses in an hour and of emails in a day, and the owner's ways in."""
        owner, other = self.known(make_user(email=victim)), self.known(make_user())
        devices = tuple(one.client.cookies[COOKIE].value for one in (owner, other))
        strangers = Strangers(
            seed, victim=victim, other=other.user.email, newsletter=self.newsletter, taste=taste, near=NEAR,
            devices=devices,
        )  # fmt: skip
        guesses, emails, ways = Counter(), Counter(), Counter()
        start = timezone.now()
        for number in range(requests):
            with time_machine.travel(start + timedelta(hours=hours) * number / requests, tick=False):
                before = len(mail.outbox)
                with mock.patch(FAILED) as failed, self.captureOnCommitCallbacks(execute=True):
                    strangers.act()
                guesses[rate_limits.window(3600)] += failed.call_count
                sent = [email for email in mail.outbox[before:] if mailbox(email.to[0]) == mailbox(victim)]
                emails[rate_limits.window(86400)] += len(sent)
                if number % 20 == 19:
                    ways["known", *self.ways_of(owner)] += 1
                    ways["unknown", Owner(self, owner.user, FAR).finds_a_way()] += 1
        self.assertFalse([client for client in strangers.clients if "_auth_user_id" in client.session])
        return max(guesses.values(), default=0), max(emails.values()), ways

    def ways_of(self, owner):
        found = []
        for way in (owner.tries_password, owner.tries_code):
            found.append(way())
            owner.log_out()
        return found

    @takes_longer("Eight attacks of 60 requests each, with the owner's logins between them.")
    def test_the_owner_always_gets_in_and_guesses_and_emails_stay_few(self):
        found, most = Counter(), []
        with mock.patch.object(budgets, "GUESSES_ON_SITE", 40), override_settings(UNASKED_EMAILS_PER_HOUR=20):
            pairs = product(("ada{}@example.org", "ada.moss{}@gmail.com"), TASTES.items())
            for seed, (victim, (name, taste)) in enumerate(pairs):
                victim = victim.format(seed)
                with self.subTest(taste=name, victim=victim):
                    cache.clear()
                    mail.outbox.clear()
                    guesses, emails, ways = self.attack(seed, victim, taste, requests=60, hours=(1, 30)[seed // 4])
                    self.assertLessEqual(guesses, budgets.GUESSES)
                    self.assertLessEqual(emails, budgets.EMAILS)
                    self.assertEqual({key for key in ways if key[0] == "known"}, {("known", True, True)})
                    self.assertNotIn(("unknown", ""), ways)
                    found += ways
                    most.append((guesses, emails))
        # The attacks reach the limits, and the owner needs every way.
        self.assertEqual(tuple(map(max, zip(*most, strict=True))), (budgets.GUESSES, budgets.EMAILS))
        self.assertLessEqual({"password", "code", "emailed_link"}, {key[1] for key in found if key[0] == "unknown"})

    def exhaust(self, email, *, for_login=True, site=False):
        """Use up what unknown browsers have for the mailbox, as a stranger does with ever new addresses."""
        for number in range(budgets.EMAILS + 2):
            stranger = Client(REMOTE_ADDR=f"192.0.2.{number}")
            with self.captureOnCommitCallbacks(execute=True):
                stranger.post(LOGIN, {"login": email, "password": f"wrong {number}"})
                stranger.post(CODE if for_login else SIGN_UP, {"email": email, "display_name": "A"})
        return stranger

    def test_password_page_and_code_page_do_not_lead_in_a_circle(self):
        owner = Owner(self, make_user(), FAR)
        self.exhaust(owner.user.email)
        self.assertFalse(owner.tries_password())
        self.assertContains(owner.page, "In this one, log in with a code by email.")
        self.assertFalse(owner.tries_code())
        self.assertContains(owner.page, "Open the latest of these emails on this device")
        self.assertTrue(owner.tries_emailed_link())

    @takes_longer("Two mailboxes are attacked until nothing is left.")
    def test_the_pages_say_the_same_of_every_address(self):
        pages = {}
        for email in (make_user().email, "nobody@example.org"):
            stranger = self.exhaust(email)
            for path in (LOGIN, CODE, RESET, SIGN_UP):
                data = {"login": email, "password": PASSWORD, "email": email, "display_name": "A"}
                text = stranger.post(path, data).text.replace(email, "")
                text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
                pages.setdefault(path, set()).add(re.sub(r"\d\d:\d\d", "", text))
        self.assertEqual({path: len(texts) for path, texts in pages.items()}, dict.fromkeys(pages, 1))

    def test_other_emails_leave_some_for_logging_in(self):
        owner = Owner(self, make_user(), FAR)
        self.exhaust(owner.user.email, for_login=False)
        self.assertLessEqual(len(mail.outbox), budgets.OTHER_EMAILS)
        self.assertFalse(owner.tries_password())
        self.assertTrue(owner.tries_code())

    @takes_longer("Two mailboxes are attacked until nothing is left.")
    def test_emails_that_the_site_no_longer_sends_leave_the_owner_a_way(self):
        """Strangers use up the site's budget, and the mailbox's with addresses that have no account."""
        owner = Owner(self, make_user(email="ada@example.org"), FAR)
        with override_settings(UNASKED_EMAILS_PER_HOUR=0):
            self.exhaust("ada+x@example.org")
            self.assertEqual(owner.finds_a_way(), "emailed_link")
            mail.outbox.clear()
            self.exhaust("nobody@example.org")
        self.assertEqual(mail.outbox, [])

    def test_a_reset_password_makes_the_browser_known(self):
        owner = Owner(self, make_user(), FAR)
        owner.post(RESET, email=owner.user.email)
        link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
        form = owner.client.get(link).url
        owner.post(form, password1="another-long-one", password2="another-long-one")
        self.exhaust(owner.user.email)
        owner.post(LOGIN, login=owner.user.email, password="another-long-one")
        self.assertTrue(owner.is_logged_in)

    def test_a_known_browser_has_a_limit_too(self):
        owner = self.known(make_user())
        with mock.patch(FAILED) as failed:
            for number in range(budgets.GUESSES_OF_DEVICE + 3):
                page = owner.post(LOGIN, login=owner.user.email, password=f"wrong {number}")
        self.assertEqual(failed.call_count, budgets.GUESSES_OF_DEVICE)
        self.assertContains(page, "Too many wrong passwords were entered in this browser.")
        self.assertTrue(owner.tries_code())

    def test_codes_of_an_app_are_guessed_as_seldom_as_passwords(self):
        """Of someone who has found out the password, too."""
        owner, validate = self.known(make_user()), "allauth.mfa.totp.internal.auth.TOTP.validate_code"
        TOTP.activate(owner.user, generate_totp_secret())
        with mock.patch(validate, return_value=False) as checked:
            for number in range(budgets.GUESSES + 3):
                stranger = Client(REMOTE_ADDR=f"192.0.2.{number}")
                stranger.post(LOGIN, {"login": owner.user.email, "password": PASSWORD})
                page = stranger.post("/accounts/2fa/authenticate/", {"code": f"{number:06}"})
        self.assertEqual(checked.call_count, budgets.GUESSES)
        self.assertContains(page, "Too many wrong codes were entered.")
        owner.tries_password()
        with mock.patch(validate, return_value=True):
            owner.post("/accounts/2fa/authenticate/", code="123456")
        self.assertTrue(owner.is_logged_in)

    def test_right_passwords_use_up_nothing(self):
        user = make_user()
        for number in range(budgets.GUESSES + 3):
            self.assertTrue(Owner(self, user, f"192.0.2.{number}").tries_password())

    @takes_longer("Two mailboxes are attacked until nothing is left.")
    def test_people_who_share_a_browser_are_known_each(self):
        owner = self.known(make_user())
        second = Owner(self, make_user(), NEAR, owner.client)
        self.assertTrue(second.tries_password())
        second.log_out()
        for one in (owner, second):
            self.exhaust(one.user.email)
            self.assertTrue(one.tries_password())
            one.log_out()

    def test_links_expire_and_cannot_be_made_by_others(self):
        user = make_user()
        link = known_devices.link_for(user.email).partition("/accounts/")[2]
        for wrong in (link[:-2] + "/", link.replace(":", "x", 1), "this-browser/x/", f"{link[:-1]}%00/"):
            page = self.client.post(f"/accounts/{wrong}")
            self.assertContains(page, "This link has expired", status_code=410)
            self.assertNotIn(COOKIE, page.cookies)
        with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1)):
            self.assertEqual(self.client.post(f"/accounts/{link}").status_code, 410)
        self.assertNotIn(COOKIE, self.client.get(f"/accounts/{link}").cookies)
        page = self.client.post(f"/accounts/{link}")
        self.assertIn(COOKIE, page.cookies)
        self.assertNotIn("_auth_user_id", self.client.session)


class NoticeTests(TestCase):
    def setUp(self):
        cache.clear()
        Publication.objects.create(name="The Paper")

    def tried(self, email, times):
        for number in range(times):
            stranger = Client(REMOTE_ADDR=f"192.0.2.{number}")
            stranger.post(LOGIN, {"login": email, "password": "wrong"})
            stranger.post(CODE, {"email": email})

    def test_the_account_and_the_newsroom_say_what_strangers_tried(self):
        user = make_staff()
        self.tried(user.email, 14)
        self.client.force_login(user)
        for path in ("/account/", "/admin/"):
            page = self.client.get(path)
            self.assertContains(page, "wrong passwords for your address: 14, codes and links asked for: 14")

    def test_few_tries_and_those_of_a_known_browser_are_not_worth_a_word(self):
        user = make_user()
        for number in range(9):
            self.client.post(LOGIN, {"login": user.email, "password": PASSWORD if number == 0 else "wrong"})
            self.client.post("/accounts/logout/")
        self.tried(user.email, budgets.WORTH_TELLING - 1)
        self.client.force_login(user)
        self.assertNotContains(self.client.get("/account/"), "codes and links asked for")

    def test_what_was_tried_is_told_until_the_day_after_it(self):
        with time_machine.travel("2026-05-04T23:50:00Z", tick=False) as clock, mock.patch.object(
            rate_limits, "window", lambda seconds: int(timezone.now().timestamp()) // seconds
        ):  # fmt: skip
            self.tried("ada@example.org", 6)
            told = budgets.strangers_at("ADA+x@example.org")
            self.assertEqual((told.passwords, told.since.isoformat()), (6, "2026-05-04T00:00:00+00:00"))
            clock.shift(timedelta(hours=24))
            self.assertEqual(budgets.strangers_at("ada@example.org").since, told.since)
            clock.shift(timedelta(minutes=20))
            self.assertIsNone(budgets.strangers_at("ada@example.org"))


class RaceTests(TransactionTestCase):
    @takes_longer("Threads log in and ask for codes at the same time.")
    def test_simultaneous_strangers_have_one_budget(self):
        cache.clear()
        user = make_user()
        tried = Counter()
        check = User.check_password

        def count(user, password):
            tried[user.pk] += 1
            return check(user, password)

        def attack(number):
            for turn in range(4):
                client = Client(REMOTE_ADDR=f"192.0.2.{number}")
                client.post(LOGIN, {"login": user.email, "password": f"wrong {number} {turn}"})
                email = user.email.replace("@", f"+{number}{turn}@")
                client.post(CODE, {"email": email})

        with (
            mock.patch.object(User, "check_password", count),
            mock.patch("subscriptions.emails.send_later") as send,
        ):
            outcomes = race(attack, 8)
        self.assertEqual([error for error in outcomes if error], [])
        self.assertEqual(tried[user.pk], budgets.GUESSES)
        self.assertEqual(send.enqueue.call_count, budgets.EMAILS)
        self.assertEqual(budgets.strangers_at(user.email)[:2], (32, 32))
