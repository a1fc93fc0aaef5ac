"""The statistics pages and their CSV files, and who may see them."""

import csv
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.models import Byline, ReadCount
from articles.services.redirects import slug_changed
from subscriptions.models import Order
from tests.articles.gift_links import make_gift_link
from tests.factories import make_article, make_author, make_draft, make_member, make_staff, make_subscriber, make_user
from tests.truthlytics.newsroom.readership.cases import add, add_all
from tests.truthlytics.newsroom.test_revenue import make_conversion
from truthlytics.publication.models import Publication
from truthlytics.statistics import services
from truthlytics.statistics.models import ArticleHour, Hour, HourCounts, RecentRead, SourceDay

PAGE, PART = reverse("admin:statistics"), reverse("admin:statistics_live")
DAY = timedelta(days=1)
NOON = datetime(2026, 12, 1, 12, tzinfo=ZoneInfo("UTC"))
TUESDAY = NOON.date()


class StatisticsCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")
        cls.article = make_article(headline="The harbour", at=NOON - 20 * DAY)

    def setUp(self):
        cache.clear()
        travelled = time_machine.travel(NOON, tick=False)
        travelled.start()
        self.addCleanup(travelled.stop)
        self.client.force_login(self.publisher)

    def page(self, period="week", on=TUESDAY, url=PAGE, **query):
        return self.client.get(url, {"period": period, "on": on} | query)

    def rows(self, url, period="week", on=TUESDAY):
        response = self.client.get(url, {"period": period, "on": on})
        self.assertEqual(response["Content-Type"], "text/csv; charset=utf-8")
        return list(csv.DictReader(response.getvalue().decode().splitlines()))

    def table(self, name, **query):
        return self.rows(reverse("admin:statistics_csv", args=[name]), **query)


class PageTests(StatisticsCase):
    def test_week_shows_sums_articles_and_sources_with_a_table_of_its_days(self):
        add_all(self.article, TUESDAY - DAY)
        page = self.page()
        for text in ("Week 49, 30 Nov to 6 Dec 2026", "<b>40</b>", "<b>25%</b>", "<b>70</b>", "news.example"):
            self.assertContains(page, text)
        self.assertContains(page, f'href="{reverse("admin:statistics_article", args=[self.article.pk])}">The harbour')
        self.assertEqual(len(page.context["report"].lines), 7)
        self.assertNotContains(page, "style=")
        self.assertNotContains(page, "GPTBot")

    def test_charts_have_names_and_descriptions(self):
        add_all(self.article, TUESDAY - DAY)
        page = self.page()
        self.assertContains(page, 'role="img"', 2)
        self.assertContains(page, "From Mon 30 Nov to Sun 6 Dec; most at Mon 30 Nov: 40.")

    def test_links_lead_to_the_period_before_and_after(self):
        page = self.page(on=TUESDAY - 7 * DAY)
        self.assertContains(page, f'href="{PAGE}?period=week&amp;on=2026-11-16" rel="prev"')
        self.assertContains(page, f'href="{PAGE}?period=week&amp;on=2026-11-30" rel="next"')
        self.assertNotContains(self.page(), 'rel="next"')

    def test_day_has_the_hours_in_the_publications_time_zone(self):
        with override_settings(TIME_ZONE="Europe/Berlin"), timezone.override("Europe/Berlin"):
            at = datetime(2026, 10, 24, 23, 30, tzinfo=ZoneInfo("UTC"))
            with time_machine.travel(at + 2 * DAY, tick=False):
                self.client.force_login(self.publisher)
                Hour.objects.add({at.replace(minute=0): HourCounts(people=5), at - DAY * 3: HourCounts(people=9)})
                add(self.article, date(2026, 10, 25), 5)
                lines = self.page("day", "2026-10-25").context["report"].lines
        # The clocks went back.
        self.assertEqual(len(lines), 25)
        self.assertEqual([line.name for line in lines if line.figures.people], ["01:00"])

    def test_year_adds_up_months(self):
        add(self.article, date(2026, 1, 1), 7)
        add(self.article, TUESDAY - DAY, 5)
        lines = self.page("year").context["report"].lines
        self.assertEqual({line.key: line.figures.people for line in lines if line.figures.people},
                         {"2026-01": 7, "2026-11": 5})  # fmt: skip

    def test_sums_of_a_year_are_kept_for_some_minutes_and_apart_from_those_of_authors(self):
        author = make_author()
        add(make_article(authors=[author]), TUESDAY, 3)
        add(self.article, TUESDAY, 5)
        for people in (8, 8):
            self.assertEqual(self.page("year").context["report"].total.people, people)
            add(self.article, TUESDAY, 100)
        page = self.page("year", url=reverse("admin:statistics_author", args=[author.pk]))
        self.assertEqual(page.context["report"].total.people, 3)
        self.assertEqual(len(page.context["most_read"]), 1)
        with time_machine.travel(NOON + timedelta(minutes=11), tick=False):
            self.assertEqual(self.page("year").context["report"].total.people, 208)

    def test_days_that_were_merged_lead_to_their_month(self):
        add(self.article, date(2026, 3, 1), 700)
        page = self.page("week", "2026-03-03")
        self.assertContains(page, "Show the month")
        self.assertNotContains(page, "700")
        self.assertContains(self.page("month", "2026-03-03"), "<b>700</b>")
        self.assertEqual(self.table("articles", on="2026-03-03"), [])

    def test_old_counts_are_named_as_such(self):
        add(self.article, TUESDAY - 2 * DAY, 90, old=True)
        add(self.article, TUESDAY - DAY, 10, halves=5)
        page = self.page("month", TUESDAY - DAY)
        self.assertContains(page, "Counted differently before 30 November 2026")
        self.assertContains(page, "<b>100</b>")
        self.assertContains(page, "<b>50%</b>")
        # Assistants, programs and what was not counted are unknown of the first day, not zero.
        self.assertContains(page, "<td>–</td>", 3)
        self.assertNotContains(self.page(), "Counted differently")

    def test_switch_shows_what_was_not_counted(self):
        add_all(self.article, TUESDAY)
        page = self.page(not_counted="on")
        for text in ("GPTBot", "Training of AI", "Claude-User", "Opened again on the same day"):
            self.assertContains(page, text)

    def test_subscriptions_after_reading_are_for_those_who_see_subscribers(self):
        slug_changed(item=self.article, old_slug="the-old-harbour")
        for path in (self.article.get_absolute_url(), "/articles/the-old-harbour/"):
            make_conversion(path)
        one = reverse("admin:statistics_article", args=[self.article.pk])
        self.assertContains(self.page(), "Subscribed after reading")
        self.assertEqual(self.client.get(one).context["orders"], 2)
        self.client.force_login(make_member("Editor"))
        for page in (self.page(), self.client.get(one)):
            self.assertNotContains(page, "Subscribed after reading")

    def test_bad_periods_are_refused_with_a_sentence(self):
        for period, on, sentence in [
            ("decade", "2026-12-01", "Select a valid choice"),
            ("week", "soon", "Enter a valid date."),
            ("year", "9999-12-31", "Choose a day between 1900 and 2200."),
        ]:
            for url in (PAGE, reverse("admin:statistics_csv", args=["figures"])):
                with self.subTest(on=on, url=url):
                    self.assertContains(self.page(period, on, url), sentence, status_code=422)

    def test_queries_do_not_grow_with_articles(self):
        def queries():
            with CaptureQueriesContext(connection) as captured:
                self.page(not_counted="on")
            return len(captured)

        add_all(self.article, TUESDAY - DAY)
        make_conversion(self.article.get_absolute_url())
        self.page()
        before = queries()
        for _ in range(5):
            article = make_article()
            add_all(article, TUESDAY - DAY)
            make_conversion(article.get_absolute_url())
        self.assertEqual(queries(), before)
        self.assertLessEqual(before, 25)


class CsvTests(StatisticsCase):
    def test_files_say_the_same_as_the_page(self):
        add_all(self.article, TUESDAY)
        days = {row["time"]: row for row in self.table("figures")}
        self.assertEqual(list(days), ["2026-11-30", "2026-12-01"])
        day = days["2026-12-01"]
        self.assertEqual((day["people"], day["read_to_half"], day["programs"]), ("40", "10", "70"))
        self.assertEqual([(row["headline"], row["people"]) for row in self.table("articles")], [("The harbour", "40")])
        sources = {(row["kind"], row["name"]): row["people"] for row in self.table("sources")}
        self.assertEqual(sources["host", "news.example"], "30")
        self.assertEqual({row["name"] for row in self.table("not-counted")},
                         {"GPTBot", "Claude-User", "Opened again on the same day"})  # fmt: skip

    def test_names_that_strangers_chose_are_neither_formulas_nor_markup(self):
        names = ["=HYPERLINK(1)", "<script>alert(1)</script>"]
        SourceDay.objects.add({(TUESDAY, name, "campaign"): 3 for name in names})
        self.assertIn("'=HYPERLINK(1)", {row["name"] for row in self.table("sources")})
        page = self.page()
        self.assertContains(page, "&lt;script&gt;alert(1)")
        self.assertNotContains(page, "<script>alert")

    def test_there_are_no_other_files(self):
        self.assertEqual(self.client.get(reverse("admin:statistics_csv", args=["users"])).status_code, 404)


class ArticleTests(StatisticsCase):
    def url(self, article=None):
        return reverse("admin:statistics_article", args=[(article or self.article).pk])

    def test_it_shows_the_days_since_publication(self):
        add_all(self.article, TUESDAY - DAY)
        link = make_gift_link(self.article, make_subscriber())
        type(link).objects.update(opens=4)
        page = self.client.get(self.url())
        self.assertEqual(len(page.context["life"].days), 21)
        self.assertEqual(page.context["life"].months, [])
        for text in ("Since 11 November 2026", "<b>40</b>", "<b>25%</b>", "<b>4</b>", "news.example"):
            self.assertContains(page, text)
        rows = list(csv.DictReader(self.client.get(
            reverse("admin:statistics_article_csv", args=[self.article.pk])).getvalue().decode().splitlines()
        ))  # fmt: skip
        self.assertEqual(sum(int(row["people"]) for row in rows), 40)

    def test_new_articles_have_their_first_hours(self):
        article = make_article(at=NOON - DAY)
        first, later = NOON - DAY, NOON - timedelta(hours=20)
        sums = {(first, "people"): 30, (first, "halves"): 12, (later, "people"): 55}
        ArticleHour.objects.add({(at, article.pk, name): number for (at, name), number in sums.items()})
        page = self.client.get(self.url(article))
        lines = page.context["hours"]
        self.assertEqual([lines[0].name, lines[-1].name, len(lines)], ["Mon 12:00", "Tue 12:00", 25])
        people = {line.name: line.figures.people for line in lines if line.figures.people}
        self.assertEqual(people, {"Mon 12:00": 30, "Mon 16:00": 55})
        self.assertContains(page, "From Mon 12:00 to Tue 12:00; most at Mon 16:00: 55.")
        self.assertContains(page, "<td>40%</td>", html=True)
        self.assertNotContains(self.client.get(self.url()), "The first 48 hours")

    def test_old_articles_have_months_and_nothing_is_added_twice(self):
        article = make_article(at=NOON - 400 * DAY)
        for day, people in [(date(2025, 12, 1), 30), (date(2026, 8, 5), 4), (TUESDAY, 2)]:
            add(article, day, people)
        ReadCount.objects.merge_months(TUESDAY)
        life = self.client.get(self.url(article)).context["life"]
        self.assertEqual(sum(line.figures.people for line in life.months), 36)
        csv_url = reverse("admin:statistics_article_csv", args=[article.pk])
        rows = csv.DictReader(self.client.get(csv_url).getvalue().decode().splitlines())
        self.assertEqual(sum(int(row["people"]) for row in rows), 36)

    def test_drafts_have_none(self):
        self.assertEqual(self.client.get(self.url(make_draft())).status_code, 404)

    def test_list_of_articles_leads_to_it(self):
        add(self.article, TUESDAY, 4321)
        page = self.client.get(reverse("admin:articles_article_changelist"))
        self.assertContains(page, f'<a href="{self.url()}">4,321</a>')
        self.assertContains(
            self.client.get(self.url()), reverse("admin:articles_article_change", args=[self.article.pk])
        )


class AccessTests(StatisticsCase):
    def setUp(self):
        super().setUp()
        self.writer = make_member("Author")
        self.author = make_author(name="Ines Marwood", user=self.writer)
        self.own = make_article(headline="Her own", authors=[self.author])
        add(self.own, TUESDAY, 5)
        add(self.article, TUESDAY, 900)

    def urls(self, author, article):
        return [
            reverse("admin:statistics_author", args=[author.pk]),
            reverse("admin:statistics_author_csv", args=[author.pk, "articles"]),
            reverse("admin:statistics_article", args=[article.pk]),
            reverse("admin:statistics_article_csv", args=[article.pk]),
        ]

    def statuses(self, user, urls):
        self.client.force_login(user)
        return {self.client.get(url).status_code for url in urls}

    def test_authors_see_nothing_unless_settings_allow_it(self):
        self.assertEqual(self.statuses(self.writer, self.urls(self.author, self.own)), {404})
        self.assertNotContains(self.client.get("/admin/"), "All statistics")

    def test_authors_see_their_own_if_settings_allow_it_and_nothing_of_others(self):
        Publication.objects.create(authors_see_statistics=True)
        self.assertEqual(self.statuses(self.writer, self.urls(self.author, self.own)), {200})
        self.assertEqual(self.statuses(self.writer, self.urls(make_author(user=make_user()), self.article)), {404})
        self.assertEqual(self.client.get(PAGE).status_code, 403)
        page = self.page(url=self.urls(self.author, self.own)[0], not_counted="on")
        self.assertContains(page, "Her own")
        Byline.objects.create(article=self.own, author=make_author(name="Another Person"))
        self.assertNotContains(self.client.get(self.urls(self.author, self.own)[2]), "Another Person")
        for secret in ("The harbour", "900", "905", f'href="{PAGE}"'):
            self.assertNotContains(page, secret)
        self.assertContains(self.client.get("/admin/"), self.urls(self.author, self.own)[0])

    def test_article_of_two_authors_belongs_to_both_and_counts_once(self):
        other = make_author()
        shared = make_article(authors=[self.author, other])
        add(shared, TUESDAY, 3)
        for author, people in [(self.author, 8), (other, 3)]:
            page = self.page(url=reverse("admin:statistics_author", args=[author.pk]))
            self.assertEqual(page.context["report"].total.people, people)
        self.assertEqual(self.page().context["report"].total.people, 908)

    def test_sources_of_an_author_are_known_by_month(self):
        add_all(self.own, TUESDAY)
        url = reverse("admin:statistics_author", args=[self.author.pk])
        self.assertContains(self.page("week", url=url), "are stored by month. Choose a month or a year.")
        month = self.page("month", url=url)
        self.assertContains(month, "news.example")
        self.assertEqual([row.people for row in month.context["sources"].kinds], [30, 10])

    def test_settings_open_nothing_to_readers_and_others(self):
        Publication.objects.create(authors_see_statistics=True)
        urls = [PAGE, *self.urls(self.author, self.own)]
        for user in (make_member("Moderator"), make_member("Support"), make_staff()):
            self.assertLessEqual(self.statuses(user, urls), {403, 404})
        self.assertLessEqual(self.statuses(make_user(), urls), {302, 403})

    def test_agents_are_not_told_of_single_authors(self):
        url = reverse("admin:statistics_author_csv", args=[self.author.pk, "not-counted"])
        self.assertEqual(self.client.get(url).status_code, 404)

    def test_orders_are_sums(self):
        """No page names who ordered."""
        make_conversion(self.own.get_absolute_url())
        page = self.page()
        self.assertNotContains(page, Order.objects.get().user.email)


class LiveTests(StatisticsCase):
    def save(self, people, at):
        totals = services.Totals()
        for article, number in people.items():
            totals.articles[at.date(), article.pk, "people"] += number
        with time_machine.travel(at, tick=False):
            services.save(totals)

    def live(self):
        return self.client.get(reverse("admin:index")).context.get("live")

    def test_dashboard_shows_the_last_half_hour(self):
        others = [make_article(at=NOON - DAY) for _ in range(6)]
        self.save({self.article: 50}, NOON - timedelta(minutes=41))
        self.save({self.article: 7}, NOON - timedelta(minutes=20))
        self.save({self.article: 2} | {article: number for number, article in enumerate(others, start=1)}, NOON)
        live = self.live()
        self.assertEqual(live.people, 30)
        self.assertEqual(live.most_read[0], (self.article.pk, "The harbour", 9))
        self.assertEqual([people for *_article, people in live.most_read], [9, 6, 5, 4, 3])
        self.assertContains(self.client.get(reverse("admin:index")), "30 people opened articles.")

    def test_what_is_older_is_deleted(self):
        self.save({self.article: 50}, NOON - timedelta(minutes=41))
        self.save({self.article: 7}, NOON)
        services.merge_old(NOON)
        self.assertEqual(RecentRead.objects.get().people, 7)

    def test_only_those_who_see_statistics_see_it(self):
        Publication.objects.create(authors_see_statistics=True)
        author = make_member("Author")
        make_author(user=author)
        for user, status in [(author, 404), (make_member("Moderator"), 404), (make_user(), 302)]:
            self.client.force_login(user)
            self.assertEqual(self.client.get(PART).status_code, status)
            self.assertNotIn("live", self.client.get(reverse("admin:index")).context or {})

    def test_part_for_the_dashboard_is_fetched_again_with_few_queries(self):
        self.save({make_article(at=NOON - DAY, headline=f"<script>{number}"): 3 for number in range(6)}, NOON)
        self.client.get(PART)
        with CaptureQueriesContext(connection) as captured:
            page = self.client.get(PART)
        self.assertLessEqual(len(captured), 5)
        self.assertContains(page, "18 people opened articles.")
        self.assertContains(page, "&lt;script&gt;5")
        self.assertNotContains(page, "<script")
        self.assertTrue(page.content.strip().startswith(b"<section"))
        self.assertContains(self.client.get(reverse("admin:index")), f'data-last-half-hour="{PART}"')
        self.assertEqual(self.client.post(PART).status_code, 405)
