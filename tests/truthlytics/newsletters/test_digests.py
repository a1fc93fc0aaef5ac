"""Digests by schedule: at the local time, once, with what is new."""

from datetime import UTC, date, datetime, time, timedelta

import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.utils import timezone

from tests.factories import make_article, make_section
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Issue, Newsletter
from truthlytics.newsletters.services import decisions
from truthlytics.newsletters.services.digests import create_due, latest_occurrence, new_articles

HOUR = timedelta(hours=1)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


class OccurrenceTests(TestCase):
    def occurrence(self, now, at=time(8), zone="Europe/Berlin", **fields):
        newsletter = Newsletter(schedule="daily", time=at, **fields)
        with timezone.override(zone):
            return latest_occurrence(newsletter, now)

    def test_it_follows_the_local_clock_through_the_year(self):
        for now, due in (
            (utc(2026, 1, 10, 7, 0), utc(2026, 1, 10, 7, 0)),
            (utc(2026, 1, 10, 6, 59), utc(2026, 1, 9, 7, 0)),
            (utc(2026, 7, 10, 6, 0), utc(2026, 7, 10, 6, 0)),
            # The clocks go forward on 29 March.
            (utc(2026, 3, 29, 6, 30), utc(2026, 3, 29, 6, 0)),
            (utc(2026, 3, 29, 5, 30), utc(2026, 3, 28, 7, 0)),
        ):
            with self.subTest(now):
                self.assertEqual(self.occurrence(now)[1], due)

    def test_a_skipped_time_comes_an_hour_later_and_a_repeated_one_counts_once(self):
        self.assertEqual(self.occurrence(utc(2026, 3, 29, 12), time(2, 30))[1], utc(2026, 3, 29, 1, 30))
        first = utc(2026, 10, 25, 0, 30)
        for minutes in (0, 59, 61, 120):
            found = self.occurrence(first + timedelta(minutes=minutes), time(2, 30))
            self.assertEqual(found, (date(2026, 10, 25), first))

    def test_a_weekly_one_keeps_its_day(self):
        newsletter = Newsletter(schedule="weekly", weekday=4, time=time(8))
        with timezone.override("Europe/Berlin"):
            day, _at = latest_occurrence(newsletter, utc(2026, 11, 26, 12))
        self.assertEqual(day, date(2026, 11, 20))


@time_machine.travel(utc(2026, 11, 25, 12), tick=False)
class DigestTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        with time_machine.travel(utc(2026, 11, 20, 12), tick=False):
            cls.section = make_section(position=2)
            cls.newsletter = make_newsletter(schedule="daily", time=time(8))
            cls.address = make_address(cls.newsletter)

    def article(self, at, **fields):
        with time_machine.travel(at, tick=False):
            return make_article(**{"section": self.section} | fields)

    def run_at(self, at):
        with time_machine.travel(at, tick=False), self.captureOnCommitCallbacks(execute=True):
            return create_due(timezone.now())

    def due(self, day):
        with time_machine.travel(utc(2026, 11, day, 23, 59), tick=False):
            return latest_occurrence(self.newsletter, timezone.now())[1]

    def test_a_digest_is_made_and_sent_once(self):
        article = self.article(utc(2026, 11, 25, 1))
        at = self.due(25)
        self.assertEqual(self.run_at(at - HOUR), 0)
        self.assertEqual([self.run_at(at + HOUR / 60), self.run_at(at + HOUR)], [1, 0])
        issue = Issue.objects.get()
        self.assertEqual((issue.state, issue.kind, issue.digest_day), ("sent", "digest", date(2026, 11, 25)))
        self.assertEqual([row.article for row in issue.articles.all()], [article])
        self.assertEqual(
            [(message.to, message.subject) for message in mail.outbox], [([self.address.email], article.headline)]
        )

    def test_it_goes_on_where_the_last_one_ended(self):
        first = self.article(self.due(25) - HOUR)
        self.run_at(self.due(25) + HOUR)
        # In the minutes between the time of the digest and when it was made.
        second = self.article(self.due(25) + HOUR / 2)
        third = self.article(self.due(26) - HOUR)
        self.run_at(self.due(26) + HOUR)
        digests = [[row.article for row in issue.articles.all()] for issue in Issue.objects.order_by("pk")]
        self.assertEqual(digests, [[first], [third, second]])

    def test_an_empty_one_is_left_out_also_when_something_appears_later_that_day(self):
        self.assertEqual(self.run_at(self.due(25) + HOUR), 0)
        self.article(self.due(25) + HOUR)
        self.assertEqual(self.run_at(self.due(25) + 2 * HOUR), 0)
        self.assertFalse(Issue.objects.exists())

    def test_it_catches_up_within_a_day(self):
        self.article(self.due(25) - HOUR)
        self.assertEqual(self.run_at(self.due(25) + 23 * HOUR), 1)

    def test_what_is_later_than_a_day_waits_for_the_next_one(self):
        Newsletter.objects.update(schedule="weekly", weekday=2)
        self.newsletter.refresh_from_db()
        self.article(self.due(25) - HOUR)
        self.assertEqual(self.run_at(self.due(25) + 25 * HOUR), 0)
        with time_machine.travel(self.due(25) + timedelta(days=7, hours=1), tick=False):
            self.assertEqual(create_due(timezone.now()), 1)

    def test_a_new_schedule_makes_no_digest_of_the_past(self):
        self.article(self.due(25) - HOUR)
        Newsletter.objects.update(scheduled_since=self.due(25) + HOUR)
        self.assertEqual(self.run_at(self.due(25) + 2 * HOUR), 0)

    def test_it_waits_for_approval(self):
        Newsletter.objects.update(needs_approval=True)
        self.article(self.due(25) - HOUR)
        self.run_at(self.due(25) + HOUR)
        self.assertEqual((Issue.objects.get().state, mail.outbox), ("waiting", []))

    def test_a_cancelled_one_is_not_made_again_and_its_articles_are_in_the_next(self):
        article = self.article(self.due(25) - HOUR)
        Newsletter.objects.update(needs_approval=True)
        self.run_at(self.due(25) + HOUR)
        decisions.cancel(issue=Issue.objects.get())
        self.assertEqual(self.run_at(self.due(25) + 2 * HOUR), 0)
        self.run_at(self.due(26) + HOUR)
        self.assertEqual([row.article for row in Issue.objects.latest("pk").articles.all()], [article])

    def test_the_database_refuses_a_second_one_of_a_day(self):
        make_issue(self.newsletter, kind="digest", digest_day=date(2026, 11, 25))
        with self.assertRaises(IntegrityError), transaction.atomic():
            make_issue(self.newsletter, kind="digest", digest_day=date(2026, 11, 25))

    def test_only_its_sections_in_their_order_and_nothing_that_was_sent(self):
        until = self.due(25)
        front, other = make_section(position=1), make_section(position=3)
        old, new = self.article(until - 3 * HOUR), self.article(until - HOUR)
        first = self.article(until - 2 * HOUR, section=front)
        self.article(until - HOUR, section=other)
        make_issue(self.newsletter, self.article(until - HOUR, section=front))
        self.newsletter.sections.set([self.section, front])
        self.assertEqual(new_articles(self.newsletter, until, until=until), [first, new, old])
