"""Whatever opens an account needs a fresh proof of its owner, and a changed address can be changed back."""

import re
from datetime import timedelta

import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import TestCase
from django.urls import get_resolver, reverse
from django.utils import timezone

from subscriptions.models import EmailChange, User
from subscriptions.services import email_changes
from tests.budget import takes_longer
from tests.factories import PASSWORD, make_user
from tests.subscriptions.journeys import Steps, code_for, emails_to
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase

NEW = "mallory@example.org"
MINUTE = timedelta(minutes=1)
# What a thief with an old session would send to each page.
GUARDED = {
    "account_email": {"email": NEW, "action_add": ""},
    "account_set_password": {"password1": "my-own-password", "password2": "my-own-password"},
    "mfa_activate_totp": {"code": "123456"},
    "mfa_deactivate_totp": {},
    "mfa_add_webauthn": {"name": "Mine", "credential": "{}"},
    "mfa_remove_webauthn": {},
    "mfa_edit_webauthn": {"name": "Mine"},
    "mfa_view_recovery_codes": {},
    "mfa_download_recovery_codes": {},
    "mfa_generate_recovery_codes": {},
    "privacy:export": {},
    "privacy:deletion": {"confirmed": "on"},
}
HARMLESS = {
    "account_login", "account_logout", "account_signup", "account_inactive", "account_request_login_code",
    "account_confirm_login_code",  # for visitors
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done",  # by email to the present address
    "account_change_password", "account_reauthenticate", "mfa_authenticate", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "mfa_login_webauthn",  # ask for a proof themselves
    "account_email_verification_sent",  # a code that `account_email` sent
    "mfa_index", "mfa_list_webauthn",  # only list
    "usersessions_list",  # shuts others out
}  # fmt: skip


class OldSessionTests(TestCase):
    def setUp(self):
        cache.clear()

    def reader(self, password):
        user = make_user(password=password)
        types = Authenticator.Type
        for kind in (types.TOTP, types.WEBAUTHN, types.RECOVERY_CODES) if password else ():
            Authenticator.objects.create(user=user, type=kind, data={})
        # A session without the record of a login.
        self.client.force_login(user)
        return user

    def url(self, name, user):
        key = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).first()
        return reverse(
            name, args=[key.pk if key else 1] if name in {"mfa_remove_webauthn", "mfa_edit_webauthn"} else []
        )

    def state(self, user):
        authenticators = list(Authenticator.objects.filter(user=user).order_by("pk").values())
        return User.objects.filter(pk=user.pk).values().get(), authenticators, len(mail.outbox)

    def answers(self, user):
        before = self.state(user)
        for name, data in GUARDED.items():
            for method in ("get", "post"):
                with self.subTest(name, method=method):
                    yield getattr(self.client, method)(self.url(name, user), data if method == "post" else {})
                    self.assertEqual(self.state(user), before)

    def test_readers_without_a_password_need_a_code_at_their_present_address(self):
        user = self.reader(password=None)
        for response in self.answers(user):
            self.assertContains(response, f"with a code that we email to {user.email}", status_code=403)

    def test_readers_with_a_password_confirm_it(self):
        user = self.reader(PASSWORD)
        for response in self.answers(user):
            self.assertEqual(response.status_code, 302)
            self.assertTrue(response.url.startswith(f"{reverse('account_reauthenticate')}?next="), response.url)

    def test_readers_with_a_second_factor_only_confirm_it(self):
        user = self.reader(PASSWORD)
        user.set_unusable_password()
        user.save()
        self.client.force_login(user)
        for response in self.answers(user):
            self.assertIn("/accounts/2fa/", response.url)

    def test_every_page_of_accounts_is_guarded_or_harmless(self):
        patterns = get_resolver().reverse_dict
        names = {name for name in patterns if isinstance(name, str) and name.startswith(("account_", "mfa_"))}
        names |= {name for name in patterns if isinstance(name, str) and name.startswith("usersessions")}
        own = {name for name in GUARDED if ":" not in name}
        self.assertEqual(names, own | HARMLESS)

    def test_a_login_is_recent_for_ten_minutes_and_a_form_for_ten_more(self):
        user = make_user()
        self.client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        url, form = reverse("account_email"), {"email": "", "action_add": ""}
        for minutes, opened, sent in ((9, 200, 200), (11, 302, 200), (21, 302, 302)):
            with time_machine.travel(timezone.now() + minutes * MINUTE), self.subTest(minutes):
                self.assertEqual(self.client.get(url).status_code, opened)
                self.assertEqual(self.client.post(url, form).status_code, sent)


class ProofTests(Steps, TransactionTestCase):
    """The proof is accepted, and leads back to the page."""

    def setUp(self):
        cache.clear()

    def test_a_code_at_the_present_address_opens_the_page(self):
        user = make_user(password=None)
        self.client.force_login(user)
        url = reverse("account_set_password")
        page = self.client.get(url)
        again = re.search(r'name="next" value="([^"]+)"', page.content.decode())[1]
        page = self.client.post(reverse("account_logout"), {"next": again})
        self.assertEqual(page.url, f"{reverse('account_request_login_code')}?next=%2Faccounts%2Fpassword%2Fset%2F")
        self.client.post(page.url, {"email": user.email, "next": url})
        page = self.client.post(
            reverse("account_confirm_login_code"), {"code": code_for(user.email), "next": url}, follow=True
        )
        self.assertEqual((page.status_code, page.request["PATH_INFO"]), (200, url))
        data = {"password1": "a-new-long-password", "password2": "a-new-long-password"}
        self.assertEqual(self.client.post(url, data).status_code, 302)
        user.refresh_from_db()
        self.assertTrue(user.check_password("a-new-long-password"))

    def test_the_password_opens_the_page_and_the_second_factor(self):
        self.client.force_login(make_user())
        for name in ("account_email", "mfa_activate_totp", "mfa_add_webauthn"):
            url = reverse(name)
            if self.client.get(url).status_code == 302:
                self.client.post(f"{reverse('account_reauthenticate')}?next={url}", {"password": PASSWORD, "next": url})
            self.assertEqual(self.client.get(url).status_code, 200)

    def test_new_readers_need_no_second_code(self):
        self.sign_up()
        self.confirm()
        for name in ("account_email", "account_set_password", "mfa_add_webauthn"):
            self.assertEqual(self.client.get(reverse(name)).status_code, 200)


class UndoTests(Steps, TransactionTestCase):
    def setUp(self):
        cache.clear()
        self.user = make_user(email="nadia@example.org")

    def change(self, new=NEW, client=None):
        """Change the address in a session with a recent login. Returns the link in the email to the old address."""
        self.user.refresh_from_db()
        old = self.user.email
        self.client = client or self.client
        self.client.post(reverse("account_request_login_code"), {"email": old})
        self.client.post(reverse("account_confirm_login_code"), {"code": code_for(old)})
        self.client.post(reverse("account_email"), {"email": new, "action_add": ""})
        self.confirm(new)
        self.user.refresh_from_db()
        self.assertEqual(self.user.email, new)
        return re.search(r"/account/email/undoing/\S+", emails_to(old)[-1].body)[0]

    def test_the_old_address_gets_a_link_that_changes_nothing_when_it_is_opened(self):
        link = self.change()
        self.assertIn(f"changed from nadia@example.org to {NEW}", emails_to("nadia@example.org")[-1].body)
        page = self.client_class().get(link)
        self.assertContains(page, "<b>nadia@example.org</b> is your address again")
        self.assertNotContains(page, NEW)
        self.user.refresh_from_db()
        self.assertEqual(self.user.email, NEW)

    def test_undoing_shuts_the_thief_out_and_lets_the_owner_in(self):
        link, thief = self.change(), self.client
        own_key = Authenticator.objects.create(
            user=self.user, type="webauthn", data={}, created_at=timezone.now() - timedelta(days=9)
        )
        Authenticator.objects.create(user=self.user, type="totp", data={})
        self.user.set_password("the-thiefs-password")
        self.user.save()
        owner = self.client_class()
        page = owner.post(link, follow=True)
        self.assertContains(page, "nadia@example.org is the address of your account again.")
        self.user.refresh_from_db()
        self.assertEqual((self.user.email, self.user.has_usable_password()), ("nadia@example.org", False))
        self.assertEqual(list(Authenticator.objects.filter(user=self.user)), [own_key])
        self.assertEqual(thief.get("/account/").status_code, 302)
        Authenticator.objects.all().delete()
        owner.post(reverse("account_request_login_code"), {"email": "nadia@example.org"})
        owner.post(reverse("account_confirm_login_code"), {"code": code_for("nadia@example.org")})
        self.assertEqual(owner.get("/account/").status_code, 200)

    def test_the_link_works_once(self):
        link = self.change()
        self.client_class().post(link)
        self.change(client=self.client_class())
        for method in ("get", "post"):
            page = getattr(self.client_class(), method)(link)
            self.assertContains(page, "This link has expired", status_code=410)
        self.user.refresh_from_db()
        self.assertEqual(self.user.email, NEW)

    def test_a_second_change_does_not_protect_the_thief(self):
        first = self.change()
        second = self.change("mallory2@example.org", client=self.client_class())
        self.client_class().post(first)
        self.assertEqual(self.client_class().post(second).status_code, 410)
        self.user.refresh_from_db()
        self.assertEqual(self.user.email, "nadia@example.org")

    def test_links_end_after_a_week_and_cannot_be_forged(self):
        link = self.change()
        for wrong in (f"{link[:-2]}x/", "/account/email/undoing/x/", "/account/email/undoing/1/"):
            self.assertEqual(self.client.post(wrong).status_code, 410)
        with time_machine.travel(timezone.now() + email_changes.UNDOABLE_FOR + MINUTE):
            self.assertEqual(self.client.post(link).status_code, 410)
            email_changes.delete_old(timezone.now())
        self.assertFalse(EmailChange.objects.exists())

    def test_an_address_that_another_account_has_is_not_taken_from_it(self):
        link = self.change()
        make_user(email="nadia@example.org")
        page = self.client_class().post(link)
        self.assertContains(page, "Another account uses this address by now", status_code=409)
        self.user.refresh_from_db()
        self.assertEqual(self.user.email, NEW)

    def test_an_address_that_was_never_confirmed_gets_no_link(self):
        change = EmailChange.objects
        self.user.emailaddress_set.update(verified=False)
        User.objects.filter(pk=self.user.pk).update(verified_at=None)
        self.client.force_login(self.user)
        session = self.client.session
        session["signed_up_at"] = timezone.now().timestamp()
        session.save()
        self.client.post(reverse("account_email"), {"email": NEW, "action_add": ""})
        self.confirm(NEW)
        self.assertFalse(change.exists())
        self.assertNotIn("/undoing/", emails_to("nadia@example.org")[-1].body)

    @takes_longer("Many requests, one after the other.")
    def test_simultaneous_requests_undo_once(self):
        change = email_changes.record_change(self.user, old="before@example.org", new=self.user.email)
        outcomes = race(lambda _: email_changes.undo_change(change=change), count=4)
        self.assertEqual(sorted(outcomes), [False, False, False, True])
        self.user.refresh_from_db()
        self.assertEqual(self.user.email, "before@example.org")
