"""Roles that must log in with a provider: every other way in is closed."""

from datetime import timedelta

import time_machine
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import LoginProvider, User
from subscriptions.services import invitations
from subscriptions.services.roles import set_roles
from tests.factories import PASSWORD, make_editor, make_member, make_user
from tests.subscriptions.identity.base import ProviderTestCase
from tests.subscriptions.journeys import Steps, code_for
from truthlytics.audit.log import AuditEntry
from truthlytics.publication.models import Publication

REFUSAL = "must log in with Example"


class StaffTestCase(Steps, ProviderTestCase):
    @classmethod
    def setUpTestData(cls):
        cls.row = LoginProvider.objects.create(slug="oidc", label="Example", domains="example.org")
        cls.row.roles.add(Group.objects.get(name="Editor"))
        cls.editor = make_member("Editor", email="nora@example.org")


class ClosedDoorTests(StaffTestCase):
    def assert_refused(self, response):
        self.assertContains(response, REFUSAL, status_code=403)
        self.assertTrue(self.user.is_anonymous)

    def test_password(self):
        self.assert_refused(self.log_in(self.editor))
        self.assertRedirects(self.client.get("/admin/"), "/admin/login/?next=/admin/", fetch_redirect_response=False)
        response = self.client.post("/admin/login/", {"username": self.editor.email, "password": PASSWORD})
        self.assertRedirects(response, "/accounts/login/?next=/admin/login/", fetch_redirect_response=False)

    def test_code_by_email(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(reverse("account_request_login_code"), {"email": self.editor.email})
        code = code_for(self.editor.email)
        self.assert_refused(self.client.post(reverse("account_confirm_login_code"), {"code": code}))

    def test_new_password_by_email_logs_nobody_in(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(reverse("account_reset_password"), {"email": self.editor.email})
        link = mail.outbox[-1].body.partition("http://localhost:8000")[2].split()[0]
        form = self.client.get(link, follow=True).redirect_chain[-1][0]
        data = {"password1": "a-new-long-password", "password2": "a-new-long-password"}
        self.assertEqual(self.client.post(form, data).status_code, 302)
        self.assertTrue(self.user.is_anonymous)
        self.assert_refused(self.log_in(self.editor, "a-new-long-password"))

    def test_invitation(self):
        by = make_editor()
        roles = Group.objects.filter(name="Editor")
        invited = invitations.invite(email="new@example.org", display_name="New", roles=roles, by=by).user
        token = invitations.token_for(invited)
        self.assert_refused(self.client.post(f"/account/invitation/{token}/", {"password": ""}))
        self.provider.claims["email"] = "new@example.org"
        self.assertRedirects(self.come_back(self.leave("/admin/")), "/admin/")

    def test_session_that_began_otherwise_such_as_with_a_passkey(self):
        self.client.force_login(self.editor)
        response = self.client.get("/admin/", follow=True)
        self.assertContains(response, "Your role logs in with another account.")
        self.assertTrue(self.user.is_anonymous)

    def test_superusers_hold_all_roles(self):
        self.assert_refused(self.log_in(make_editor()))

    def test_role_given_during_a_session_ends_it(self):
        reader = make_user()
        self.client.force_login(reader)
        self.assertEqual(self.user, reader)
        set_roles(user=reader, roles=list(Group.objects.filter(name="Editor")), by=make_editor())
        self.assertTrue(self.user.is_anonymous)

    def test_others_log_in_as_before(self):
        for user in (make_user(), make_member("Author")):
            self.assertRedirects(self.log_in(user), "/account/")
            self.client.logout()

    def test_without_the_provider_in_the_environment_the_rule_ends(self):
        """The way back in for the operator, when the provider is gone."""
        with self.settings(SOCIALACCOUNT_PROVIDERS={}):
            self.assertRedirects(self.log_in(self.editor), "/account/")


class OpenDoorTests(StaffTestCase):
    def test_provider_opens_the_newsroom(self):
        self.assertRedirects(self.come_back(self.leave("/admin/")), "/admin/")
        self.assertEqual(self.user, self.editor)
        self.assertEqual(AuditEntry.objects.about(self.editor).first().message, "Example connected")

    def test_address_elsewhere_is_refused_although_the_account_is_connected(self):
        self.come_back()
        self.client.logout()
        self.provider.claims["email"] = "nora@elsewhere.example"
        self.assertContains(self.come_back(), REFUSAL, status_code=403)
        self.assertTrue(self.user.is_anonymous)

    def test_session_goes_on_when_the_domains_change_until_the_next_login(self):
        self.come_back()
        LoginProvider.objects.update(domains="elsewhere.example")
        self.assertEqual(self.user, self.editor)
        self.client.logout()
        self.assertContains(self.come_back(), REFUSAL, status_code=403)

    def test_provider_of_a_former_login_does_not_count_for_the_next(self):
        self.come_back()
        self.client.force_login(make_member("Editor"))
        self.assertTrue(self.user.is_anonymous)

    def test_needed_connection_cannot_be_removed(self):
        self.come_back()
        pk = SocialAccount.objects.get().pk
        response = self.client.post(f"/account/logins/{pk}/removal/", follow=True)
        self.assertContains(response, "can’t be removed")
        self.assertTrue(SocialAccount.objects.exists())


class IdleTests(StaffTestCase):
    def setUp(self):
        super().setUp()
        self.row.roles.clear()
        Publication.objects.update_or_create(pk=1, defaults={"staff_idle_minutes": 30})
        self.start = timezone.now()

    def get(self, minutes, user=None, **headers):
        with time_machine.travel(self.start + timedelta(minutes=minutes), tick=False):
            return self.client.get("/admin/", headers=headers)

    def test_staff_are_logged_out_after_the_time_without_a_request(self):
        self.client.force_login(self.editor)
        statuses = [self.get(minutes).status_code for minutes in (0, 29, 58, 89)]
        self.assertEqual(statuses, [200, 200, 200, 302])
        self.assertContains(self.client.get("/accounts/login/"), "You were away for a while")

    def test_requests_of_scripts_keep_no_session_alive(self):
        self.client.force_login(self.editor)
        statuses = [self.get(minutes, **{"Sec-Fetch-Dest": "empty"}).status_code for minutes in (0, 20, 40)]
        self.assertEqual(statuses, [200, 200, 302])

    def test_text_of_an_ended_session_is_kept_until_the_next_login(self):
        self.client.force_login(self.editor)
        self.get(0)
        with time_machine.travel(self.start + timedelta(minutes=40), tick=False):
            response = self.client.post("/admin/articles/section/add/", {"name": "Long thoughts"})
            self.assertIn("/admin/login/", response["Location"])
            self.client.force_login(self.editor)
            self.assertContains(self.client.get("/admin/articles/section/add/"), "Long thoughts")

    def test_readers_stay(self):
        self.client.force_login(make_user())
        with time_machine.travel(self.start + timedelta(days=2)):
            self.assertFalse(self.user.is_anonymous)


class SessionListTests(StaffTestCase):
    PAGE = "/admin/truthlytics/loginsettings/"

    def setUp(self):
        super().setUp()
        self.row.roles.clear()
        self.there = Client(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0"})
        self.there.post("/accounts/login/", {"login": self.editor.email, "password": PASSWORD})
        self.publisher = make_member("Publisher")
        self.log_in(self.publisher)

    def is_logged_in(self):
        return self.there.get("/account/").status_code == 200

    def test_publisher_ends_one(self):
        self.assertContains(self.client.get(self.PAGE), "Firefox on Windows")
        pk = self.editor.usersession_set.get().pk
        self.assertRedirects(self.client.post(f"{self.PAGE}sessions/{pk}/"), self.PAGE)
        self.assertFalse(self.is_logged_in())
        message = AuditEntry.objects.about(self.editor).first().message
        self.assertEqual(message, "Logged out on a device: Firefox on Windows.")
        self.assertEqual(self.client.post(f"{self.PAGE}sessions/{pk}/").status_code, 404)

    def test_publisher_ends_all_others_and_no_reader(self):
        reader = Client()
        reader.post("/accounts/login/", {"login": make_user(email="r@example.org").email, "password": PASSWORD})
        self.assertRedirects(self.client.post(f"{self.PAGE}sessions/"), self.PAGE)
        self.assertFalse(self.is_logged_in())
        self.assertEqual(reader.get("/account/").status_code, 200)
        self.assertEqual(self.user, self.publisher)

    def test_sessions_of_readers_are_not_in_reach(self):
        reader = make_user()
        Client().post("/accounts/login/", {"login": reader.email, "password": PASSWORD})
        pk = reader.usersession_set.get().pk
        self.assertEqual(self.client.post(f"{self.PAGE}sessions/{pk}/").status_code, 404)


class SettingsTests(StaffTestCase):
    PAGE = "/admin/truthlytics/loginsettings/"
    FORM = f"{PAGE}providers/oidc/"

    def setUp(self):
        super().setUp()
        self.row.roles.clear()
        self.publisher = make_member("Publisher", email="paula@example.org")
        self.provider.claims["email"] = "paula@example.org"

    def save(self, **data):
        data = {"is_on": "on", "label": "Example", "domains": "example.org", "roles": []} | data
        return self.client.post(self.FORM, {f"oidc-{name}": value for name, value in data.items()})

    def role(self, name):
        return [Group.objects.get(name=name).pk]

    def test_domains_and_roles_are_saved_and_audited(self):
        self.client.force_login(self.publisher)
        self.assertRedirects(self.save(domains=" @Example.ORG\nnews.example ", roles=self.role("Editor")), self.PAGE)
        self.row.refresh_from_db()
        self.assertEqual(self.row.domains, "example.org\nnews.example")
        entry = AuditEntry.objects.about(self.row).first()
        self.assertEqual((entry.after["roles"], entry.actor), (["Editor"], self.publisher))

    def test_first_change_makes_the_row(self):
        LoginProvider.objects.all().delete()
        self.client.force_login(self.publisher)
        self.assertRedirects(self.save(label="", domains=""), self.PAGE)
        self.assertEqual(str(LoginProvider.objects.get()), "Example")

    def test_wrong_input_is_explained_and_kept(self):
        self.client.force_login(self.publisher)
        editors = self.role("Editor")
        for data, sentence in (
            ({"domains": "gmail.com"}, "Anyone can have an address at gmail.com"),
            ({"domains": "example.org, b"}, "“example.org,” is not a domain"),
            ({"domains": "", "roles": editors}, "Enter the domains"),
            ({"is_on": "", "roles": editors}, "Switch the provider on"),
            ({"roles": self.role("Publisher")}, "lock yourself out"),
            ({"roles": [0]}, "0 is not one of the available choices"),
        ):
            with self.subTest(data):
                self.assertContains(self.save(**data), sentence, status_code=422)

    def test_publisher_requires_it_of_publishers_after_logging_in_so(self):
        self.come_back()
        self.assertRedirects(self.save(roles=self.role("Publisher")), self.PAGE)
        self.assertEqual(self.user, self.publisher)

    def test_idle_time_has_limits(self):
        self.client.force_login(self.publisher)
        for minutes, status in ((4, 422), (20161, 422), ("x", 422), (30, 302), ("", 302)):
            with self.subTest(minutes):
                response = self.client.post(f"{self.PAGE}idle/", {"staff_idle_minutes": minutes})
                self.assertEqual(response.status_code, status)

    def test_unknown_provider_is_not_found(self):
        self.client.force_login(self.publisher)
        self.assertEqual(self.client.post(f"{self.PAGE}providers/google/").status_code, 404)

    def test_row_of_a_provider_that_is_no_longer_configured_has_no_effect(self):
        self.row.roles.set(self.role("Editor"))
        LoginProvider.objects.update(slug="google")
        self.assertRedirects(self.log_in(User.objects.get(pk=self.editor.pk)), "/account/")
