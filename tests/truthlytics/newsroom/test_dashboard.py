"""The dashboard: pending work and statistics by role."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Remark
from articles.services import sharing
from articles.services.workflow import assign, perform
from articles.workflow.stages import WorkflowAction
from comments.models import Comment, Report
from subscriptions.models import Payment
from tests.budget import takes_longer
from tests.factories import (
    add_reads,
    make_article,
    make_author,
    make_comment,
    make_draft,
    make_editor,
    make_member,
    make_order,
    make_paid,
    make_payment,
    make_subscription,
    make_user,
)
from truthlytics.newsroom.charts import Chart
from truthlytics.newsroom.statistics import statistics_for
from truthlytics.roles import ROLES
from truthlytics.statistics.figures import share

DASHBOARD = reverse("admin:index")
KEYS = ("yours", "review", "ready", "scheduled", "just_published", "moderates", "payments", "charts", "most_read")


class DashboardTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.users = {role: make_member(role) for role in ROLES}
        cls.editor = cls.users["Editor"]

    def dashboard(self, role="Editor"):
        self.client.force_login(self.users[role])
        return self.client.get(DASHBOARD)

    def rows(self, name, role="Editor"):
        return list(self.dashboard(role).context[name])

    def test_content_by_role(self):
        expected = {
            "Author": {"yours", "review", "charts"},
            "Editor": {"yours", "review", "ready", "scheduled", "just_published", "charts", "most_read"},
            "Moderator": {"moderates", "charts"},
            "Support": {"payments", "charts"},
            "Publisher": set(KEYS),
        }
        charts = {"Author": [], "Editor": ["People"], "Moderator": ["Comments"]}
        charts["Support"] = ["New subscribers", "Comments"]
        charts["Publisher"] = ["People", "New subscribers", "Comments"]
        for role in ROLES:
            context = self.dashboard(role).context
            self.assertEqual({name for name in KEYS if name in context}, expected[role], role)
            self.assertEqual([chart.name for chart in context["charts"]], charts[role], role)

    def test_navigation_contains_every_list_the_role_may_open(self):
        for role, user in self.users.items():
            self.client.force_login(user)
            page = self.client.get(DASHBOARD)
            nav_urls = {item["url"] for item in page.context["nav_items"]}
            list_urls = {model["admin_url"] for app in page.context["app_list"] for model in app["models"]}
            self.assertEqual(list_urls - nav_urls - {None}, set(), role)
            self.assertContains(page, '<nav class="main-nav"')

    def test_author_sees_what_was_sent_back_with_the_remark(self):
        author = self.users["Author"]
        byline = make_author(user=author)
        draft, other = (make_draft(authors=[byline]) for _ in range(2))
        for article in (draft, other):
            perform(article=article, action=WorkflowAction.SENT, by=author)
            perform(article=article, action=WorkflowAction.RETURNED, by=self.editor, message="Name a second source.")
        perform(article=other, action=WorkflowAction.SENT, by=author)
        self.assertEqual(self.rows("sent_back", "Author"), [draft])
        self.assertEqual(self.rows("yours", "Author"), [])
        self.assertContains(self.dashboard("Author"), "<q>Name a second source.</q>")
        self.assertEqual(self.rows("sent_back", "Editor"), [])

    def test_yours_are_assigned_articles_and_own_drafts(self):
        author = make_author(user=self.editor)
        bylined, created = make_draft(authors=[author]), make_draft(created_by=self.editor)
        assigned = make_article()
        assign(article=assigned, by=self.editor, to=self.editor, due_on=timezone.localdate() + timedelta(1))
        perform(article=assigned, action=WorkflowAction.READY, by=self.editor)
        reassigned = make_draft(authors=[author])
        assign(article=reassigned, by=self.editor, to=self.users["Publisher"], due_on=None)
        make_draft()
        make_article(authors=[author])
        yours = self.rows("yours")
        self.assertEqual(yours[0], assigned)
        self.assertEqual(set(yours), {bylined, created, assigned})

    def test_review_is_ordered_by_due_date(self):
        today = timezone.localdate()
        drafts = {days: make_draft(headline=f"Due {days}") for days in (3, -1, 0)}
        for days, draft in drafts.items():
            perform(article=draft, action=WorkflowAction.SENT, by=self.editor)
            assign(article=draft, by=self.editor, to=None, due_on=today + timedelta(days))
        page = self.dashboard()
        self.assertEqual(list(page.context["review"]), [drafts[-1], drafts[0], drafts[3]])
        self.assertContains(page, ", overdue")
        self.assertContains(page, "due today")

    @time_machine.travel(datetime(2026, 11, 25, 23, 30, tzinfo=ZoneInfo("UTC")), tick=False)
    @override_settings(TIME_ZONE="Europe/Berlin")
    def test_dates_are_in_the_publications_time_zone(self):
        """It is half past midnight in Berlin, so 9:00 in Berlin is today."""
        make_article(at=datetime(2026, 11, 26, 9, 0, tzinfo=ZoneInfo("Europe/Berlin")))
        make_article(at=datetime(2026, 11, 27, 0, 0, tzinfo=ZoneInfo("Europe/Berlin")))
        page = self.dashboard()
        self.assertContains(page, "Thursday, 26 November")
        self.assertContains(page, "today, 09:00 CET")
        self.assertContains(page, "Fri 27 Nov, 00:00 CET")

    def test_author_sees_own_articles_only(self):
        own = make_draft(authors=[make_author(user=self.users["Author"])])
        other_draft, public = make_draft(), make_article()
        for article in (own, other_draft):
            perform(article=article, action=WorkflowAction.SENT, by=self.editor)
        page = self.dashboard("Author")
        self.assertContains(page, own.headline)
        self.assertContains(page, "In review")
        for other in (other_draft, public):
            self.assertNotContains(page, f">{other.headline}<")

    def test_moderators_see_pending_and_reported_comments(self):
        make_comment(status=Comment.Status.WAITING)
        reported = make_comment()
        Report.objects.create(comment=reported, reporter=make_user(), reason=Report.Reason.FALSE)
        page = self.dashboard("Moderator")
        self.assertContains(page, "2 comments to review")
        self.assertContains(page, "1 reported, visible to readers")
        queue = self.client.get(reverse("admin:comments_queue")).context
        self.assertEqual(len(queue["rows"]), page.context["comments_to_review"])
        self.assertNotContains(self.dashboard("Editor"), "to review</a>")

    def test_publishers_see_payments_that_need_attention(self):
        order = make_order(provider="manual")
        failed = make_payment(user=order.user, order=order, status=Payment.Status.FAILED)
        surplus = make_payment(user=order.user, order=order, status=Payment.Status.SURPLUS)
        disputed = make_payment(dispute=Payment.Dispute.OPEN)
        paid = make_paid()
        completed = Payment.objects.filter(order__user=paid.user)
        self.assertEqual(completed.count(), 1)
        page = self.dashboard("Publisher")
        self.assertEqual(set(page.context["payments"]["needing_attention"]), {failed, surplus, disputed})
        self.assertContains(page, f"{order.user}’s payment failed")
        self.assertContains(page, "overpaid")
        self.assertContains(page, f"{disputed.user}’s bank has reversed a payment of €9.00")
        self.assertContains(page, "1 order awaiting a bank transfer")
        self.assertNotContains(self.dashboard("Editor"), "payment failed")

    def test_publishers_see_what_waits_for_a_transfer_or_an_answer_of_the_provider(self):
        refunds = make_payment(provider="manual").refunds
        refunds.create(minor=100, requested_at=timezone.now())
        make_subscription(provider_ref="sub_1", provider_request="cancel")
        page = self.dashboard("Publisher")
        for text, query in {
            "1 refund to transfer": "payment/?attention=transfer",
            "1 cancellation not confirmed by the payment provider": "subscription/?unconfirmed=yes",
        }.items():
            self.assertContains(page, text)
            url = f"/admin/subscriptions/{query}"
            self.assertContains(page, f'href="{url}"')
            self.assertEqual(self.client.get(url).context["cl"].result_count, 1)
        self.assertNotContains(page, "No payments need attention.")

    def test_long_lists_are_truncated(self):
        for _ in range(9):
            perform(article=make_draft(), action=WorkflowAction.SENT, by=self.editor)
        page = self.dashboard()
        self.assertEqual(len(page.context["review"]), 6)
        self.assertContains(page, "more than 6")
        self.assertContains(page, "?work=review")

    def test_external_remarks_are_shown_to_users_with_access(self):
        author = self.users["Author"]
        own, other_draft = make_draft(created_by=author), make_draft(headline="Somebody’s draft")
        for article in (own, other_draft):
            link = sharing.share(article=article, by=self.editor, days=7)
            for number in range(2):
                remark = Remark.objects.create(
                    article=article, link=link, author_name="Ruth", text=f"Is it so {number}?"
                )
            remark.resolved_at = timezone.now()
            remark.save()
        Remark.objects.create(article=own, author_name="A colleague", text="Internal")
        self.assertEqual({remark.article for remark in self.rows("external_remarks")}, {own, other_draft})
        self.assertEqual([remark.text for remark in self.rows("external_remarks", "Author")], ["Is it so 0?"])
        self.assertContains(self.dashboard("Author"), reverse("admin:articles_article_remarks", args=[own.pk]))
        self.assertNotContains(self.dashboard("Author"), "Somebody’s draft")
        self.assertNotIn("external_remarks", self.dashboard("Moderator").context)

    @takes_longer("Long lists are made and read.")
    def test_queries_do_not_grow_with_rows(self):
        for _ in range(8):
            article = make_article(authors=[make_author(), make_author()])
            add_reads({(timezone.localdate() - timedelta(1), article.pk): 5})
            perform(article=make_draft(), action=WorkflowAction.SENT, by=self.editor)
            perform(article=make_draft(), action=WorkflowAction.READY, by=self.editor)
            make_article(at=timezone.now() + timedelta(days=1))
            make_draft(created_by=self.users["Publisher"])
            make_comment(article=article, status=Comment.Status.WAITING)
        make_draft(authors=[make_author(user=self.users["Author"])])
        for role, queries in {"Author": 9, "Editor": 22, "Moderator": 9, "Publisher": 40}.items():
            self.dashboard(role)
            with self.subTest(role), self.assertNumQueries(queries):
                self.client.get(DASHBOARD)

    def test_readers_are_refused(self):
        self.client.logout()
        self.assertEqual(self.client.get(DASHBOARD).status_code, 302)
        self.client.force_login(make_user())
        self.assertIn(self.client.get(DASHBOARD).status_code, {302, 403})


class StatisticsTests(TestCase):
    def setUp(self):
        self.publisher = make_editor()
        self.now = datetime(2026, 11, 25, 12, 0, tzinfo=ZoneInfo("UTC"))

    def chart(self, name):
        return next(chart for chart in statistics_for(self.publisher, self.now)["charts"] if chart.name == name)

    def test_reads_cover_fourteen_whole_days(self):
        article, other = make_article(), make_article()
        counts = {date(2026, 11, 24): 7, date(2026, 11, 17): 3, date(2026, 11, 11): 2}
        add_reads({(day, article.pk): count for day, count in counts.items()} | {(date(2026, 11, 24), other.pk): 1})
        add_reads({(date(2026, 11, 25), article.pk): 99, (date(2026, 11, 10), article.pk): 99})
        chart = self.chart("People")
        self.assertEqual((chart.last, chart.week_before, len(chart.days)), (8, 3, 14))
        self.assertEqual(sum(count for _, count in chart.days), 13)

    def test_days_are_in_the_publications_time_zone(self):
        midnight = datetime(2026, 11, 25, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))
        with override_settings(TIME_ZONE="Europe/Berlin"), timezone.override("Europe/Berlin"):
            for minutes in (-1, -2, 1):
                make_comment(created_at=midnight + timedelta(minutes=minutes))
            for minutes in (-1, 1):
                paid = make_paid()
                type(paid).objects.filter(pk=paid.pk).update(anchor=midnight + timedelta(minutes=minutes))
            self.assertEqual((self.chart("Comments").last, self.chart("New subscribers").last), (2, 1))

    def test_most_read_lists_five_articles_of_seven_days(self):
        articles = [make_article() for _ in range(6)]
        for count, article in enumerate(articles, start=1):
            add_reads({(date(2026, 11, 18), article.pk): count})
        add_reads({(date(2026, 11, 17), articles[0].pk): 99})
        rows = statistics_for(self.publisher, self.now)["most_read"]
        self.assertEqual(
            [(row["article"], row["reads"]) for row in rows], [(a, n) for n, a in enumerate(articles, 1)][:0:-1]
        )
        self.assertEqual(rows[0]["share"], 100)

    def test_statistics_are_also_a_table(self):
        add_reads({(timezone.localdate() - timedelta(days=1), make_article().pk): 4321})
        self.client.force_login(self.publisher)
        page = self.client.get(DASHBOARD)
        self.assertContains(page, "<td>4,321</td>", html=True)
        self.assertContains(page, '<th scope="row">', 14)
        self.assertNotContains(page, "style=")


class ChartTests(SimpleTestCase):
    def chart(self, *counts):
        return Chart("Reads", tuple((date(2026, 11, day), count) for day, count in enumerate(counts, start=1)))

    def test_line_starts_at_zero_and_stays_inside_the_image(self):
        chart = self.chart(0, 5, 10, 0, 0, 0, 0, 10)
        points = [tuple(map(float, point.split(","))) for point in chart.line.split()]
        self.assertEqual(points[0], (4, 36))
        self.assertEqual({points[1][1], points[2][1]}, {20, 4})
        self.assertEqual(tuple(map(float, chart.dot)), points[-1])
        self.assertTrue(all(0 < x < chart.width and 0 < y < chart.height for x, y in points))

    def test_empty_chart_is_a_flat_line(self):
        self.assertEqual({point.split(",")[1] for point in self.chart(*[0] * 8).line.split()}, {"36"})

    def test_nonzero_share_is_at_least_one(self):
        self.assertEqual([share(1, 10_000), share(0, 5), share(5, 5), share(0, 0)], [1, 0, 100, 0])


class MostReadTests(TestCase):
    def test_deleted_article_is_left_out(self):
        article = make_draft()
        add_reads({(timezone.localdate() - timedelta(1), article.pk): 4})
        Article.objects.filter(pk=article.pk).delete()
        self.assertEqual(statistics_for(make_editor(), timezone.now())["most_read"], [])
