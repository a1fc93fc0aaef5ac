"""Pages on the writing desk: the same sheet, the same history, the same care for two people."""

import uuid
from datetime import timedelta
from unittest.mock import patch

import time_machine
from django.core.exceptions import ValidationError
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Autosave, Page, PageVersion, Redirect, Revision
from articles.services import publishing
from tests.articles.admin.editor import AtMost
from tests.factories import make_editor, make_member, make_page
from truthlytics.audit.log import AuditEntry
from truthlytics.roles import ROLES

JSON = {"Accept": "application/json"}
DEEDS = ("publish", "withdraw", "restore", "unschedule", "end", "keep")
PAGES = ("change", "delete", "history", "words", *DEEDS)


def fields(page=None, **changes):
    """What the desk's form sends."""
    data = {"headline": "About us", "standfirst": "", "body": "<p>Who we are.</p>", "purpose": "", "slug": ""}
    if page:
        page.refresh_from_db()
        data |= {name: getattr(page, name) for name in data} | {"based_on": page.revision_number}
    return data | {"_save": "1", "_tab": "one"} | changes


def url(name, page=None, *more):
    return reverse(f"admin:articles_page_{name}", args=[page.pk, *more] if page else [])


class PageRoomCase(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.client.force_login(self.editor)

    def save(self, page, client=None, **changes):
        return (client or self.client).post(url("change", page), fields(page, **changes))


class WritingTests(PageRoomCase):
    def test_a_new_page_gets_its_address_from_its_title(self):
        self.assertRedirects(self.client.post(url("add"), fields()), url("change", Page.objects.get()))
        self.client.post(url("add"), fields())
        self.assertEqual(list(Page.objects.values_list("slug", flat=True)), ["about-us", "about-us-2"])
        self.assertEqual(set(Page.objects.values_list("created_by", flat=True)), {self.editor.pk})

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self):
        other = make_page(slug="taken", purpose="ethicsPolicy")
        cases = [
            ({"headline": ""}, "Give it a title, if only for now."),
            ({"slug": "taken"}, "Another page has this address. Choose another."),
            ({"purpose": "ethicsPolicy"}, "Another page is this already."),
            ({"purpose": "nonsense"}, "nonsense"),
            ({"slug": "not an address"}, "Enter a valid"),
        ]
        for changes, said in cases:
            with self.subTest(said):
                page = self.client.post(url("add"), fields(body="<p>Kept\x00 words.</p>", **changes))
                self.assertContains(page, said)
                self.assertContains(page, "Kept words.")
        self.assertEqual(list(Page.objects.all()), [other])

    def test_an_address_that_readers_know_leads_on_and_is_not_given_up(self):
        page = make_page(slug="who")
        self.save(page, slug="")
        self.assertEqual(Page.objects.get().slug, "who")
        self.save(page, slug="about")
        self.assertEqual(Redirect.objects.get().target, page)
        taken = self.client.post(url("add"), fields(slug="who"))
        self.assertContains(taken, "This address still leads readers to")

    def test_foreign_mark_up_does_not_reach_the_text(self):
        self.client.post(url("add"), fields(body="<p onclick='x'>Words<script>1</script></p><hr data-gate>"))
        self.assertNotIn("script", Page.objects.get().body)

    def test_a_page_with_versions_is_withdrawn_never_deleted(self):
        page, draft = make_page(), make_page(published=False)
        for one in (page, draft):
            self.client.post(url("delete", one), {"post": "yes"})
        self.assertEqual(list(Page.objects.all()), [page])
        self.assertContains(self.client.get(url("change", page)), "Withdraw")
        self.assertNotContains(self.client.get(url("change", page)), "Delete draft")

    def test_ids_and_bytes_that_no_row_has_are_not_found(self):
        for path in (f"{'9' * 30}/change/", "x/change/", f"{'9' * 30}/publish/", "0/history/", "1/history/v1/"):
            with self.subTest(path):
                self.assertEqual(self.client.get(url("changelist") + path).status_code, 404)

    def test_list_and_desk_ask_a_bounded_number_of_questions(self):
        for _ in range(12):
            page = make_page()
        self.client.get(url("changelist"))
        with self.assertNumQueries(AtMost(9)):
            self.client.get(url("changelist"))
        with self.assertNumQueries(AtMost(19)):
            self.client.get(url("change", page))


class PublishingTests(PageRoomCase):
    def test_publishing_shows_what_changes_and_asks_what_readers_are_told(self):
        page = make_page(body="<p>Readers pay.</p>")
        self.save(page, body="<p>Readers alone pay.</p>")
        shown = self.client.get(url("publish", page))
        self.assertContains(shown, "alone")
        page.refresh_from_db()
        sent = {"when": "now", "note": "Says who.", "last": 1, "revision": page.revision_number}
        self.assertRedirects(self.client.post(url("publish", page), sent), url("change", page))
        self.assertContains(self.client.get(page.get_absolute_url()), "Says who.")
        self.assertContains(self.client.get(url("publish", page)), "Nothing differs from version 2")

    def test_the_main_button_leads_to_publication(self):
        page = make_page(published=False)
        self.assertRedirects(self.save(page, _publish="1"), url("publish", page))

    def test_it_goes_out_at_its_time(self):
        page, now = make_page(published=False), timezone.now()
        at = timezone.localtime(now + timedelta(days=1))
        sent = {"when": "later", "day": f"{at:%Y-%m-%d}", "hour": f"{at:%H:%M}", "last": 0, "revision": 0}
        self.client.post(url("publish", page), sent)
        self.assertEqual(self.client.get(page.get_absolute_url()).status_code, 404)
        with time_machine.travel(now + timedelta(days=1, minutes=1), tick=False):
            self.assertEqual(Client().get(page.get_absolute_url()).status_code, 200)
        self.client.post(url("unschedule", page))
        self.assertEqual(Page.objects.get().state(), "draft")

    def test_the_second_of_two_who_publish_at_once_is_told_of_the_first(self):
        page = make_page(published=False)
        sent = {"when": "now", "last": 0, "revision": 0}
        for status, said in ((302, ""), (422, "Version 1 was made in the meantime")):
            Page.objects.update(body=f"<p>{status}</p>")
            answer = self.client.post(url("publish", page), sent)
            self.assertContains(answer, said, status_code=status)
        self.assertEqual(page.versions.count(), 1)

    def test_a_text_that_was_saved_since_is_looked_at_again(self):
        page = make_page(published=False)
        self.save(page, body="<p>Changed.</p>")
        answer = self.client.post(url("publish", page), {"when": "now", "last": 0, "revision": 0})
        self.assertContains(answer, "The text was saved again in the meantime", status_code=422)

    def test_what_is_not_ready_or_makes_no_sense_is_said(self):
        page = make_page(published=False, body="")
        self.assertContains(self.client.get(url("publish", page)), "Write a text.")
        Page.objects.update(body="<p>Words.</p>")
        for bad in ({"when": "later", "day": "x", "hour": "y"}, {"when": "z"}, {"when": "now", "last": "9" * 40}):
            with self.subTest(bad):
                sent = {"last": 0, "revision": 0} | bad
                self.assertEqual(self.client.post(url("publish", page), sent).status_code, 422)
        self.assertFalse(PageVersion.objects.exists())

    def test_what_is_done_is_written_down_with_the_state_before_and_after(self):
        page = make_page()
        self.client.post(url("withdraw", page))
        entry = AuditEntry.objects.about(page).first()
        self.assertEqual((entry.before["state"], entry.after["state"]), ("published", "withdrawn"))
        self.client.post(url("restore", page))
        self.assertEqual(Page.objects.get().state(), "published")

    def test_an_address_taken_at_the_same_moment_is_said_rather_than_broken_on(self):
        make_page(slug="about")
        told = ValidationError({"slug": "Another page has this address."})
        with patch.object(Page, "validate_unique", side_effect=[None, told]):
            page = self.client.post(url("add"), fields(slug="about"))
        self.assertContains(page, "Another page has this address.")


class HistoryTests(PageRoomCase):
    def setUp(self):
        super().setUp()
        self.page = make_page(body="<p>The first rule.</p>")
        self.save(self.page, body="<p>The second rule.</p>")
        self.page.refresh_from_db()

    def test_saves_and_versions_stand_in_one_list_and_any_two_are_compared(self):
        first = self.page.revisions.order_by("pk").first()
        history = self.client.get(url("history", self.page), {"from": "v1", "to": f"s{self.page.revisions.first().pk}"})
        self.assertContains(history, "Version 1")
        self.assertContains(history, "Save 1")
        self.assertContains(history, '<del><span class="visually-hidden">removed: </span>first</del>', html=True)
        self.assertEqual(first.number, 0)

    def test_of_two_versions_of_one_second_the_higher_number_is_the_newer(self):
        with time_machine.travel(timezone.now(), tick=False):
            page = make_page()
            Page.objects.filter(pk=page.pk).update(body="<p>Other.</p>")
            publishing.publish(item=page)
        found = self.client.get(url("history", page)).context
        self.assertEqual((found["old"].key, found["new"].key), ("v1", "v2"))

    def test_a_version_comes_back_into_the_draft_and_readers_see_nothing_of_it(self):
        self.client.post(url("save", self.page, "v1"))
        self.page.refresh_from_db()
        self.assertIn("first rule", self.page.body)
        self.assertEqual((self.page.revision_number, self.page.versions.count()), (2, 1))
        self.assertContains(self.client.get(url("history", self.page)), "Save 2")

    def test_a_save_is_named_and_what_is_not_there_is_not_found(self):
        save = self.page.revisions.first()
        self.client.post(url("save", self.page, f"s{save.pk}"), {"name": "Before the lawyer"})
        self.assertEqual(Revision.objects.get(pk=save.pk).name, "Before the lawyer")
        for key in ("s0", "v9", "x1", f"s{'9' * 18}", f"v{'9' * 18}"):
            self.assertEqual(self.client.get(url("save", self.page, key)).status_code, 404)

    def test_old_saves_are_pruned_as_those_of_articles(self):
        cutoff = timezone.now() + timedelta(days=1)
        self.assertEqual(Revision.objects.prunable(before=cutoff, keep_last=1).count(), 1)


class KeepingTests(PageRoomCase):
    def setUp(self):
        super().setUp()
        self.page = make_page(body="<p>One.</p><p>Between.</p><p>Two.</p>")
        self.other = Client()
        self.other.force_login(make_editor(display_name="Ben Ode"))

    def keep(self, page, client=None, sequence=1, **changes):
        data = fields(page, **changes) | {"_sequence": sequence}
        return (client or self.client).post(url("autosave", page), data, headers=JSON)

    def test_unsaved_words_are_kept_offered_and_dropped(self):
        self.assertEqual(self.keep(self.page, body="<p>Half a thou</p>").status_code, 200)
        desk = self.client.get(url("change", self.page))
        self.assertContains(desk, "You have unsaved changes from")
        self.assertNotContains(self.other.get(url("change", self.page)), "Half a thou")
        self.client.post(url("drop", self.page), {"tab": "one", "sequence": 1})
        self.assertFalse(Autosave.objects.exists())
        self.assertFalse(AuditEntry.objects.exists())

    def test_a_new_page_is_a_draft_from_its_first_words_on_and_only_one(self):
        key = uuid.uuid4()
        for sequence in (1, 2):
            data = fields(key=str(key), headline="Our ethics", _sequence=sequence)
            answer = self.client.post(url("begin"), data, headers=JSON)
            self.assertEqual(answer.status_code, 200)
        page = Page.objects.get(uuid=key)
        self.assertEqual(
            (page.headline, page.is_placeholder, answer.json()["change"]), ("Our ethics", True, url("change", page))
        )
        self.client.post(url("add"), fields(key=str(key), headline="Our ethics"))
        self.assertEqual(Page.objects.get(uuid=key).slug, "our-ethics")
        self.assertEqual(self.other.post(url("begin"), fields(key=str(key)), headers=JSON).status_code, 404)

    def test_who_comes_second_sees_both_texts_and_loses_neither(self):
        form = fields(self.page, body="<p>One of mine.</p><p>Between.</p><p>Two.</p>", standfirst="Mine.")
        self.save(self.page, self.other, body="<p>One.</p><p>Between.</p><p>Two of theirs.</p>")
        shown = self.client.post(url("change", self.page), form)
        self.assertContains(shown, "Ben Ode saved while you were writing", status_code=409)
        slot = Autosave.objects.get()
        sent = {"seen": 1, "slot": f"{slot.tab}:{slot.sequence}"}
        self.assertRedirects(self.client.post(url("words", self.page), sent), url("change", self.page))
        self.page.refresh_from_db()
        self.assertEqual(self.page.body, "<p>One of mine.</p><p>Between.</p><p>Two of theirs.</p>")
        self.assertEqual(self.page.standfirst, "Mine.")
        self.assertFalse(Autosave.objects.exists())

    def test_others_who_have_it_open_are_named(self):
        for client in (self.other, self.client):
            answer = client.post(url("presence", self.page), {"based_on": 0})
        self.assertEqual(answer.json()["others"], ["Ben Ode"])

    def test_a_purpose_that_somebody_else_took_meanwhile_is_left_out(self):
        self.save(self.page, purpose="ethicsPolicy")
        self.save(self.page, purpose="")
        make_page(purpose="ethicsPolicy")
        save = self.page.revisions.get(number=1)
        self.client.post(url("save", self.page, f"s{save.pk}"))
        self.page.refresh_from_db()
        self.assertEqual(self.page.purpose, "")


class RolesTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.page = make_page()
        cls.people = {role: make_member(role) for role in ROLES}

    def test_editors_and_publishers_work_here_and_nobody_else(self):
        addresses = [url("changelist"), url("add"), *(url(name, self.page) for name in PAGES)]
        addresses += [url("autosave", self.page), url("presence", self.page), url("drop", self.page), url("begin")]
        addresses.append(url("save", self.page, "v1"))
        before = Page.objects.values().get()
        for role in sorted(ROLES, key={"Editor", "Publisher"}.__contains__):
            self.client.force_login(self.people[role])
            answers = {200, 302, 400, 405, 409, 422} if role in {"Editor", "Publisher"} else {403, 404, 405}
            for address in addresses:
                for method, sent in (("get", {}), ("post", fields())):
                    with self.subTest(role=role, address=address, method=method):
                        self.assertIn(getattr(self.client, method)(address, sent).status_code, answers)
            if answers == {403, 404, 405}:
                self.assertEqual(Page.objects.values().get(), before)
