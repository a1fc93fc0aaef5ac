"""Assigning newsroom roles."""

from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import TestCase, tag
from django.urls import reverse

from subscriptions.models import User
from subscriptions.services.roles import assignable_roles, set_roles
from tests.budget import takes_longer
from tests.factories import make_editor, make_member, make_staff, make_user
from truthlytics.audit.log import AuditEntry

ROLES = ("Author", "Editor", "Moderator", "Support", "Publisher")
# Admin pages by model.
ROOMS = {
    "articles_article": {"Author", "Editor", "Publisher"},
    "articles_section": {"Author", "Editor", "Publisher"},
    "articles_dossier": {"Editor", "Publisher"},
    "comments_comment": {"Moderator", "Support", "Publisher"},
    "subscriptions_user": {"Support", "Publisher"},
    "subscriptions_order": {"Support", "Publisher"},
    "subscriptions_plan": {"Publisher"},
    "subscriptions_price": {"Publisher"},
    "subscriptions_payment": {"Support", "Publisher"},
    "subscriptions_subscription": {"Support", "Publisher"},
    "subscriptions_grant": {"Support", "Publisher"},
    "truthlytics_auditentry": {"Publisher"},
}


def group(name):
    return Group.objects.get(name=name)


class RoleTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher", display_name="Paula")
        cls.reader = make_user(display_name="Ansgar")

    def url(self, person):
        return reverse("admin:subscriptions_user_role", args=[person.pk])

    def give(self, *names, to=None, by=None):
        self.client.force_login(by or self.publisher)
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.url(to or self.reader), {"roles": [group(name).pk for name in names]})

    def roles(self, person=None):
        person = User.objects.get(pk=(person or self.reader).pk)
        return person.is_staff, set(person.groups.values_list("name", flat=True))


class RoleAssignmentTests(RoleTestCase):
    def test_publisher_assigns_and_removes_each_role(self):
        for name in ROLES:
            self.give(name)
            self.assertEqual(self.roles(), (True, {name}))
        self.give()
        self.assertEqual(self.roles(), (False, set()))
        self.client.force_login(User.objects.get(pk=self.reader.pk))
        self.assertEqual(self.client.get(reverse("admin:index")).status_code, 302)

    def test_role_change_is_logged_and_emailed(self):
        self.give("Author", "Moderator")
        entry = AuditEntry.objects.about(self.reader).first()
        self.assertEqual((entry.actor, entry.after["groups"]), (self.publisher, ["Author", "Moderator"]))
        self.assertIn("Author, Moderator", mail.outbox[0].body)
        self.assertEqual(mail.outbox[0].to, [self.reader.email])
        self.give("Author", "Moderator")
        self.assertEqual((len(mail.outbox), AuditEntry.objects.about(self.reader).count()), (1, 1))

    def test_message_names_the_roles(self):
        for names, sentence in [
            (["Support"], "Ansgar is now: Support. We’ve told them by email."),
            ([], "Ansgar has no role any more. We’ve told them by email."),
        ]:
            self.assertContains(self.client.get(self.give(*names).url), sentence)

    def test_users_are_filtered_by_role_and_confirmation(self):
        self.client.force_login(self.publisher)
        users = reverse("admin:subscriptions_user_changelist")
        User.objects.filter(pk=self.reader.pk).update(verified_at=None)
        queries = {
            "role=none": [self.reader],
            f"role={group('Publisher').pk}": [self.publisher],
            "confirmed=no": [self.reader],
            "role=x": [self.publisher, self.reader],
        }
        for query, found in queries.items():
            with self.subTest(query):
                page = self.client.get(f"{users}?{query}")
                self.assertCountEqual(page.context["cl"].result_list, found)
        self.assertContains(page, "No role")
        page = self.client.get(reverse("admin:subscriptions_user_change", args=[self.reader.pk]))
        self.assertNotContains(page, "_addanother")

    def test_page_requires_permission(self):
        clerk = make_staff("subscriptions.view_user", "subscriptions.change_user", "subscriptions.add_user")
        for person, status in [(make_member(name), 403) for name in ROLES[:3]] + [(clerk, 403), (self.publisher, 200)]:
            self.client.force_login(person)
            self.assertIn(self.client.get(self.url(self.reader)).status_code, {status, 404} if status == 403 else {200})
            if status == 403:
                self.assertIn(self.give("Publisher", by=person).status_code, {403, 404})
        self.assertEqual(self.roles(), (False, set()))
        self.client.logout()
        self.assertEqual(self.client.post(self.url(self.reader), {"roles": [1]}).status_code, 302)

    def test_own_roles_cannot_be_changed(self):
        for names in ((), ("Publisher", "Author")):
            self.assertEqual(self.give(*names, to=self.publisher).status_code, 403)
        self.assertEqual(self.roles(self.publisher), (True, {"Publisher"}))
        self.assertContains(self.client.get(self.url(self.publisher)), "You can’t change your own roles")

    def test_superusers_cannot_be_made_or_changed(self):
        chief = make_editor()
        self.assertEqual(self.give("Author", to=chief).status_code, 404)
        self.client.force_login(self.publisher)
        data = {"roles": [group("Author").pk], "is_superuser": "on", "user_permissions": [1]}
        self.client.post(self.url(self.reader), data)
        change = reverse("admin:subscriptions_user_change", args=[self.reader.pk])
        self.client.post(change, {"display_name": "A", "is_superuser": "on", "groups": [group("Publisher").pk]})
        reader = User.objects.get(pk=self.reader.pk)
        self.assertEqual((reader.is_superuser, reader.user_permissions.count()), (False, 0))
        self.assertEqual(self.roles(), (True, {"Author"}))

    def test_only_held_permissions_can_be_assigned(self):
        beyond = Group.objects.create(name="Root")
        beyond.permissions.add(Permission.objects.get(codename="change_permission", content_type__app_label="auth"))
        self.assertEqual({g.name for g in assignable_roles(self.publisher)}, set(ROLES))
        self.assertEqual(self.give("Root").status_code, 422)
        self.assertEqual({g.name for g in assignable_roles(make_editor())}, {*ROLES, "Root"})
        self.reader.groups.add(beyond)
        set_roles(user=self.reader, roles=[group("Author")], by=self.publisher)
        self.assertEqual(self.roles(), (True, {"Author", "Root"}))

    def test_unverified_account_gets_no_role(self):
        stranger, shut = make_user(verified=False), make_user(is_active=False)
        for person in (stranger, shut):
            self.assertEqual(self.give("Author", to=person).status_code, 403)
        new = User.objects.create_user("new@example.org", None, display_name="New")
        self.assertEqual(self.give("Author", to=new).status_code, 302)

    def test_invalid_input_is_rejected_with_a_page(self):
        self.client.force_login(self.publisher)
        for value in ("x", "\x00", "9" * 40, "-1", "999999"):
            self.assertEqual(self.client.post(self.url(self.reader), {"roles": [value]}).status_code, 422)
        self.assertEqual(self.roles(), (False, set()))

    def test_user_admin_links_to_roles(self):
        self.give("Moderator")
        change = self.client.get(reverse("admin:subscriptions_user_change", args=[self.reader.pk]))
        self.assertContains(change, self.url(self.reader))
        self.assertContains(self.client.get(reverse("admin:subscriptions_user_changelist")), "Moderator")


class RoleAccessTests(TestCase):
    @takes_longer("Every role asks many addresses.")
    @tag("sqlite")  # permissions do not depend on the database
    def test_each_role_sees_its_own_admin_pages_only(self):
        for role in ROLES:
            self.client.force_login(make_member(role))
            desk = self.client.get(reverse("admin:index"))
            shown = {item["url"] for item in desk.context["nav_items"]}
            for room, roles in ROOMS.items():
                url = reverse(f"admin:{room}_changelist")
                with self.subTest(role=role, room=room):
                    self.assertEqual(self.client.get(url).status_code, 200 if role in roles else 403)
                    if role not in roles:
                        self.assertNotIn(url, shown)

    def test_users_plans_and_payments_are_for_publishers_only(self):
        subscriptions = Permission.objects.filter(content_type__app_label="subscriptions")
        subscriptions = subscriptions.exclude(content_type__model="namechange")  # moderators review new names
        for role in ROLES[:3]:
            self.assertFalse(subscriptions.filter(group__name=role).exists())
        self.assertEqual(subscriptions.filter(group__name="Publisher").count(), subscriptions.count())
