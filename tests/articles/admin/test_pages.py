"""Pages in the admin: the editor, publishing, history, autosave, edit conflicts and permissions."""

import uuid
from datetime import timedelta
from unittest.mock import patch

import time_machine
from django.core.exceptions import ValidationError
from django.test import Client, TestCase, tag
from django.urls import reverse
from django.utils import timezone

from articles.models import Autosave, Page, PageVersion, Redirect, Revision
from articles.services import publishing
from tests.articles.admin.editor import AtMost
from tests.articles.admin.page_editor import form_data
from tests.budget import takes_longer
from tests.factories import make_editor, make_member, make_page, make_staff
from truthlytics.audit.log import AuditEntry
from truthlytics.roles import ROLES

JSON = {"Accept": "application/json"}
ACTIONS = ("publish", "withdraw", "restore", "unschedule", "end", "keep")
PAGES = ("change", "delete", "history", "merge", *ACTIONS)


def url(name, page=None, *more):
    return reverse(f"admin:articles_page_{name}", args=[page.pk, *more] if page else [])


class PageAdminTestCase(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.client.force_login(self.editor)

    def save(self, page, client=None, **changes):
        return (client or self.client).post(url("change", page), form_data(page, **changes))


class PageFormTests(PageAdminTestCase):
    def test_who_may_only_read_sees_the_text_and_no_editor(self):
        self.client.force_login(make_staff("articles.view_page"))
        response = self.client.get(url("change", make_page(body="<p>Who we are.</p>")))
        self.assertContains(response, "Who we are.")
        self.assertNotContains(response, "editor-page")
        self.assertNotContains(response, "autosave.js")

    def test_slug_is_generated_from_the_title(self):
        self.assertRedirects(self.client.post(url("add"), form_data()), url("change", Page.objects.get()))
        self.client.post(url("add"), form_data())
        self.assertEqual(list(Page.objects.values_list("slug", flat=True)), ["about-us", "about-us-2"])
        self.assertEqual(set(Page.objects.values_list("created_by", flat=True)), {self.editor.pk})

    def test_invalid_form_shows_errors_and_keeps_input(self):
        other = make_page(slug="taken", purpose="ethicsPolicy")
        cases = [
            ({"headline": ""}, "Enter a title. You can change it later."),
            ({"slug": "taken"}, "Another page has this URL. Choose a different one."),
            ({"purpose": "ethicsPolicy"}, "Another page already has this type."),
            ({"purpose": "nonsense"}, "nonsense"),
            ({"slug": "not an address"}, "Enter a valid"),
        ]
        for changes, message in cases:
            with self.subTest(message):
                page = self.client.post(url("add"), form_data(body="<p>Kept\x00 words.</p>", **changes))
                self.assertContains(page, message)
                self.assertContains(page, "Kept words.")
        self.assertEqual(list(Page.objects.all()), [other])

    def test_changed_slug_redirects_and_stays_reserved(self):
        page = make_page(slug="who")
        self.save(page, slug="")
        self.assertEqual(Page.objects.get().slug, "who")
        self.save(page, slug="about")
        self.assertEqual(Redirect.objects.get().target, page)
        taken = self.client.post(url("add"), form_data(slug="who"))
        self.assertContains(taken, "This URL redirects to")

    def test_pasted_markup_is_sanitised(self):
        self.client.post(url("add"), form_data(body="<p onclick='x'>Words<script>1</script></p><hr data-gate>"))
        self.assertNotIn("script", Page.objects.get().body)

    def test_published_page_cannot_be_deleted(self):
        page, draft = make_page(), make_page(published=False)
        for item in (page, draft):
            self.client.post(url("delete", item), {"post": "yes"})
        self.assertEqual(list(Page.objects.all()), [page])
        self.assertContains(self.client.get(url("change", page)), "Withdraw")
        self.assertNotContains(self.client.get(url("change", page)), "Delete draft")

    def test_unknown_ids_are_not_found(self):
        for path in (f"{'9' * 30}/change/", "x/change/", f"{'9' * 30}/publish/", "0/history/", "1/history/v1/"):
            with self.subTest(path):
                self.assertEqual(self.client.get(url("changelist") + path).status_code, 404)

    def test_list_and_editor_query_counts(self):
        for _ in range(12):
            page = make_page()
        self.client.get(url("changelist"))
        with self.assertNumQueries(AtMost(9)):
            self.client.get(url("changelist"))
        with self.assertNumQueries(AtMost(19)):
            self.client.get(url("change", page))


class PublishingTests(PageAdminTestCase):
    def test_publish_page_shows_the_diff_and_takes_a_note(self):
        page = make_page(body="<p>Readers pay.</p>")
        self.save(page, body="<p>Readers alone pay.</p>")
        response = self.client.get(url("publish", page))
        self.assertContains(response, "alone")
        page.refresh_from_db()
        data = {"when": "now", "note": "Says who.", "last": 1, "revision": page.revision_number}
        self.assertRedirects(self.client.post(url("publish", page), data), url("change", page))
        self.assertContains(self.client.get(page.get_absolute_url()), "Says who.")
        self.assertContains(self.client.get(url("publish", page)), "Nothing has changed since version 2")

    def test_publish_button_leads_to_the_publish_page(self):
        page = make_page(published=False)
        self.assertRedirects(self.save(page, _publish="1"), url("publish", page))

    def test_scheduled_page_becomes_public_at_its_time(self):
        page, now = make_page(published=False), timezone.now()
        at = timezone.localtime(now + timedelta(days=1))
        data = {
            "when": "later",
            "day": f"{at:%Y-%m-%d}",
            "hour": f"{at:%H:%M}",
            "last": 0,
            "revision": 0,
            "ai_uses": "none",
        }
        self.client.post(url("publish", page), data)
        self.assertEqual(self.client.get(page.get_absolute_url()).status_code, 404)
        with time_machine.travel(now + timedelta(days=1, minutes=1), tick=False):
            self.assertEqual(Client().get(page.get_absolute_url()).status_code, 200)
        self.client.post(url("unschedule", page))
        self.assertEqual(Page.objects.get().state(), "draft")

    def test_second_concurrent_publication_is_refused(self):
        page = make_page(published=False)
        data = {"when": "now", "last": 0, "revision": 0, "ai_uses": "none"}
        for status, message in ((302, ""), (422, "Version 1 was published in the meantime")):
            Page.objects.update(body=f"<p>{status}</p>")
            response = self.client.post(url("publish", page), data)
            self.assertContains(response, message, status_code=status)
        self.assertEqual(page.versions.count(), 1)

    def test_publishing_after_a_newer_save_is_refused(self):
        page = make_page(published=False)
        self.save(page, body="<p>Changed.</p>")
        response = self.client.post(url("publish", page), {"when": "now", "last": 0, "revision": 0, "ai_uses": "none"})
        self.assertContains(response, "The text was saved again in the meantime", status_code=422)

    def test_incomplete_page_or_invalid_data_is_refused(self):
        page = make_page(published=False, body="")
        self.assertContains(self.client.get(url("publish", page)), "Enter some text.")
        Page.objects.update(body="<p>Words.</p>")
        for bad in ({"when": "later", "day": "x", "hour": "y"}, {"when": "z"}, {"when": "now", "last": "9" * 40}):
            with self.subTest(bad):
                data = {"last": 0, "revision": 0, "ai_uses": "none"} | bad
                self.assertEqual(self.client.post(url("publish", page), data).status_code, 422)
        self.assertFalse(PageVersion.objects.exists())

    def test_actions_are_audited_with_both_states(self):
        page = make_page()
        self.client.post(url("withdraw", page))
        entry = AuditEntry.objects.about(page).first()
        self.assertEqual((entry.before["state"], entry.after["state"]), ("published", "withdrawn"))
        self.client.post(url("restore", page))
        self.assertEqual(Page.objects.get().state(), "published")

    def test_concurrent_duplicate_slug_is_reported(self):
        make_page(slug="about")
        error = ValidationError({"slug": "Another page has this URL."})
        with patch.object(Page, "validate_unique", side_effect=[None, error]):
            page = self.client.post(url("add"), form_data(slug="about"))
        self.assertContains(page, "Another page has this URL.")


class HistoryTests(PageAdminTestCase):
    def setUp(self):
        super().setUp()
        self.page = make_page(body="<p>The first rule.</p>")
        self.save(self.page, body="<p>The second rule.</p>")
        self.page.refresh_from_db()

    def test_history_lists_revisions_and_versions_and_compares_two(self):
        first = self.page.revisions.order_by("pk").first()
        history = self.client.get(url("history", self.page), {"from": "v1", "to": f"s{self.page.revisions.first().pk}"})
        self.assertContains(history, "Version 1")
        self.assertContains(history, "Revision 1")
        self.assertContains(history, '<del><span class="visually-hidden">removed: </span>first</del>', html=True)
        self.assertEqual(first.number, 0)

    def test_versions_of_the_same_second_are_ordered_by_number(self):
        with time_machine.travel(timezone.now(), tick=False):
            page = make_page()
            Page.objects.filter(pk=page.pk).update(body="<p>Other.</p>")
            publishing.publish(item=page)
        context = self.client.get(url("history", page)).context
        self.assertEqual((context["old"].key, context["new"].key), ("v1", "v2"))

    def test_restoring_a_version_changes_only_the_draft(self):
        self.client.post(url("save", self.page, "v1"))
        self.page.refresh_from_db()
        self.assertIn("first rule", self.page.body)
        self.assertEqual((self.page.revision_number, self.page.versions.count()), (2, 1))
        self.assertContains(self.client.get(url("history", self.page)), "Revision 2")

    def test_revision_can_be_named_and_unknown_keys_are_not_found(self):
        revision = self.page.revisions.first()
        self.client.post(url("save", self.page, f"s{revision.pk}"), {"name": "Before the lawyer"})
        self.assertEqual(Revision.objects.get(pk=revision.pk).name, "Before the lawyer")
        for key in ("s0", "v9", "x1", f"s{'9' * 18}", f"v{'9' * 18}"):
            self.assertEqual(self.client.get(url("save", self.page, key)).status_code, 404)

    def test_old_revisions_are_prunable(self):
        cutoff = timezone.now() + timedelta(days=1)
        self.assertEqual(Revision.objects.prunable(before=cutoff, keep_last=1).count(), 1)


class AutosaveTests(PageAdminTestCase):
    def setUp(self):
        super().setUp()
        self.page = make_page(body="<p>One.</p><p>Between.</p><p>Two.</p>")
        self.other = Client()
        self.other.force_login(make_editor(display_name="Ben Ode"))

    def autosave(self, page, client=None, sequence=1, **changes):
        data = form_data(page, **changes) | {"_sequence": sequence}
        return (client or self.client).post(url("autosave", page), data, headers=JSON)

    def test_autosave_is_stored_offered_and_discarded(self):
        self.assertEqual(self.autosave(self.page, body="<p>Half a thou</p>").status_code, 200)
        editor_page = self.client.get(url("change", self.page))
        self.assertContains(editor_page, "You have unsaved changes from")
        self.assertNotContains(self.other.get(url("change", self.page)), "Half a thou")
        self.client.post(url("drop", self.page), {"tab": "one", "sequence": 1})
        self.assertFalse(Autosave.objects.exists())
        self.assertFalse(AuditEntry.objects.exists())

    def test_first_autosave_creates_a_single_draft(self):
        key = uuid.uuid4()
        for sequence in (1, 2):
            data = form_data(key=str(key), headline="Our ethics", _sequence=sequence)
            response = self.client.post(url("begin"), data, headers=JSON)
            self.assertEqual(response.status_code, 200)
        page = Page.objects.get(uuid=key)
        self.assertEqual(
            (page.headline, page.is_placeholder, response.json()["change"]), ("Our ethics", True, url("change", page))
        )
        self.client.post(url("add"), form_data(key=str(key), headline="Our ethics"))
        self.assertEqual(Page.objects.get(uuid=key).slug, "our-ethics")
        self.assertEqual(self.other.post(url("begin"), form_data(key=str(key)), headers=JSON).status_code, 404)

    def test_conflicting_save_shows_both_texts_and_merges(self):
        form = form_data(self.page, body="<p>One of mine.</p><p>Between.</p><p>Two.</p>", standfirst="Mine.")
        self.save(self.page, self.other, body="<p>One.</p><p>Between.</p><p>Two of theirs.</p>")
        response = self.client.post(url("change", self.page), form)
        self.assertContains(response, "Ben Ode saved while you were writing", status_code=409)
        autosaved = Autosave.objects.get()
        data = {"seen": 1, "slot": f"{autosaved.tab}:{autosaved.sequence}"}
        self.assertRedirects(self.client.post(url("merge", self.page), data), url("change", self.page))
        self.page.refresh_from_db()
        self.assertEqual(self.page.body, "<p>One of mine.</p><p>Between.</p><p>Two of theirs.</p>")
        self.assertEqual(self.page.standfirst, "Mine.")
        self.assertFalse(Autosave.objects.exists())

    def test_presence_names_other_editors(self):
        for client in (self.other, self.client):
            response = client.post(url("presence", self.page), {"based_on": 0})
        self.assertEqual(response.json()["others"], ["Ben Ode"])

    def test_restoring_omits_a_purpose_taken_by_another_page(self):
        self.save(self.page, purpose="ethicsPolicy")
        self.save(self.page, purpose="")
        make_page(purpose="ethicsPolicy")
        revision = self.page.revisions.get(number=1)
        self.client.post(url("save", self.page, f"s{revision.pk}"))
        self.page.refresh_from_db()
        self.assertEqual(self.page.purpose, "")


class RolesTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.page = make_page()
        cls.users = {role: make_member(role) for role in ROLES}

    @takes_longer("Every role asks many addresses.")
    @tag("sqlite")  # permissions do not depend on the database
    def test_only_editors_and_publishers_can_manage_pages(self):
        urls = [url("changelist"), url("add"), *(url(name, self.page) for name in PAGES)]
        urls += [url("autosave", self.page), url("presence", self.page), url("drop", self.page), url("begin")]
        urls.append(url("save", self.page, "v1"))
        before = Page.objects.values().get()
        for role in sorted(ROLES, key={"Editor", "Publisher"}.__contains__):
            self.client.force_login(self.users[role])
            expected = {200, 302, 400, 405, 409, 422} if role in {"Editor", "Publisher"} else {403, 404, 405}
            for page_url in urls:
                for method, data in (("get", {}), ("post", form_data())):
                    with self.subTest(role=role, url=page_url, method=method):
                        self.assertIn(getattr(self.client, method)(page_url, data).status_code, expected)
            if expected == {403, 404, 405}:
                self.assertEqual(Page.objects.values().get(), before)
