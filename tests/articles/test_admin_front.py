"""The front page's room: what its buttons do without script, who may press them, and what is written down."""

from datetime import timedelta

import time_machine
from django.contrib.admin.models import LogEntry
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.homepage.layout import Layout, Place, RowPlan, parse
from articles.models import HomepageDraft, HomepageEdition
from articles.services.homepage import save_draft
from articles.services.publishing import withdraw
from tests.factories import make_article, make_edition, make_editor, make_image, make_member, make_section
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

    def press(self, deed, layout=None, seen=None, **fields):
        draft = HomepageDraft.current()
        data = {
            "do": deed,
            "layout": (layout or draft.layout).dumped(),
            "seen": draft.version if seen is None else seen,
        }
        return self.client.post(EDITOR, data | fields)

    def layout_of(self, response):
        return response.context["made"].layout

    def key(self, number):
        return f"row-{self.section.uuid}-{number}"


class ArrangingTests(HomepageTestCase):
    def test_it_begins_with_what_readers_see(self):
        page = self.client.get(EDITOR)
        self.assertEqual(page.context["made"].lead.version.headline, "Newest")
        self.assertContains(page, "No edition yet")

    def test_a_piece_is_taken_in_the_hand_and_put_into_its_place(self):
        page = self.press(f"hold {self.old.uuid}")
        self.assertContains(page, "“Old” is in your hand.")
        self.assertContains(page, f'value="put lead {self.old.uuid}"')
        page = self.press(f"put lead {self.old.uuid}", held=str(self.old.uuid))
        self.assertEqual(self.layout_of(page).lead, Place(str(self.old.uuid)))
        self.assertContains(page, "Lead, by hand: Old.")
        self.assertFalse(HomepageDraft.objects.exists())

    def test_moving_up_and_down_exchanges_what_is_by_hand(self):
        layout = Layout(lead=Place(str(self.old.uuid)), seconds=(Place(str(self.newest.uuid)), Place()))
        moved = self.layout_of(self.press(f"put lead {self.newest.uuid} second-1", layout))
        self.assertEqual((moved.lead.article, moved.seconds[0].article), (str(self.newest.uuid), str(self.old.uuid)))

    def test_a_place_is_left_to_the_newest_of_a_section_or_to_itself(self):
        page = self.press("newest lead", **{"newest-lead": str(self.section.uuid)})
        self.assertContains(page, "Lead, newest of Economy: Newest.")
        layout = Layout(lead=Place(str(self.old.uuid)))
        self.assertEqual(self.layout_of(self.press("clear lead", layout)).lead, Place())

    def test_rows_rise_sink_and_hide(self):
        other = make_section(name="Climate", position=5)
        page = self.press(f"rise {other.uuid}", self.layout_of(self.client.get(EDITOR)))
        self.assertContains(page, "Climate is row 1 of 2.")
        page = self.press(f"hide {other.uuid}", self.layout_of(page))
        self.assertContains(page, "Climate is row 1 of 2. It is hidden.")
        page = self.press(f"sink {other.uuid}", self.layout_of(page))
        self.assertEqual([row.shown for row in self.layout_of(page).rows], [True, False])

    def test_the_seconds_are_two_to_four(self):
        layout = Layout()
        for deed, count in [("more", 3), ("more", 4), ("more", 4), ("fewer", 3), ("fewer", 2), ("fewer", 2)]:
            layout = self.layout_of(self.press(deed, layout))
            self.assertEqual(len(layout.seconds), count)

    def test_the_search_finds_what_is_public_or_scheduled_and_no_draft(self):
        make_article(headline="Older news", at=timezone.now() + timedelta(hours=2))
        withdraw(article=make_article(headline="Old and gone"))
        page = self.press("find", q="old")
        self.assertEqual([str(piece["article"]) for piece in page.context["stock"]], ["Older news", "Old"])
        self.assertContains(self.press("find", q="%_'"), "No headline matches")

    def test_a_scheduled_piece_says_when_it_comes_and_a_lost_one_that_it_is_off_the_site(self):
        later = make_article(headline="Later", at=timezone.now() + timedelta(hours=2))
        page = self.press("look", Layout(lead=Place(str(later.uuid)), seconds=(Place(str(self.old.uuid)), Place())))
        self.assertContains(page, "Until then the place fills itself.")
        withdraw(article=self.old)
        page = self.press("look", Layout(lead=Place(str(self.old.uuid))))
        self.assertContains(page, "off the site")

    def test_what_cannot_be_done_is_refused_with_a_sentence_and_changes_nothing(self):
        withdraw(article=self.old)
        layout = self.layout_of(self.client.get(EDITOR))
        gone, there = self.old.uuid, self.newest.uuid
        odd = ["put", "put lead", "put lead x", f"put lead {gone}", f"put nowhere {there}", "clear", "clear second-9"]
        odd += ["rise", "hide x", "newest lead", "drop table", "hold", "hold x", "more of it"]
        for deed in odd:
            with self.subTest(deed):
                page = self.press(deed, layout, **{"newest-lead": "x"})
                self.assertEqual((page.status_code, self.layout_of(page)), (422, layout))
                self.assertTrue(page.context["handled"].said)

    def test_a_damaged_form_shows_the_saved_draft(self):
        good = Layout().dumped()
        for data in ({}, {"layout": good}, {"layout": "{", "seen": 0, "do": "save"}, {"layout": good, "seen": 10**20,
                     "do": "look"}, {"layout": good, "seen": "x", "do": "\x00"}, {"layout": "[" * 9000, "seen": 0,
                     "do": "look"}):  # fmt: skip
            with self.subTest(str(data)[:60]):
                self.assertContains(self.client.post(EDITOR, data), "saved last", status_code=422)

    def test_its_queries_do_not_grow(self):
        self.client.get(EDITOR)
        with self.assertNumQueries(10):
            self.client.get(EDITOR)
        pieces = [make_article(section=self.section) for _ in range(5)]
        layout = self.layout_of(self.client.get(EDITOR))
        for number, piece in enumerate(pieces, start=1):
            layout = layout.with_place(self.key(number), Place(str(piece.uuid)))
        save_draft(layout=layout, seen=0)
        make_article(at=timezone.now() + timedelta(hours=1))
        with self.assertNumQueries(10):
            self.client.get(EDITOR)


class SavingTests(HomepageTestCase):
    def setUp(self):
        super().setUp()
        self.mine = Layout(lead=Place(str(self.old.uuid)))

    def test_a_draft_is_saved_and_logged_and_readers_see_no_change(self):
        self.assertRedirects(self.press("save", self.mine), EDITOR)
        self.assertEqual(HomepageDraft.current().layout, self.mine)
        self.assertIn("Saved the draft", LogEntry.objects.get().change_message)
        self.assertEqual(self.client.get("/").context["front"].lead.headline, "Newest")

    def test_the_loser_sees_both_drafts_and_chooses(self):
        theirs = Layout(lead=Place(str(self.newest.uuid)))
        save_draft(layout=theirs, seen=0, by=make_editor(display_name="Tom Ash"))
        page = self.press("save", self.mine, seen=0)
        self.assertEqual(page.status_code, 409)
        for words in ("Tom Ash saved a draft", "Old", "Newest", "Keep mine", "Use theirs"):
            self.assertContains(page, words, status_code=409)
        self.assertEqual(HomepageDraft.current().layout, theirs)
        self.assertEqual(parse(page.context["mine"].dumped()).lead, self.mine.lead)
        self.press("save", page.context["mine"], seen=page.context["draft"].version)
        self.assertEqual(HomepageDraft.current().layout.lead, self.mine.lead)

    def test_what_was_arranged_when_the_log_in_ended_waits_for_its_editor(self):
        self.client.logout()
        self.assertIn("/login/", self.press("save", self.mine).url)
        self.client.force_login(self.editor)
        fields = dict(self.client.get(EDITOR).context["fields"])
        self.assertRedirects(self.client.post(EDITOR, fields), EDITOR)
        self.assertEqual(HomepageDraft.current().layout, self.mine)

    def test_the_preview_is_the_real_page_of_the_draft_for_the_newsroom_alone(self):
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

    def test_it_says_what_will_change_and_does_it(self):
        self.assertContains(self.client.get(f"{EDITOR}publish/"), "<td>Newest</td><td>Old")
        self.assertRedirects(self.publish(note="For the weekend"), f"{EDITOR}editions/")
        edition = HomepageEdition.objects.get()
        self.assertEqual((edition.made_by, edition.note), (self.editor, "For the weekend"))
        self.assertEqual(self.client.get("/").context["front"].lead.headline, "Old")
        self.assertNotContains(self.client.get("/"), "For the weekend")
        self.assertIn("edition 1", LogEntry.objects.get().change_message)
        self.assertContains(self.client.get(f"{EDITOR}editions/"), "For the weekend")

    def test_it_says_how_the_rows_change(self):
        hidden = (RowPlan(str(self.section.uuid), shown=False),)
        save_draft(layout=Layout(lead=Place(str(self.old.uuid)), rows=hidden), seen=1)
        self.assertContains(
            self.client.get(f"{EDITOR}publish/"), "<td>Economy</td><td>Economy (hidden)</td>", html=True
        )

    def test_the_same_again_is_not_published(self):
        self.publish()
        self.assertContains(self.publish(), "Nothing differs from edition 1", status_code=422)
        self.assertEqual(HomepageEdition.objects.count(), 1)

    def test_it_is_scheduled_in_the_newsrooms_own_time(self):
        with time_machine.travel("2026-05-03T09:00:00+00:00", tick=False), timezone.override("Europe/Berlin"):
            self.assertContains(self.client.get(f"{EDITOR}publish/"), "Time (Europe/Berlin)")
        with time_machine.travel("2026-05-03T09:00:00+00:00", tick=False), self.settings(TIME_ZONE="Europe/Berlin"):
            self.publish(when="later", day="2026-05-04", hour="09:00")
            self.assertEqual(HomepageEdition.objects.get().public_from.isoformat(), "2026-05-04T07:00:00+00:00")

    def test_the_hour_that_the_clocks_leave_out_is_refused(self):
        with time_machine.travel("2026-03-20T09:00:00+00:00", tick=False), self.settings(TIME_ZONE="Europe/Berlin"):
            page = self.publish(when="later", day="2026-03-29", hour="02:30")
        self.assertContains(page, "this time does not exist", status_code=422)
        self.assertFalse(HomepageEdition.objects.exists())

    def test_the_hour_that_comes_twice_is_asked(self):
        night = {"when": "later", "day": "2026-10-25", "hour": "02:30"}
        with time_machine.travel("2026-10-20T09:00:00+00:00", tick=False), self.settings(TIME_ZONE="Europe/Berlin"):
            self.assertContains(self.publish(**night), "Which one is meant?", status_code=422)
            self.publish(**night, which="second")
            self.publish(**night, which="first", last=1)
        found = HomepageEdition.objects.order_by("number").values_list("public_from", flat=True)
        self.assertEqual([at.strftime("%H:%M") for at in found], ["01:30", "00:30"])

    def test_of_two_who_publish_the_second_is_told(self):
        make_edition(Layout(lead=Place(str(self.old.uuid))))
        save_draft(layout=Layout(), seen=1)
        self.assertContains(self.publish(last=0), "Edition 1 was made in the meantime.", status_code=422)
        self.assertContains(self.publish(seen=1), "saved another draft in the meantime.", status_code=422)
        self.assertEqual(HomepageEdition.objects.count(), 1)

    def test_an_old_edition_is_restored_into_the_draft(self):
        self.publish()
        save_draft(layout=Layout(), seen=1, by=self.editor)
        url = f"{EDITOR}editions/1/restore/"
        self.assertContains(self.client.get(url), "is replaced")
        self.assertContains(self.client.post(url, {"seen": 1}), "saved another draft", status_code=409)
        self.assertRedirects(self.client.post(url, {"seen": 2}), EDITOR)
        self.assertEqual(HomepageDraft.current().layout.lead.article, str(self.old.uuid))
        self.assertEqual(HomepageEdition.objects.count(), 1)
        self.assertIn("Restored edition 1", LogEntry.objects.order_by("-pk")[0].change_message)

    def test_a_scheduled_edition_is_given_up_once(self):
        edition = make_edition(at=timezone.now() + timedelta(hours=1))
        url = f"{EDITOR}editions/{edition.number}/end/"
        self.assertContains(self.client.get(url), "Unschedule")
        for said in ("will not appear", "does not wait any more"):
            self.assertContains(self.client.post(url, follow=True), said)
        self.assertContains(self.client.get(f"{EDITOR}editions/"), "Given up")
        self.assertEqual(LogEntry.objects.count(), 1)

    def test_an_edition_that_is_not_there_is_not_found(self):
        for number in (9, 10**30):
            for deed in ("restore", "end"):
                self.assertEqual(self.client.get(f"{EDITOR}editions/{number}/{deed}/").status_code, 404)
        self.assertEqual(self.client.get(f"{EDITOR}editions/?after=junk").status_code, 404)


class RoleTests(TestCase):
    def test_only_who_publishes_enters_whatever_the_address_and_method(self):
        edition = make_edition(at=timezone.now() + timedelta(hours=1))
        pages = {"front": [], "front_preview": [], "front_preview_page": [], "front_publish": [], "front_editions": [],
                 "front_restore": [edition.number], "front_give_up": [edition.number]}  # fmt: skip
        only_read = {"front_preview", "front_preview_page", "front_editions"}
        for role in ROLES:
            self.client.force_login(make_member(role))
            allowed = role in {"Editor", "Publisher"}
            for name, args in pages.items():
                for method in ("get", "post", "put"):
                    with self.subTest(role=role, page=name, method=method):
                        status = getattr(self.client, method)(reverse(f"admin:{name}", args=args)).status_code
                        if method == "put":
                            expected = {405}  # nobody's, whoever asks
                        elif not allowed:
                            expected = {403}
                        else:
                            expected = {405} if method == "post" and name in only_read else {200, 302, 422, 409}
                        self.assertIn(status, expected)
            desk = self.client.get("/admin/")
            self.assertEqual("Front page" in [room["name"] for room in desk.context["rooms"]], allowed)
        self.client.logout()
        for name, args in pages.items():
            self.assertIn("/login/", self.client.get(reverse(f"admin:{name}", args=args)).url)

    def test_there_is_no_other_way_to_the_rows(self):
        self.client.force_login(make_editor())
        for path in ("", "add/", "1/change/", "1/delete/"):
            self.assertEqual(self.client.get(f"/admin/articles/homepageedition/{path}").status_code, 404)
