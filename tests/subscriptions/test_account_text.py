"""The accounts' pages and emails speak as the publication does, and every page names the next step."""

from django.conf import settings
from django.core import mail
from django.test import TestCase
from django.urls import reverse

from subscriptions.services.accounts import mark_email_verified
from tests.factories import make_user

OLD, NEW = "correct-horse-battery", "other-horse-battery"
FRAMEWORK = ("You are receiving", "security precautions", "Your password can", "must contain", "Two-Factor", "sign in")


class AccountTextTests(TestCase):
    def setUp(self):
        self.user = make_user(email="sanna@example.org", password=OLD)
        mark_email_verified(user=self.user)

    def assertOurs(self, text):
        for words in FRAMEWORK:
            self.assertNotIn(words, text)

    def test_password_change_email_says_what_to_do(self):
        self.client.force_login(self.user)
        page = self.client.get(reverse("account_change_password"))
        self.assertContains(page, "At least 10 characters.")
        self.assertContains(page, '<input type="text" autocomplete="username" value="sanna@example.org" hidden>')
        self.assertOurs(page.content.decode())
        words = {"oldpassword": OLD, "password1": NEW, "password2": NEW}
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(reverse("account_change_password"), words)
        [email] = mail.outbox
        self.assertEqual(email.subject, "Your password was changed")
        self.assertIn(f"{settings.SITE_URL}{reverse('account_reset_password')}", email.body)
        self.assertIn(reverse("usersessions_list"), email.body)
        for text in (email.body, email.alternatives[0][0]):
            self.assertOurs(text)

    def test_password_reset_ends_with_a_login_link(self):
        self.assertContains(
            self.client.get(reverse("account_reset_password_from_key_done")), "Log in with the new password"
        )

    def test_reauthentication_does_not_ask_for_the_email(self):
        self.client.force_login(self.user)
        self.assertContains(
            self.client.get(reverse("account_reauthenticate")), 'autocomplete="username" value="sanna@example.org"'
        )

    def test_login_form_asks_for_the_email(self):
        self.assertNotContains(self.client.get(reverse("account_login")), 'autocomplete="username" value')
