"""The calendar: events by day in the publication's time zone, and what each role sees."""

from datetime import UTC, date, datetime

from django.test import tag
from django.urls import reverse
from django.utils import timezone

from articles.calendar import days, midnight
from articles.models import Article
from articles.services import publishing
from articles.services.expiry import schedule_expiry
from articles.services.publishing import publish
from tests.articles.clock_change import DAY, NOW, ClockChangeTestCase
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_dossier, make_draft, make_edition, make_page, make_version
from tests.queries import SameQueries


class CalendarTests(ClockChangeTestCase):
    def test_events_of_every_kind_are_on_their_day(self):
        early = make_article(headline="Early", at=NOW - 10 * DAY)
        make_article(headline="Planned", at=NOW + 3 * DAY)
        make_version(early, headline="Early, changed")
        make_version(early, headline="Early, to change", at=NOW + 2 * DAY)
        ending = make_article(headline="Ending", at=NOW - DAY)
        schedule_expiry(item=ending, at=NOW + 4 * DAY)
        make_edition(at=NOW + 6 * DAY)
        make_page(headline="Our policy", at=NOW + 7 * DAY)
        dossier = make_dossier(early, title="Told")
        dossier.entries.create(date="2026", text="More")
        publishing.publish(item=dossier, at=NOW + 5 * DAY)
        Article.objects.filter(pk=make_draft(headline="Unfinished").pk).update(due_on=date(2026, 10, 28))
        expected = {
            ("first", 10, "Early"),
            ("first", 23, "Planned"),
            ("change", 20, "Early, changed"),
            ("change", 22, "Early, to change"),
            ("first", 19, "Ending"),
            ("end", 24, "Ending"),
            ("page", 27, "Our policy"),
            ("edition", 26, "Edition 1"),
            ("dossier", 20, "Told"),
            ("dossier", 25, "Told"),
            ("due", 28, "Unfinished"),
        }
        events = self.events()
        self.assertEqual(set(events), expected)
        self.assertEqual({key[0] for key, event in events.items() if event.past}, {"first", "change", "dossier"})
        self.assertEqual(
            {key[2] for key, event in events.items() if event.article_to_move}, {"Planned", "Early, to change"}
        )
        week = set(self.events(url="/admin/calendar/week/2026/10/20/"))
        self.assertEqual(week, {key for key in expected if 19 <= key[1] <= 25})

    def test_rescheduled_version_appears_once(self):
        article = make_article(headline="Moved", at=NOW + DAY)
        publish(item=article, at=NOW + 3 * DAY)
        self.assertEqual(set(self.events()), {("first", 23, "Moved")})

    def test_days_follow_the_publications_time_zone(self):
        make_article(headline="After midnight", at=datetime(2026, 10, 21, 22, 30, tzinfo=UTC))
        self.assertEqual(set(self.events()), {("first", 22, "After midnight")})
        with self.settings(TIME_ZONE="America/New_York"):
            self.assertEqual(set(self.events()), {("first", 21, "After midnight")})

    def test_25_hour_day_is_complete_and_marked(self):
        for hour in (0, 1):
            make_article(headline=f"Half past two, {hour}", at=datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
        make_article(headline="Last", at=datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC))
        make_article(headline="Next", at=datetime(2026, 10, 25, 23, tzinfo=UTC))
        events = self.events()
        self.assertEqual([key[1] for key in events], [25, 25, 25, 26])
        page = self.get("/admin/calendar/")
        self.assertContains(page, "Clocks go back")
        self.assertContains(page, "CEST")
        self.assertContains(self.get("/admin/calendar/2027/3/"), "Clocks go forward")

    def test_day_starts_correctly_where_midnight_does_not_exist(self):
        with self.settings(TIME_ZONE="Africa/Cairo"):
            timezone.get_default_timezone.cache_clear()
            day = days(date(2026, 4, 24), 1, self.users["Editor"])[0]
            self.assertEqual(
                (day.clock_change, midnight(day.date)), ("Clocks go forward", datetime(2026, 4, 23, 22, tzinfo=UTC))
            )

    def test_invalid_dates_are_not_found(self):
        for path in [
            "2026/13/",
            "2026/0/",
            "0/1/",
            "99999999999999999999/1/",
            "week/2026/2/30/",
            "week/1/1/1/",
            "x/",
        ]:
            with self.subTest(path):
                self.assertEqual(self.get(f"/admin/calendar/{path}").status_code, 404)

    def test_previous_and_next_links(self):
        context = self.get("/admin/calendar/2026/12/").context
        self.assertEqual(
            (context["earlier"], context["later"]), ("/admin/calendar/2026/11/", "/admin/calendar/2027/1/")
        )
        context = self.get("/admin/calendar/week/2027/1/1/").context
        self.assertEqual(context["earlier"], "/admin/calendar/week/2026/12/21/")

    def test_full_day_links_to_remaining_events(self):
        for number in range(8):
            make_article(headline=f"Article {number}")
        self.assertContains(self.get("/admin/calendar/"), "3 more")
        self.assertNotContains(self.get("/admin/calendar/week/"), " more<")

    def test_queries_do_not_grow_with_events(self):
        queries = SameQueries(self)

        def check(count):
            for _ in range(count):
                article = make_article(at=NOW - DAY)
                schedule_expiry(item=article, at=NOW + DAY)
                make_article(at=NOW + DAY)
                make_draft()
            self.get("/admin/calendar/")
            with queries:
                self.client.get("/admin/calendar/")

        check(1)
        check(5)


class CalendarRoleTests(ClockChangeTestCase):
    def setUp(self):
        super().setUp()
        own = make_author(user=self.users["Author"])
        self.published = make_article(headline="Mine, public", authors=[own], at=NOW - DAY)
        self.scheduled = make_article(headline="Mine, scheduled", authors=[own], at=NOW + DAY)
        self.draft = make_draft(headline="Mine, due", authors=[own])
        self.other = make_draft(headline="Other, due")
        make_article(headline="Other, public", at=NOW - DAY)
        Article.objects.filter(live=None, upcoming=None).update(due_on=date(2026, 10, 22))
        self.move = reverse("admin:calendar_move", args=[self.scheduled.pk])

    def test_author_sees_own_events_and_cannot_reschedule(self):
        events = self.events("Author")
        self.assertEqual({key[2] for key in events}, {"Mine, public", "Mine, due"})
        self.assertEqual(events["first", 19, "Mine, public"].url, self.published.get_absolute_url())
        self.assertNotContains(self.get("/admin/calendar/", "Author"), "data-move")
        self.assertNotContains(self.get("/admin/calendar/", "Author"), "Other")

    @takes_longer("Every role asks many addresses.")
    @tag("sqlite")  # permissions do not depend on the database
    def test_access_by_role_and_method(self):
        data = {"day": "2026-10-24", "hour": "09:00", "seen": "1"}
        pages = [
            "/admin/calendar/",
            "/admin/calendar/2026/10/",
            "/admin/calendar/week/",
            "/admin/calendar/week/2026/10/20/",
        ]
        draft = reverse("admin:calendar_move", args=[self.draft.pk])
        expected = {
            "Author": (200, 405, 404, 404, 403),
            "Editor": (200, 405, 200, 302, 200),
            "Publisher": (200, 405, 200, 422, 200),
            "Moderator": (403, 405, 404, 404, 404),
        }
        for role, (get, post, move_get, move_post, of_draft) in expected.items():
            self.client.force_login(self.users[role])
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

    def test_moderator_has_no_calendar(self):
        self.assertNotContains(self.get("/admin/", "Moderator"), "/admin/calendar/")
        self.assertContains(self.get("/admin/", "Author"), "/admin/calendar/")
