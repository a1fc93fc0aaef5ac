"""Link checks: when a source counts as gone, and how articles change then."""

from datetime import timedelta
from io import StringIO
from unittest.mock import patch

from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from articles.models import Source
from articles.services import link_checks
from articles.services.link_checks import check_due, check_links
from articles.sources.availability import Outcome
from tests.factories import make_article, make_source
from truthlytics.publication.models import Publication

URL = "https://example.org/report"
WEEK, DAY = timedelta(days=7), timedelta(days=1)


def body_with(*urls):
    return "".join(f'<p>Words.<sup data-footnote="Report {url}"></sup></p>' for url in urls)


class LinkCheckTests(TestCase):
    def setUp(self):
        self.now = timezone.now()
        self.article = make_article(body=body_with(URL))
        self.asked = []

    def run_at(self, now, outcome, **options):
        def check(url, **kwargs):
            self.asked.append(url)
            return outcome

        return check_links(now=now, check=check, **options)

    def is_gone(self):
        return Source.objects.get().gone_at is not None

    def test_gone_after_two_failures_a_week_apart(self):
        for days, expected in ((0, False), (6, False), (7, True)):
            self.run_at(self.now + days * DAY, Outcome.MISSING)
            self.assertEqual(self.is_gone(), expected, days)
        self.assertEqual(len(self.asked), 2)

    def test_success_between_failures_starts_again(self):
        for week, outcome in enumerate((Outcome.MISSING, Outcome.FOUND, Outcome.MISSING)):
            self.run_at(self.now + week * WEEK, outcome)
        self.assertFalse(self.is_gone())

    def test_inconclusive_checks_change_nothing(self):
        for week, outcome in enumerate((Outcome.MISSING, Outcome.UNKNOWN, Outcome.MISSING)):
            self.run_at(self.now + week * WEEK, outcome)
        self.assertTrue(self.is_gone())
        self.run_at(self.now + 3 * WEEK, Outcome.UNKNOWN)
        self.assertTrue(self.is_gone())

    def test_page_changes_when_a_source_is_gone_or_back(self):
        for week, outcome, expected in (
            (0, Outcome.MISSING, False),
            (1, Outcome.MISSING, True),
            (2, Outcome.FOUND, False),
        ):
            self.run_at(self.now + week * WEEK, outcome)
            self.article.live.refresh_from_db()
            self.assertEqual(self.article.live.free_sources[0]["is_gone"], expected)

    def test_only_cited_sources_on_the_web_are_checked(self):
        make_source("https://example.org/unused")
        make_source("", title="Minutes")
        make_article(body='<p><a href="/media/x.pdf" data-source="">x</a></p>')
        self.assertEqual(self.run_at(self.now, Outcome.FOUND), 1)
        self.assertEqual(self.asked, [URL])

    def test_limit_and_order(self):
        make_article(body=body_with("https://example.org/a", "https://example.org/b"))
        self.assertEqual(self.run_at(self.now, Outcome.FOUND, limit=2), 2)
        self.assertEqual(self.run_at(self.now, Outcome.FOUND), 1)
        self.assertEqual(len(set(self.asked)), 3)

    def test_run_ends_after_its_time(self):
        self.assertEqual(self.run_at(self.now, Outcome.FOUND, seconds=0), 0)

    def test_source_taken_by_a_concurrent_run_is_skipped(self):
        def check(url, **kwargs):
            self.assertEqual(check_links(now=self.now, check=check), 0)
            return Outcome.FOUND

        self.assertEqual(check_links(now=self.now, check=check), 1)

    def test_requests_to_one_host_are_paced_and_identified(self):
        pauses, agents = [], []

        def check(url, user_agent, wait):
            agents.append(user_agent)
            for host in ("example.org", "example.org", "other.example"):
                wait(host)
            return Outcome.FOUND

        with self.settings(SITE_URL="https://news.example"):
            check_links(now=self.now, check=check, sleep=pauses.append)
        self.assertEqual(agents, ["link-check (+https://news.example/)"])
        self.assertEqual([round(pause) for pause in pauses], [round(link_checks.PAUSE)])


class TickTests(TestCase):
    def test_off_by_default_and_on_by_setting(self):
        make_article(body=body_with(URL))
        with patch.object(link_checks, "check_links", return_value=1) as check:
            self.assertEqual(check_due(timezone.now()), 0)
            check.assert_not_called()
            Publication.objects.create(check_links=True)
            self.assertEqual(check_due(timezone.now()), 1)

    def test_command_says_how_many_are_gone(self):
        make_article(body=body_with(URL))
        Source.objects.update(gone_at=timezone.now(), checked_at=timezone.now())
        out = StringIO()
        call_command("check_links", stdout=out)
        self.assertEqual(out.getvalue(), "0 sources checked, 1 cited sources are gone\n")
