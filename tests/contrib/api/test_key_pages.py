"""Making and revoking keys: in Settings → Connections, and in the account."""

from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import TestCase
from django.utils import timezone
from lxml import html

from tests.contrib.api.test_keys import API, make_key
from tests.factories import make_member, make_staff, make_user
from tests.subscriptions.journeys import Steps
from truthlytics.audit.log import AuditEntry
from truthlytics.contrib.api.models import Key, Scope

CONNECTIONS = "/admin/truthlytics/connectionsettings/"
OWN = "/account/keys/"
FIELDS = {"key-name": "Archive", "key-scopes": ["articles:full", "comments:read"]}


def shown_key(response):
    """Return the key on a page, or None."""
    found = html.fromstring(response.content).xpath("//input[@id='new-key']/@value | //code/text()[string-length()=47]")
    return found[0] if found else None


class KeyPageTestCase(Steps, TestCase):
    def setUp(self):
        cache.clear()

    def status(self, key):
        return self.client.get(f"{API}/publication", headers={"Authorization": f"Bearer {key}"}).status_code


class PublicationTests(KeyPageTestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")

    def setUp(self):
        super().setUp()
        self.client.force_login(self.publisher)

    def test_a_key_is_shown_once_and_works_until_it_is_revoked(self):
        page = self.client.post(f"{CONNECTIONS}keys/", FIELDS)
        key, row = shown_key(page), Key.objects.get()
        self.assertEqual((row.name, row.scopes, row.created_by), ("Archive", FIELDS["key-scopes"], self.publisher))
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertEqual(self.status(key), 200)
        again = self.client.get(CONNECTIONS)
        self.assertContains(again, row.start)
        self.assertContains(again, "and last used on")
        self.assertNotContains(again, key)
        self.assertNotContains(again, row.digest)
        page = self.client.post(f"{CONNECTIONS}keys/{row.pk}/revocation/", follow=True)
        self.assertContains(page, "“Archive” does not work any more.")
        self.assertNotContains(page, row.start)
        self.assertEqual(self.status(key), 401)
        self.assertEqual(self.client.post(f"{CONNECTIONS}keys/{row.pk}/revocation/").status_code, 404)

    def test_every_step_is_in_the_audit_log_without_the_key(self):
        key, row = shown_key(self.client.post(f"{CONNECTIONS}keys/", FIELDS)), Key.objects.get()
        self.client.post(f"{CONNECTIONS}keys/{row.pk}/revocation/")
        entries = list(AuditEntry.objects.about(row).values())
        self.assertEqual([entry["action"] for entry in entries], ["changed", "added"])
        self.assertEqual(entries[1]["after"], {"name": "Archive", "scopes": FIELDS["key-scopes"]})
        self.assertEqual({entry["actor_id"] for entry in entries}, {self.publisher.pk})
        for secret in (key[10:], row.digest):
            self.assertNotIn(secret, str(entries))
        self.assertNotIn(key, str(dict(self.client.session)))

    def test_what_was_entered_stays_if_something_is_missing(self):
        page = self.client.post(f"{CONNECTIONS}keys/", {"key-name": "Archive"})
        self.assertContains(page, "Choose at least one.", status_code=422)
        self.assertContains(page, "Archive", status_code=422)
        for bad in ({"key-scopes": "everything"}, {"key-name": "x" * 101}, {"key-name": ""}):
            self.assertEqual(self.client.post(f"{CONNECTIONS}keys/", FIELDS | bad).status_code, 422)
        self.assertFalse(Key.objects.exists())

    def test_nobody_gives_away_what_they_may_not_see(self):
        settings = ("truthlytics.change_publication", "truthlytics.view_publication", "comments.view_comment")
        self.client.force_login(make_staff(*settings))
        page = self.client.get(CONNECTIONS)
        self.assertContains(page, "comments:read")
        for scope in ("readers:read", "payments:read", "articles:full", "statistics:read"):
            self.assertNotContains(page, scope)
            refused = self.client.post(f"{CONNECTIONS}keys/", FIELDS | {"key-scopes": ["comments:read", scope]})
            self.assertEqual(refused.status_code, 422)
        self.assertFalse(Key.objects.exists())

    def test_only_for_publishers_and_never_by_reading(self):
        row, _key = make_key(Scope.READERS)
        paths = [f"{CONNECTIONS}keys/", f"{CONNECTIONS}keys/{row.pk}/revocation/"]
        for path in paths:
            self.assertEqual(self.client.get(path).status_code, 405)
        everything = make_staff()
        everything.user_permissions.set(Permission.objects.exclude(codename="change_publication"))
        for user in (make_member("Editor"), everything):
            self.client.force_login(user)
            for path in paths:
                self.assertEqual(self.client.post(path, FIELDS).status_code, 403)
        self.assertIsNone(Key.objects.get().revoked_at)

    def test_keys_of_readers_are_not_there(self):
        row, _key = make_key(reader=make_user(), name="Private")
        self.assertNotContains(self.client.get(CONNECTIONS), "Private")
        self.assertEqual(self.client.post(f"{CONNECTIONS}keys/{row.pk}/revocation/").status_code, 404)


class ReaderTests(KeyPageTestCase):
    def setUp(self):
        super().setUp()
        self.reader = make_user()
        self.log_in(self.reader)

    def make(self, name="My archive"):
        return self.client.post(OWN, {"name": name})

    def test_a_key_is_shown_once_and_works_until_it_is_revoked(self):
        page = self.make()
        key, row = shown_key(page), Key.objects.get()
        self.assertEqual((row.reader, row.scopes, page.status_code), (self.reader, [], 200))
        self.assertEqual(page.headers["Cache-Control"], "private, no-store")
        again = self.client.get(OWN)
        self.assertContains(again, "My archive")
        self.assertNotContains(again, key)
        self.assertEqual(self.status(key), 200)
        page = self.client.post(f"{OWN}{row.pk}/revocation/", follow=True)
        self.assertContains(page, "“My archive” does not work any more.")
        self.assertEqual(self.status(key), 401)

    def test_five_at_a_time(self):
        for number in range(5):
            self.assertIsNotNone(shown_key(self.make(f"Key {number}")))
        page = self.make()
        self.assertContains(page, "You have five keys. Revoke one of them first.", status_code=422)
        self.assertIsNone(shown_key(page))
        self.assertNotContains(self.client.get(OWN), 'name="name"')
        Key.objects.first().revoke(timezone.now())
        self.assertIsNotNone(shown_key(self.make()))

    def test_keys_of_others_do_not_exist(self):
        for row, _key in (make_key(reader=make_user(), name="Theirs"), make_key(Scope.READERS, name="Of the site")):
            self.assertEqual(self.client.post(f"{OWN}{row.pk}/revocation/").status_code, 404)
            self.assertNotContains(self.client.get(OWN), row.name)
        self.assertEqual(Key.objects.active().count(), 2)

    def test_scopes_cannot_be_sent_along(self):
        self.client.post(
            OWN, {"name": "Mine", "scopes": ["readers:read"], "key-scopes": ["readers:read"], "reader": ""}
        )
        self.assertEqual((Key.objects.get().scopes, Key.objects.get().reader), ([], self.reader))

    def test_a_login_that_is_long_ago_has_to_be_confirmed(self):
        self.client.force_login(self.reader)
        session = self.client.session
        session["account_authentication_methods"] = [{"method": "password", "at": 0}]
        session.save()
        for answer in (self.make(), self.client.get(OWN)):
            self.assertRedirects(answer, f"/accounts/reauthenticate/?next={OWN}", fetch_redirect_response=False)
        self.assertFalse(Key.objects.exists())
        self.client.logout()
        self.assertEqual(self.make().status_code, 302)

    def test_changes_need_a_form_of_ours(self):
        row, _key = make_key(reader=self.reader)
        self.assertEqual(self.client.get(f"{OWN}{row.pk}/revocation/").status_code, 405)
        self.client.handler.enforce_csrf_checks = True
        self.assertEqual(self.make().status_code, 403)
        self.assertEqual(self.client.post(f"{OWN}{row.pk}/revocation/").status_code, 403)
        self.assertEqual(Key.objects.active().count(), 1)

    def test_a_name_is_shown_as_text(self):
        self.assertContains(self.make("<script>x</script>"), "&lt;script&gt;x")
