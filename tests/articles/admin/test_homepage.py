"""The front page editor without script: buttons, saving, editions, permissions and logging."""

from datetime import timedelta

import time_machine
from django.contrib.admin.models import LogEntry
from django.test import TestCase, tag
from django.urls import reverse
from django.utils import timezone

from articles.homepage.layout import Layout, Place, RowLayout, parse
from articles.models import HomepageDraft, HomepageEdition
from articles.services.homepage import save_draft
from articles.services.publishing import withdraw
from tests.budget import takes_longer
from tests.factories import make_article, make_edition, make_editor, make_image, make_member, make_section
from tests.html import page_of, text_of
from tests.queries import SameQueries
from truthlytics.roles import ROLES

EDITOR = "/admin/front/"


class HomepageTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()
        cls.section = make_section(name="Economy")
        cls.old = make_article(headline="Old", section=cls.section)
        cls.newest = make_article(headline="Newest", lead=make_image(), section=cls.section)

    def setUp(self):
        self.client.force_login(self.editor)

    def press(self, action, layout=None, seen=None, **fields):
        draft = HomepageDraft.current()
        data = {
            "do": action,
            "layout": (layout or draft.layout).dumps(),
            "seen": draft.version if seen is None else seen,
        }
        return self.client.post(EDITOR, data | fields)

    def layout_of(self, response):
        return response.context["arrangement"].layout

    def key(self, number):
        return f"row-{self.section.uuid}-{number}"


class ArrangeTests(HomepageTestCase):
    def test_editor_starts_with_the_live_layout(self):
        page = self.client.get(EDITOR)
        self.assertEqual(page.context["arrangement"].lead.version.headline, "Newest")
        self.assertContains(page, "No edition yet")

    def test_article_is_selected_and_placed(self):
        page = self.press(f"hold {self.old.uuid}")
        self.assertContains(page, "“Old” is selected. Choose a slot.")
        self.assertContains(page, f'value="put lead {self.old.uuid}"')
        page = self.press(f"put lead {self.old.uuid}", held=str(self.old.uuid))
        self.assertEqual(self.layout_of(page).lead, Place(str(self.old.uuid)))
        self.assertContains(page, "Lead, manual: Old.")
        self.assertFalse(HomepageDraft.objects.exists())

    def test_moving_swaps_placed_articles(self):
        layout = Layout(lead=Place(str(self.old.uuid)), secondary=(Place(str(self.newest.uuid)), Place()))
        moved = self.layout_of(self.press(f"put lead {self.newest.uuid} second-1", layout))
        self.assertEqual((moved.lead.article, moved.secondary[0].article), (str(self.newest.uuid), str(self.old.uuid)))

    def test_slot_takes_newest_of_a_section_or_becomes_automatic(self):
        page = self.press("newest lead", **{"newest-lead": str(self.section.uuid)})
        self.assertContains(page, "Lead, newest in Economy: Newest.")
        layout = Layout(lead=Place(str(self.old.uuid)))
        self.assertEqual(self.layout_of(self.press("clear lead", layout)).lead, Place())

    def test_rows_move_and_hide(self):
        other = make_section(name="Climate", position=5)
        page = self.press(f"rise {other.uuid}", self.layout_of(self.client.get(EDITOR)))
        self.assertContains(page, "Climate is row 1 of 2.")
        page = self.press(f"hide {other.uuid}", self.layout_of(page))
        self.assertContains(page, "Climate is row 1 of 2. It is hidden.")
        page = self.press(f"sink {other.uuid}", self.layout_of(page))
        self.assertEqual([row.shown for row in self.layout_of(page).rows], [True, False])

    def test_two_to_four_secondary_stories(self):
        layout = Layout()
        for action, count in [("more", 3), ("more", 4), ("more", 4), ("fewer", 3), ("fewer", 2), ("fewer", 2)]:
            layout = self.layout_of(self.press(action, layout))
            self.assertEqual(len(layout.secondary), count)

    def test_search_finds_published_and_scheduled_articles(self):
        make_article(headline="Older news", at=timezone.now() + timedelta(hours=2))
        withdraw(item=make_article(headline="Old and gone"))
        page = self.press("find", q="old")
        self.assertEqual([str(choice["article"]) for choice in page.context["choices"]], ["Older news", "Old"])
        self.assertContains(self.press("find", q="%_'"), "No headline matches")

    def test_warns_about_scheduled_and_withdrawn_articles(self):
        later = make_article(headline="Later", at=timezone.now() + timedelta(hours=2))
        page = self.press("look", Layout(lead=Place(str(later.uuid)), secondary=(Place(str(self.old.uuid)), Place())))
        self.assertContains(page, "Until then this slot fills automatically.")
        withdraw(item=self.old)
        page = self.press("look", Layout(lead=Place(str(self.old.uuid))))
        self.assertContains(page, "no longer on the site")

    def test_invalid_actions_are_refused_with_a_message(self):
        withdraw(item=self.old)
        layout = self.layout_of(self.client.get(EDITOR))
        withdrawn, public = self.old.uuid, self.newest.uuid
        invalid = [
            "put",
            "put lead",
            "put lead x",
            f"put lead {withdrawn}",
            f"put nowhere {public}",
            "clear",
            "clear second-9",
        ]
        invalid += ["rise", "hide x", "newest lead", "drop table", "hold", "hold x", "more of it"]
        for action in invalid:
            with self.subTest(action):
                page = self.press(action, layout, **{"newest-lead": "x"})
                self.assertEqual((page.status_code, self.layout_of(page)), (422, layout))
                self.assertTrue(page.context["result"].message)

    def test_incomplete_form_shows_the_saved_draft(self):
        good = Layout().dumps()
        for data in (
            {},
            {"layout": good},
            {"layout": "{", "seen": 0, "do": "save"},
            {"layout": good, "seen": 10**20, "do": "look"},
            {"layout": good, "seen": "x", "do": "\x00"},
            {"layout": "[" * 9000, "seen": 0, "do": "look"},
        ):
            with self.subTest(str(data)[:60]):
                self.assertContains(self.client.post(EDITOR, data), "as last saved", status_code=422)

    def test_queries_do_not_grow_with_placed_articles(self):
        make_article(at=timezone.now() + timedelta(hours=1))
        self.client.get(EDITOR)
        queries = SameQueries(self)
        with queries:
            self.client.get(EDITOR)
        articles = [make_article(section=self.section) for _ in range(5)]
        layout = self.layout_of(self.client.get(EDITOR))
        for number, article in enumerate(articles, start=1):
            layout = layout.with_place(self.key(number), Place(str(article.uuid)))
        save_draft(layout=layout, seen=0)
        with queries:
            self.client.get(EDITOR)


class SaveDraftTests(HomepageTestCase):
    def setUp(self):
        super().setUp()
        self.mine = Layout(lead=Place(str(self.old.uuid)))

    def test_saving_logs_and_does_not_change_the_live_page(self):
        self.assertRedirects(self.press("save", self.mine), EDITOR)
        self.assertEqual(HomepageDraft.current().layout, self.mine)
        self.assertIn("Saved the front page draft", LogEntry.objects.get().change_message)
        self.assertEqual(self.client.get("/").context["front"].lead.headline, "Newest")

    def test_conflict_shows_both_drafts_to_choose_from(self):
        theirs = Layout(lead=Place(str(self.newest.uuid)))
        save_draft(layout=theirs, seen=0, by=make_editor(display_name="Tom Ash"))
        page = self.press("save", self.mine, seen=0)
        self.assertEqual(page.status_code, 409)
        for text in ("Tom Ash saved a draft", "Old", "Newest", "Keep mine", "Use theirs"):
            self.assertContains(page, text, status_code=409)
        self.assertEqual(HomepageDraft.current().layout, theirs)
        self.assertEqual(parse(page.context["mine"].dumps()).lead, self.mine.lead)
        self.press("save", page.context["mine"], seen=page.context["draft"].version)
        self.assertEqual(HomepageDraft.current().layout.lead, self.mine.lead)

    def test_layout_posted_after_logout_is_recovered(self):
        self.client.logout()
        self.assertIn("/login/", self.press("save", self.mine).url)
        self.client.force_login(self.editor)
        fields = dict(self.client.get(EDITOR).context["fields"])
        self.assertRedirects(self.client.post(EDITOR, fields), EDITOR)
        self.assertEqual(HomepageDraft.current().layout, self.mine)

    def test_preview_renders_the_draft_privately(self):
        later = make_article(headline="Later", at=timezone.now() + timedelta(hours=2))
        self.assertRedirects(self.press("preview", Layout(lead=Place(str(later.uuid)))), f"{EDITOR}preview/")
        frame = self.client.get(f"{EDITOR}preview/")
        self.assertIn("frame-src 'self'", frame.headers["Content-Security-Policy"])
        page = self.client.get(f"{EDITOR}preview/page/")
        self.assertEqual(page.context["front"].lead.headline, "Later")
        self.assertContains(page, 'class="front__lead"')
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertEqual(page.headers["X-Robots-Tag"], "noindex, nofollow")
        self.assertEqual(page.headers["X-Frame-Options"], "SAMEORIGIN")
        self.assertIn("frame-ancestors 'self'", page.headers["Content-Security-Policy"])
        self.assertIn("frame-ancestors 'none'", self.client.get(EDITOR).headers["Content-Security-Policy"])


class EditionTests(HomepageTestCase):
    def publish(self, **fields):
        data = {"when": "now", "last": HomepageEdition.objects.count(), "seen": HomepageDraft.current().version}
        return self.client.post(f"{EDITOR}publish/", data | fields)

    def setUp(self):
        super().setUp()
        save_draft(layout=Layout(lead=Place(str(self.old.uuid))), seen=0, by=self.editor)

    def test_publishing_shows_changes_and_makes_an_edition(self):
        rows = [[text_of(cell) for cell in row] for row in page_of(self.client.get(f"{EDITOR}publish/")).iter("tr")]
        self.assertIn(["Newest", "Old manual"], [row[-2:] for row in rows])
        self.assertRedirects(self.publish(note="For the weekend"), f"{EDITOR}editions/")
        edition = HomepageEdition.objects.get()
        self.assertEqual((edition.created_by, edition.note), (self.editor, "For the weekend"))
        self.assertEqual(self.client.get("/").context["front"].lead.headline, "Old")
        self.assertNotContains(self.client.get("/"), "For the weekend")
        self.assertIn("edition 1", LogEntry.objects.get().change_message)
        self.assertContains(self.client.get(f"{EDITOR}editions/"), "For the weekend")

    def test_publish_page_shows_row_changes(self):
        hidden = (RowLayout(str(self.section.uuid), shown=False),)
        save_draft(layout=Layout(lead=Place(str(self.old.uuid)), rows=hidden), seen=1)
        self.assertContains(
            self.client.get(f"{EDITOR}publish/"), "<td>Economy</td><td>Economy (hidden)</td>", html=True
        )

    def test_unchanged_draft_is_not_published(self):
        self.publish()
        self.assertContains(self.publish(), "There are no changes since edition 1", status_code=422)
        self.assertEqual(HomepageEdition.objects.count(), 1)

    def test_scheduling_uses_the_publications_time_zone(self):
        with time_machine.travel("2026-05-03T09:00:00+00:00", tick=False), timezone.override("Europe/Berlin"):
            self.assertContains(self.client.get(f"{EDITOR}publish/"), "Time (Europe/Berlin)")
        with time_machine.travel("2026-05-03T09:00:00+00:00", tick=False), self.settings(TIME_ZONE="Europe/Berlin"):
            self.publish(when="later", day="2026-05-04", hour="09:00")
            self.assertEqual(HomepageEdition.objects.get().public_from.isoformat(), "2026-05-04T07:00:00+00:00")

    def test_nonexistent_time_is_refused(self):
        with time_machine.travel("2026-03-20T09:00:00+00:00", tick=False), self.settings(TIME_ZONE="Europe/Berlin"):
            page = self.publish(when="later", day="2026-03-29", hour="02:30")
        self.assertContains(page, "This time does not exist", status_code=422)
        self.assertFalse(HomepageEdition.objects.exists())

    def test_ambiguous_time_needs_a_choice(self):
        night = {"when": "later", "day": "2026-10-25", "hour": "02:30"}
        with time_machine.travel("2026-10-20T09:00:00+00:00", tick=False), self.settings(TIME_ZONE="Europe/Berlin"):
            self.assertContains(self.publish(**night), "This time occurs twice", status_code=422)
            self.publish(**night, which="second")
            self.publish(**night, which="first", last=1)
        times = HomepageEdition.objects.order_by("number").values_list("public_from", flat=True)
        self.assertEqual([at.strftime("%H:%M") for at in times], ["01:30", "00:30"])

    def test_publishing_after_another_edition_or_draft_is_refused(self):
        make_edition(Layout(lead=Place(str(self.old.uuid))))
        save_draft(layout=Layout(), seen=1)
        self.assertContains(self.publish(last=0), "Edition 1 was published in the meantime.", status_code=422)
        self.assertContains(self.publish(seen=1), "saved another draft in the meantime.", status_code=422)
        self.assertEqual(HomepageEdition.objects.count(), 1)

    def test_restoring_an_edition_replaces_the_draft(self):
        self.publish()
        save_draft(layout=Layout(), seen=1, by=self.editor)
        url = f"{EDITOR}editions/1/restore/"
        self.assertContains(self.client.get(url), "will be replaced")
        self.assertContains(self.client.post(url, {"seen": 1}), "saved another draft", status_code=409)
        self.assertRedirects(self.client.post(url, {"seen": 2}), EDITOR)
        self.assertEqual(HomepageDraft.current().layout.lead.article, str(self.old.uuid))
        self.assertEqual(HomepageEdition.objects.count(), 1)
        self.assertIn("Restored edition 1", LogEntry.objects.order_by("-pk")[0].change_message)

    def test_scheduled_edition_is_unscheduled_once(self):
        edition = make_edition(at=timezone.now() + timedelta(hours=1))
        url = f"{EDITOR}editions/{edition.number}/end/"
        self.assertContains(self.client.get(url), "Unschedule")
        for message in ("Edition 1 unscheduled.", "is no longer scheduled"):
            self.assertContains(self.client.post(url, follow=True), message)
        self.assertContains(self.client.get(f"{EDITOR}editions/"), "Unscheduled")
        self.assertEqual(LogEntry.objects.count(), 1)

    def test_unknown_edition_is_not_found(self):
        for number in (9, 10**30):
            for action in ("restore", "end"):
                self.assertEqual(self.client.get(f"{EDITOR}editions/{number}/{action}/").status_code, 404)
        self.assertEqual(self.client.get(f"{EDITOR}editions/?after=junk").status_code, 404)


class HomepagePermissionTests(TestCase):
    @takes_longer("Every role asks many addresses.")
    @tag("sqlite")  # permissions do not depend on the database
    def test_access_by_role_and_method(self):
        edition = make_edition(at=timezone.now() + timedelta(hours=1))
        pages = {
            "front": [],
            "front_preview": [],
            "front_preview_page": [],
            "front_publish": [],
            "front_editions": [],
            "front_restore": [edition.number],
            "front_give_up": [edition.number],
        }
        read_only = {"front_preview", "front_preview_page", "front_editions"}
        for role in ROLES:
            self.client.force_login(make_member(role))
            allowed = role in {"Editor", "Publisher"}
            for name, args in pages.items():
                for method in ("get", "post", "put"):
                    with self.subTest(role=role, page=name, method=method):
                        status = getattr(self.client, method)(reverse(f"admin:{name}", args=args)).status_code
                        if method == "put":
                            expected = {405}
                        elif not allowed:
                            expected = {403}
                        else:
                            expected = {405} if method == "post" and name in read_only else {200, 302, 422, 409}
                        self.assertIn(status, expected)
            dashboard = self.client.get("/admin/")
            self.assertEqual("Front page" in [item["name"] for item in dashboard.context["nav_items"]], allowed)
        self.client.logout()
        for name, args in pages.items():
            self.assertIn("/login/", self.client.get(reverse(f"admin:{name}", args=args)).url)

    def test_editions_have_no_change_list_or_form(self):
        self.client.force_login(make_editor())
        for path in ("", "add/", "1/change/", "1/delete/"):
            self.assertEqual(self.client.get(f"/admin/articles/homepageedition/{path}").status_code, 404)
