"""The desk: what waits for whom, yesterday in numbers, and nothing that a role does not work with."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, ReadCount, Remark
from articles.services import sharing
from articles.services.workflow import assign, perform
from articles.workflow.stages import WorkflowAction
from comments.models import Comment, Report
from subscriptions.models import Payment
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_draft,
    make_editor,
    make_member,
    make_order,
    make_paid,
    make_user,
)
from truthlytics.newsroom.charts import Chart, share
from truthlytics.newsroom.statistics import numbers_for
from truthlytics.roles import ROLES

DESK = reverse("admin:index")
WAITS = ("yours", "review", "ready", "scheduled", "fresh", "conversation", "money", "charts", "most_read")


class DeskTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.people = {role: make_member(role) for role in ROLES}
        cls.editor = cls.people["Editor"]

    def desk(self, role="Editor"):
        self.client.force_login(self.people[role])
        return self.client.get(DESK)

    def shown(self, name, role="Editor"):
        return list(self.desk(role).context[name])

    def test_each_role_has_what_it_works_with(self):
        expected = {
            "Author": {"yours", "review", "charts"},
            "Editor": {"yours", "review", "ready", "scheduled", "fresh", "charts", "most_read"},
            "Moderator": {"conversation", "charts"},
            "Publisher": set(WAITS),
        }
        charts = {"Author": [], "Editor": ["Reads"], "Moderator": ["Comments"]}
        charts["Publisher"] = ["Reads", "New subscribers", "Comments"]
        for role in ROLES:
            context = self.desk(role).context
            self.assertEqual({name for name in WAITS if name in context}, expected[role], role)
            self.assertEqual([chart.name for chart in context["charts"]], charts[role], role)

    def test_every_list_that_a_role_may_open_is_a_room_on_its_desk(self):
        for role, person in self.people.items():
            self.client.force_login(person)
            page = self.client.get(DESK)
            addresses = {room["url"] for room in page.context["rooms"]}
            lists = {model["admin_url"] for app in page.context["app_list"] for model in app["models"]}
            self.assertEqual(lists - addresses - {None}, set(), role)

    def test_yours_is_what_is_in_your_hands_and_your_own_drafts(self):
        author = make_author(user=self.editor)
        signed, begun = make_draft(authors=[author]), make_draft(created_by=self.editor)
        given = make_article()
        assign(article=given, by=self.editor, to=self.editor, due_on=timezone.localdate() + timedelta(1))
        perform(article=given, action=WorkflowAction.READY, by=self.editor)
        given_away = make_draft(authors=[author])
        assign(article=given_away, by=self.editor, to=self.people["Publisher"], due_on=None)
        make_draft()
        make_article(authors=[author])
        yours = self.shown("yours")
        self.assertEqual(yours[0], given)
        self.assertEqual(set(yours), {signed, begun, given})

    def test_what_is_due_first_comes_first_and_late_is_said(self):
        today = timezone.localdate()
        drafts = {days: make_draft(headline=f"Due {days}") for days in (3, -1, 0)}
        for days, draft in drafts.items():
            perform(article=draft, action=WorkflowAction.SENT, by=self.editor)
            assign(article=draft, by=self.editor, to=None, due_on=today + timedelta(days))
        page = self.desk()
        self.assertEqual(list(page.context["review"]), [drafts[-1], drafts[0], drafts[3]])
        self.assertContains(page, ", overdue")
        self.assertContains(page, "due today")

    @time_machine.travel(datetime(2026, 11, 25, 23, 30, tzinfo=ZoneInfo("UTC")), tick=False)
    @override_settings(TIME_ZONE="Europe/Berlin")
    def test_today_is_the_newsrooms_day(self):
        """Half past midnight in Berlin: what goes out at nine there goes out today."""
        make_article(at=datetime(2026, 11, 26, 9, 0, tzinfo=ZoneInfo("Europe/Berlin")))
        make_article(at=datetime(2026, 11, 27, 0, 0, tzinfo=ZoneInfo("Europe/Berlin")))
        page = self.desk()
        self.assertContains(page, "Thursday, 26 November")
        self.assertContains(page, "today, 09:00 CET")
        self.assertContains(page, "Fri 27 Nov, 00:00 CET")

    def test_an_author_sees_only_their_own(self):
        own = make_draft(authors=[make_author(user=self.people["Author"])])
        foreign, public = make_draft(), make_article()
        for article in (own, foreign):
            perform(article=article, action=WorkflowAction.SENT, by=self.editor)
        page = self.desk("Author")
        self.assertContains(page, own.headline)
        self.assertContains(page, "In review")
        for other in (foreign, public):
            self.assertNotContains(page, f">{other.headline}<")

    def test_comments_and_reports_wait_for_moderators(self):
        make_comment(status=Comment.Status.WAITING)
        reported = make_comment()
        Report.objects.create(comment=reported, reporter=make_user(), reason=Report.Reason.FALSE)
        page = self.desk("Moderator")
        self.assertContains(page, "1 comment awaiting approval")
        self.assertContains(page, "1 reported comment")
        self.assertNotContains(self.desk("Editor"), "awaiting approval")

    def test_money_that_asks_for_somebody_waits_for_publishers(self):
        order = make_order(provider="manual")
        facts = {"provider": "manual", "minor": 500, "currency": "EUR", "recorded_at": timezone.now()}
        failed = Payment.objects.create(order=order, provider_ref="f", status=Payment.Status.FAILED, **facts)
        surplus = Payment.objects.create(order=order, provider_ref="s", status=Payment.Status.SURPLUS, **facts)
        paid = make_paid()
        settled = Payment.objects.filter(order__user=paid.user)
        self.assertEqual(settled.count(), 1)
        page = self.desk("Publisher")
        self.assertEqual(set(page.context["money"]["asking"]), {failed, surplus})
        self.assertContains(page, f"{order.user}’s payment failed")
        self.assertContains(page, "overpaid")
        self.assertContains(page, "1 order awaiting a bank transfer")
        self.assertNotContains(self.desk("Editor"), "payment failed")

    def test_long_lists_are_cut_and_say_so(self):
        for _ in range(9):
            perform(article=make_draft(), action=WorkflowAction.SENT, by=self.editor)
        page = self.desk()
        self.assertEqual(len(page.context["review"]), 6)
        self.assertContains(page, "more than 6")
        self.assertContains(page, "?work=review")

    def test_what_was_said_from_outside_waits_for_whoever_may_open_the_draft(self):
        author = self.people["Author"]
        own, foreign = make_draft(created_by=author), make_draft(headline="Nobody else’s")
        for article in (own, foreign):
            link = sharing.share(article=article, by=self.editor, days=7)
            for number in range(2):
                remark = Remark.objects.create(
                    article=article, link=link, author_name="Ruth", text=f"Is it so {number}?"
                )
            remark.resolved_at = timezone.now()
            remark.save()
        Remark.objects.create(article=own, author_name="A colleague", text="From inside")
        self.assertEqual({remark.article for remark in self.shown("outside")}, {own, foreign})
        self.assertEqual([remark.text for remark in self.shown("outside", "Author")], ["Is it so 0?"])
        self.assertContains(self.desk("Author"), reverse("admin:articles_article_remarks", args=[own.pk]))
        self.assertNotContains(self.desk("Author"), "Nobody else’s")
        self.assertNotIn("outside", self.desk("Moderator").context)

    def test_queries_stay_as_few_however_much_waits(self):
        for _ in range(8):
            article = make_article(authors=[make_author(), make_author()])
            ReadCount.objects.add({(timezone.localdate() - timedelta(1), article.pk): 5})
            perform(article=make_draft(), action=WorkflowAction.SENT, by=self.editor)
            perform(article=make_draft(), action=WorkflowAction.READY, by=self.editor)
            make_article(at=timezone.now() + timedelta(days=1))
            make_draft(created_by=self.people["Publisher"])
            make_comment(article=article, status=Comment.Status.WAITING)
        make_draft(authors=[make_author(user=self.people["Author"])])
        for role, queries in {"Author": 8, "Editor": 14, "Moderator": 7, "Publisher": 20}.items():
            self.desk(role)
            with self.subTest(role), self.assertNumQueries(queries):
                self.client.get(DESK)

    def test_it_is_for_the_newsroom_alone(self):
        self.client.logout()
        self.assertEqual(self.client.get(DESK).status_code, 302)
        self.client.force_login(make_user())
        self.assertIn(self.client.get(DESK).status_code, {302, 403})


class NumberTests(TestCase):
    def setUp(self):
        self.publisher = make_editor()
        self.now = datetime(2026, 11, 25, 12, 0, tzinfo=ZoneInfo("UTC"))

    def chart(self, name):
        return next(chart for chart in numbers_for(self.publisher, self.now)["charts"] if chart.name == name)

    def test_reads_are_those_of_fourteen_whole_days(self):
        one, other = make_article(), make_article()
        read = {date(2026, 11, 24): 7, date(2026, 11, 17): 3, date(2026, 11, 11): 2}
        ReadCount.objects.add(
            {(day, one.pk): count for day, count in read.items()} | {(date(2026, 11, 24), other.pk): 1}
        )
        ReadCount.objects.add({(date(2026, 11, 25), one.pk): 99, (date(2026, 11, 10), one.pk): 99})
        chart = self.chart("Reads")
        self.assertEqual((chart.last, chart.week_before, len(chart.days)), (8, 3, 14))
        self.assertEqual(sum(count for _, count in chart.days), 13)

    def test_comments_and_subscribers_are_counted_on_the_newsrooms_days(self):
        midnight = datetime(2026, 11, 25, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))
        with override_settings(TIME_ZONE="Europe/Berlin"), timezone.override("Europe/Berlin"):
            for minutes in (-1, -2, 1):
                make_comment(created_at=midnight + timedelta(minutes=minutes))
            for minutes in (-1, 1):
                paid = make_paid()
                type(paid).objects.filter(pk=paid.pk).update(anchor=midnight + timedelta(minutes=minutes))
            self.assertEqual((self.chart("Comments").last, self.chart("New subscribers").last), (2, 1))

    def test_most_read_is_of_seven_days_and_five(self):
        articles = [make_article() for _ in range(6)]
        for count, article in enumerate(articles, start=1):
            ReadCount.objects.add({(date(2026, 11, 18), article.pk): count})
        ReadCount.objects.add({(date(2026, 11, 17), articles[0].pk): 99})
        rows = numbers_for(self.publisher, self.now)["most_read"]
        self.assertEqual(
            [(row["article"], row["reads"]) for row in rows], [(a, n) for n, a in enumerate(articles, 1)][:0:-1]
        )
        self.assertEqual(rows[0]["share"], 100)

    def test_the_same_figures_stand_in_a_table(self):
        ReadCount.objects.add({(timezone.localdate() - timedelta(days=1), make_article().pk): 4321})
        self.client.force_login(self.publisher)
        page = self.client.get(DESK)
        self.assertContains(page, "<td>4,321</td>", html=True)
        self.assertContains(page, '<th scope="row">', 14)
        self.assertNotContains(page, "style=")


class ChartTests(SimpleTestCase):
    def chart(self, *counts):
        return Chart("Reads", tuple((date(2026, 11, day), count) for day, count in enumerate(counts, start=1)))

    def test_the_line_begins_at_nought_and_stays_within_the_picture(self):
        chart = self.chart(0, 5, 10, 0, 0, 0, 0, 10)
        points = [tuple(map(float, point.split(","))) for point in chart.line.split()]
        self.assertEqual(points[0], (4, 36))
        self.assertEqual({points[1][1], points[2][1]}, {20, 4})
        self.assertEqual(chart.dot, points[-1])
        self.assertTrue(all(0 < x < chart.width and 0 < y < chart.height for x, y in points))

    def test_days_without_anything_are_a_line_along_the_ground(self):
        self.assertEqual({point.split(",")[1] for point in self.chart(*[0] * 8).line.split()}, {"36"})

    def test_a_share_that_is_there_can_be_seen(self):
        self.assertEqual([share(1, 10_000), share(0, 5), share(5, 5), share(0, 0)], [1, 0, 100, 0])


class ReadByTests(TestCase):
    def test_an_article_that_is_gone_is_not_named(self):
        article = make_draft()
        ReadCount.objects.add({(timezone.localdate() - timedelta(1), article.pk): 4})
        Article.objects.filter(pk=article.pk).delete()
        self.assertEqual(numbers_for(make_editor(), timezone.now())["most_read"], [])
