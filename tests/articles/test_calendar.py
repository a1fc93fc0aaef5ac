"""The newsroom's calendar: what is planned and what was, by its clocks, and who sees what."""

from datetime import UTC, date, datetime

from django.urls import reverse
from django.utils import timezone

from articles.calendar import days, midnight
from articles.models import Article
from articles.services import dossiers
from articles.services.expiry import end_at
from articles.services.publishing import publish
from tests.articles.autumn import DAY, NOW, AutumnTestCase
from tests.factories import make_article, make_author, make_dossier, make_draft, make_edition, make_page, make_version


class CalendarTests(AutumnTestCase):
    def test_everything_that_was_and_will_be_has_its_day(self):
        early = make_article(headline="Early", at=NOW - 10 * DAY)
        make_article(headline="Planned", at=NOW + 3 * DAY)
        make_version(early, headline="Early, changed")
        make_version(early, headline="Early, to change", at=NOW + 2 * DAY)
        ending = make_article(headline="Ending", at=NOW - DAY)
        end_at(thing=ending, at=NOW + 4 * DAY)
        make_edition(at=NOW + 6 * DAY)
        make_page(headline="Our policy", at=NOW + 7 * DAY)
        dossier = make_dossier(early, title="Told")
        dossier.entries.create(date="2026", text="More")
        dossiers.publish(dossier=dossier, at=NOW + 5 * DAY)
        Article.objects.filter(pk=make_draft(headline="Unfinished").pk).update(due_on=date(2026, 10, 28))
        expected = {
            ("first", 10, "Early"), ("first", 23, "Planned"), ("change", 20, "Early, changed"),
            ("change", 22, "Early, to change"), ("first", 19, "Ending"), ("end", 24, "Ending"),
            ("page", 27, "Our policy"),
            ("edition", 26, "Edition 1"), ("dossier", 20, "Told"), ("dossier", 25, "Told"), ("due", 28, "Unfinished"),
        }  # fmt: skip
        found = self.slips()
        self.assertEqual(set(found), expected)
        self.assertEqual({key[0] for key, slip in found.items() if slip.past}, {"first", "change", "dossier"})
        self.assertEqual({key[2] for key, slip in found.items() if slip.moves}, {"Planned", "Early, to change"})
        week = set(self.slips(address="/admin/calendar/week/2026/10/20/"))
        self.assertEqual(week, {key for key in expected if 19 <= key[1] <= 25})

    def test_a_plan_that_was_replaced_is_not_there(self):
        article = make_article(headline="Moved", at=NOW + DAY)
        publish(article=article, at=NOW + 3 * DAY)
        self.assertEqual(set(self.slips()), {("first", 23, "Moved")})

    def test_days_are_those_of_the_newsroom(self):
        make_article(headline="After midnight", at=datetime(2026, 10, 21, 22, 30, tzinfo=UTC))
        self.assertEqual(set(self.slips()), {("first", 22, "After midnight")})
        with self.settings(TIME_ZONE="America/New_York"):
            self.assertEqual(set(self.slips()), {("first", 21, "After midnight")})

    def test_a_day_of_25_hours_is_whole_and_says_so(self):
        for hour in (0, 1):
            make_article(headline=f"Half past two, {hour}", at=datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
        make_article(headline="Last", at=datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC))
        make_article(headline="Next", at=datetime(2026, 10, 25, 23, tzinfo=UTC))
        found = self.slips()
        self.assertEqual([key[1] for key in found], [25, 25, 25, 26])
        page = self.see("/admin/calendar/")
        self.assertContains(page, "Clocks go back")
        self.assertContains(page, "CEST")
        self.assertContains(self.see("/admin/calendar/2027/3/"), "Clocks go forward")

    def test_midnight_is_where_the_day_begins_also_where_there_is_none(self):
        with self.settings(TIME_ZONE="Africa/Cairo"):
            timezone.get_default_timezone.cache_clear()
            day = days(date(2026, 4, 24), 1, self.people["Editor"])[0]
            self.assertEqual(
                (day.clocks, midnight(day.date)), ("Clocks go forward", datetime(2026, 4, 23, 22, tzinfo=UTC))
            )

    def test_what_is_not_the_calendars_is_not_found(self):
        for address in [
            "2026/13/",
            "2026/0/",
            "0/1/",
            "99999999999999999999/1/",
            "week/2026/2/30/",
            "week/1/1/1/",
            "x/",
        ]:
            with self.subTest(address):
                self.assertEqual(self.see(f"/admin/calendar/{address}").status_code, 404)

    def test_earlier_and_later_lead_on_from_month_to_month(self):
        seen = self.see("/admin/calendar/2026/12/").context
        self.assertEqual((seen["earlier"], seen["later"]), ("/admin/calendar/2026/11/", "/admin/calendar/2027/1/"))
        seen = self.see("/admin/calendar/week/2027/1/1/").context
        self.assertEqual(seen["earlier"], "/admin/calendar/week/2026/12/21/")

    def test_a_full_day_says_how_many_more_there_are(self):
        for number in range(8):
            make_article(headline=f"Piece {number}")
        self.assertContains(self.see("/admin/calendar/"), "3 more")
        self.assertNotContains(self.see("/admin/calendar/week/"), " more<")

    def test_queries_do_not_grow(self):
        def count(number):
            for _ in range(number):
                article = make_article(at=NOW - DAY)
                end_at(thing=article, at=NOW + DAY)
                make_article(at=NOW + DAY)
                make_draft()
            self.see("/admin/calendar/")
            with self.assertNumQueries(13):
                self.client.get("/admin/calendar/")

        count(1)
        count(5)


class RolesTests(AutumnTestCase):
    def setUp(self):
        super().setUp()
        own = make_author(user=self.people["Author"])
        self.mine = make_article(headline="Mine, public", authors=[own], at=NOW - DAY)
        self.waiting = make_article(headline="Mine, waiting", authors=[own], at=NOW + DAY)
        self.draft = make_draft(headline="Mine, due", authors=[own])
        self.foreign = make_draft(headline="Foreign, due")
        make_article(headline="Foreign, public", at=NOW - DAY)
        Article.objects.filter(live=None, upcoming=None).update(due_on=date(2026, 10, 22))
        self.move = reverse("admin:calendar_move", args=[self.waiting.pk])

    def test_an_author_sees_their_own_alone_and_moves_nothing(self):
        found = self.slips("Author")
        self.assertEqual({key[2] for key in found}, {"Mine, public", "Mine, due"})
        self.assertEqual(found["first", 19, "Mine, public"].url, self.mine.get_absolute_url())
        self.assertNotContains(self.see("/admin/calendar/", "Author"), "data-move")
        self.assertNotContains(self.see("/admin/calendar/", "Author"), "Foreign")

    def test_each_address_by_role_and_method(self):
        data = {"day": "2026-10-24", "hour": "09:00", "seen": "1"}
        pages = [
            "/admin/calendar/",
            "/admin/calendar/2026/10/",
            "/admin/calendar/week/",
            "/admin/calendar/week/2026/10/20/",
        ]
        draft = reverse("admin:calendar_move", args=[self.draft.pk])
        expected = {
            "Author": (200, 405, 404, 404, 403), "Editor": (200, 405, 200, 302, 200),
            "Publisher": (200, 405, 200, 422, 200), "Moderator": (403, 405, 404, 404, 404),
        }  # fmt: skip
        for role, (get, post, move_get, move_post, of_draft) in expected.items():
            self.client.force_login(self.people[role])
            with self.subTest(role):
                for page in pages:
                    self.assertEqual(self.client.get(page).status_code, get)
                    self.assertEqual(self.client.post(page).status_code, post)
                self.assertEqual(self.client.get(self.move).status_code, move_get)
                self.assertEqual(self.client.post(self.move, data).status_code, move_post)
                self.assertEqual(self.client.get(draft).status_code, of_draft)
        self.client.logout()
        for page in [*pages, self.move]:
            self.assertEqual(self.client.get(page).status_code, 302)

    def test_a_moderator_has_no_such_room(self):
        self.assertNotContains(self.see("/admin/", "Moderator"), "/admin/calendar/")
        self.assertContains(self.see("/admin/", "Author"), "/admin/calendar/")
