"""Inviting someone to the newsroom, and accepting it."""

import re
from datetime import timedelta

import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import User
from subscriptions.services.invitations import invited_user, token_for
from tests.budget import takes_longer
from tests.factories import make_editor, make_staff
from tests.subscriptions.test_roles import RoleTestCase, group
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from truthlytics.audit.log import AuditEntry

INVITE = "/admin/subscriptions/user/invitation/"
EMAIL = "mo@example.org"


class InvitationTestCase(RoleTestCase):
    def setUp(self):
        cache.clear()  # clicks of the previous test
        self.client.force_login(self.publisher)

    def invite(self, *names, email=EMAIL, name="Mo"):
        data = {"email": email, "display_name": name, "roles": [group(each).pk for each in names]}
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(INVITE, data, follow=True)

    def link(self):
        return re.search(r"/account/invitation/[^\s\"]+", mail.outbox[-1].body)[0]


class DoubleClickTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_two_clicks_at_once_create_one_account_and_send_one_email(self):
        publisher, data = make_editor(), {"email": EMAIL, "display_name": "Mo", "roles": [group("Editor").pk]}

        def click():
            client = Client()
            client.force_login(publisher)
            return client.post(INVITE, data).status_code

        self.assertEqual(at_once(click, 2), [302, 302])
        self.assertEqual(User.objects.filter(email=EMAIL).count(), 1)
        self.assertEqual([email.to for email in mail.outbox], [[EMAIL]])


class AcceptedTwiceTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_a_link_used_twice_at_once_logs_in_once_with_the_password_of_that_one(self):
        invited = User(email=EMAIL, display_name="Mo", is_staff=True)
        invited.set_unusable_password()
        invited.save()
        url = reverse("subscriptions:invitation", args=[token_for(invited)])
        passwords = ["quiet-harbour-7", "loud-harbour-8"]

        def accept():
            password = passwords.pop()
            return Client().post(url, {"password": password}).status_code, password

        results = dict(at_once(accept, 2))
        self.assertEqual(set(results), {302, 410})
        self.assertTrue(User.objects.get(pk=invited.pk).check_password(results[302]))


class InvitingTests(InvitationTestCase):
    def test_new_member_gets_an_account_and_one_email(self):
        self.assertContains(self.invite("Editor", email="Mo@Example.org"), f"We’ve sent an invitation to {EMAIL}.")
        invited = User.objects.get(email=EMAIL)
        self.assertEqual(self.roles(invited), (True, {"Editor"}))
        self.assertFalse(invited.has_usable_password())
        self.assertEqual([email.to for email in mail.outbox], [[EMAIL]])
        for part in ("Paula", "Editor", EMAIL, reverse("account_login")):
            self.assertIn(part, mail.outbox[0].body)
        entry = AuditEntry.objects.about(invited).get()
        self.assertEqual((entry.actor, entry.action, entry.after["groups"]), (self.publisher, "added", ["Editor"]))

    def test_existing_account_gets_the_role_and_is_told(self):
        page = self.invite("Support", email=self.reader.email, name="Someone else")
        self.assertContains(page, "Ansgar is now: Support. We’ve told them by email.")
        self.assertEqual(self.roles(), (True, {"Support"}))
        self.assertEqual(User.objects.get(pk=self.reader.pk).display_name, "Ansgar")
        self.assertNotIn("/account/invitation/", mail.outbox[0].body)
        self.assertEqual(AuditEntry.objects.about(self.reader).first().after["groups"], ["Support"])
        self.invite("Author", email=self.reader.email)
        self.assertEqual(self.roles(), (True, {"Support", "Author"}))
        self.assertContains(self.invite("Author", email=self.reader.email), "nothing was changed")
        self.assertEqual(len(mail.outbox), 2)

    def test_invited_again_before_the_first_login_gets_another_link(self):
        self.invite("Editor")
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            self.invite("Editor")
        self.assertEqual(len(mail.outbox), 2)
        self.assertEqual(self.client.get(self.link()).status_code, 200)

    def test_second_click_sends_nothing_and_says_so_but_another_role_does(self):
        self.invite("Editor")
        self.assertContains(self.invite("Editor"), "a moment ago, so it was not sent twice.")
        self.assertEqual(len(mail.outbox), 1)
        self.assertContains(self.invite("Author"), "We’ve sent an invitation")
        self.assertEqual(len(mail.outbox), 2)

    def test_roles_beyond_those_of_the_inviter_are_refused(self):
        extra = Group.objects.create(name="Root")
        extra.permissions.set(Group.objects.get(name="Publisher").permissions.all())
        clerk = make_staff("subscriptions.view_user", "subscriptions.add_user", "subscriptions.give_role")
        self.client.force_login(clerk)
        self.assertEqual(self.invite("Root").status_code, 422)
        self.assertFalse(User.objects.filter(email=EMAIL).exists())

    def test_accounts_whose_roles_cannot_be_changed_are_refused(self):
        root = User.objects.create_superuser("root@example.org", "a-long-password", display_name="Root")
        User.objects.filter(pk=self.reader.pk).update(is_active=False)
        for email, message in [
            (self.publisher.email, "You can’t change your own roles."),
            (self.reader.email, "This account is deactivated."),
            (root.email, "which only superusers can change"),
        ]:
            with self.subTest(email):
                self.assertContains(self.invite("Author", email=email), message, status_code=422)
        self.assertContains(self.invite(), "Choose at least one role.", status_code=422)
        self.assertEqual(mail.outbox, [])


class AcceptingTests(InvitationTestCase):
    def setUp(self):
        super().setUp()
        self.invite("Editor")
        self.invited = User.objects.get(email=EMAIL)
        self.path = self.link()
        self.browser = Client()

    def test_opening_the_link_changes_nothing(self):
        page = self.browser.get(self.path)
        self.assertContains(page, "Accept and log in")
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertEqual(self.browser.get("/admin/").status_code, 302)

    def test_accepting_logs_in_once(self):
        self.assertRedirects(self.browser.post(self.path), "/admin/")
        self.invited.refresh_from_db()
        self.assertIsNotNone(self.invited.verified_at)
        self.assertFalse(self.invited.has_usable_password())
        for client in (self.browser, Client()):
            self.assertContains(client.post(self.path), "An invitation works once", status_code=410)
            self.assertEqual(client.get(self.path).status_code, 410)

    def test_password_is_checked_and_set(self):
        self.assertEqual(self.browser.post(self.path, {"password": "short"}).status_code, 422)
        self.assertRedirects(self.browser.post(self.path, {"password": "quiet-harbour-7"}), "/admin/")
        self.invited.refresh_from_db()
        self.assertTrue(self.invited.check_password("quiet-harbour-7"))

    def test_accepting_ends_the_session_of_another_account(self):
        self.browser.force_login(self.reader)
        self.assertContains(self.browser.get(self.path), "You are logged in as Ansgar.")
        self.browser.post(self.path)
        self.assertEqual(int(self.browser.session["_auth_user_id"]), self.invited.pk)

    def test_link_ends_with_time_role_address_and_account(self):
        with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
            self.assertEqual(self.browser.post(self.path).status_code, 410)
        for change in ({"is_staff": False}, {"email": "other@example.org"}, {"is_active": False}):
            with self.subTest(change):
                User.objects.filter(pk=self.invited.pk).update(**change)
                self.assertEqual(self.browser.post(self.path).status_code, 410)
                User.objects.filter(pk=self.invited.pk).update(is_staff=True, email=EMAIL, is_active=True)
        self.assertEqual(self.browser.get(self.path).status_code, 200)

    def test_link_of_someone_whose_roles_were_taken_away_and_given_back_by_others(self):
        roles = reverse("admin:subscriptions_user_role", args=[self.invited.pk])
        self.client.post(roles, {"roles": []})
        self.assertEqual(self.roles(self.invited), (False, set()))
        self.assertEqual(self.browser.post(self.path).status_code, 410)
        self.browser.force_login(self.invited)
        self.browser.logout()
        self.client.post(roles, {"roles": [group("Publisher").pk]})
        self.assertEqual(self.roles(self.invited), (True, {"Publisher"}))
        self.assertEqual(self.browser.post(self.path).status_code, 410)

    def test_forged_links_and_those_of_existing_accounts_are_refused(self):
        for token in ("x", "a:b:c", token_for(self.publisher), token_for(self.reader)):
            self.assertIsNone(invited_user(token))
            self.assertEqual(self.browser.post(f"/account/invitation/{token}/").status_code, 410)
