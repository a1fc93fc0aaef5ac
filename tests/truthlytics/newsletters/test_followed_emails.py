"""Emails about new articles of what readers follow: what, when, why, and nothing twice."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from unittest import mock

import time_machine
from django.core import mail
from django.test import TestCase, override_settings
from django.utils import timezone

from articles.models import Dossier
from articles.services.merge_topics import merge_topics
from articles.services.publishing import publish, withdraw
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_dossier, make_section, make_series, make_topic
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from tests.truthlytics.newsletters.factories import make_address
from truthlytics.newsletters.models import Address, Follow, FollowedEmail
from truthlytics.newsletters.services import followed_emails, follows

# A Wednesday.
NOON = datetime(2026, 7, 15, 12, tzinfo=UTC)


def make_follower(followed, *, frequency="at_once", since=NOON - timedelta(days=30), kind="author", **fields):
    """An address that has followed somebody or something for a month."""
    address = make_address(**fields)
    follows.follow(address=address, followed=[(kind, followed.pk)], frequency=frequency, now=since)
    return Address.objects.get(pk=address.pk)


@time_machine.travel(NOON, tick=False)
class FollowedEmailTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author = make_author(name="Ines Vidal")

    def publish(self, at=NOON - timedelta(hours=1), **fields):
        return make_article(at=at, **{"authors": [self.author]} | fields)

    def send(self, now=NOON):
        with self.captureOnCommitCallbacks(execute=True):
            return followed_emails.send_due(now)

    def subjects(self):
        return [message.subject for message in mail.outbox]

    def test_an_article_arrives_at_once_and_only_once(self):
        address = make_follower(self.author)
        article = self.publish(headline="The harbour", standfirst="It was never closed.")
        self.assertEqual(self.send(), 1)
        message = mail.outbox[0]
        self.assertEqual((message.to, message.subject), ([address.email], "The harbour"))
        for text in ("It was never closed.", article.get_absolute_url(), "because you follow Ines Vidal"):
            self.assertIn(text, message.body)
        for later in (NOON, NOON + timedelta(hours=1), NOON + timedelta(days=1)):
            self.assertEqual(self.send(later), 0)

    def test_the_next_tick_continues_after_some_seconds_and_sends_nothing_twice(self):
        for number in range(5):
            make_follower(self.author, email=f"reader{number}@example.org")
        self.publish()
        one_by_one = mock.patch.object(followed_emails, "CLAIM_SIZE", 1)
        with one_by_one, mock.patch.object(followed_emails.time, "monotonic", side_effect=range(100)):
            self.assertEqual([followed_emails.send_due(NOON, seconds=3) for _ in range(3)], [2, 2, 1])
        self.assertEqual(FollowedEmail.objects.values("address").distinct().count(), 5)

    def test_what_anything_that_is_followed_belongs_to(self):
        section, topic, series = make_section(), make_topic(), make_series()
        for kind, found in (("section", section), ("topic", topic), ("series", series)):
            make_follower(found, kind=kind, email=f"{kind}@example.org")
        self.publish(section=section, topics=[topic], series=series, series_part=1)
        self.assertEqual(self.send(), 3)
        self.publish()
        self.assertEqual(self.send(NOON + timedelta(hours=1)), 0)

    def test_no_gated_word_is_in_it(self):
        make_follower(self.author)
        self.publish(required_level=20, body="<p>Free.</p><hr data-gate><p>Gatedword.</p>")
        self.send()
        self.assertNotIn("Gatedword", mail.outbox[0].message().as_string())

    def test_what_appeared_before_is_not_sent(self):
        make_follower(self.author, since=NOON - timedelta(minutes=30))
        self.publish()
        self.assertEqual(self.send(), 0)

    def test_what_appeared_in_the_same_second_is_sent(self):
        make_follower(self.author, since=NOON - timedelta(hours=1, microseconds=-900_000))
        self.publish(at=NOON - timedelta(hours=1))
        self.assertEqual(self.send(), 1)

    def test_what_is_not_public_is_not_sent(self):
        make_follower(self.author)
        withdraw(item=self.publish())
        self.publish(at=NOON + timedelta(hours=1))
        self.assertEqual(self.send(), 0)
        self.assertEqual(self.send(NOON + timedelta(hours=2)), 1)

    def test_an_article_that_was_published_in_a_long_transaction_is_not_missed(self):
        make_follower(self.author)
        self.publish(headline="First")
        self.send()
        self.publish(at=NOON - followed_emails.DELAY + timedelta(seconds=1), headline="Second")
        self.send(NOON + timedelta(minutes=1))
        self.assertEqual(self.subjects(), ["First", "Second"])

    def test_several_articles_are_one_email_with_all_reasons(self):
        topic = make_topic(name="Ports")
        address = make_follower(self.author)
        follows.follow(address=address, followed=[("topic", topic.pk)], frequency="", now=NOON - timedelta(days=9))
        self.publish(headline="One", topics=[topic])
        self.publish(headline="Two", at=NOON - timedelta(minutes=30))
        self.assertEqual(self.send(), 1)
        self.assertEqual(self.subjects(), ["2 new articles: Two"])
        self.assertIn("because you follow Ines Vidal, Ports", mail.outbox[0].body)
        self.assertEqual(FollowedEmail.objects.count(), 2)

    @override_settings(TIME_ZONE="Europe/Berlin")
    def test_daily_and_weekly_emails_come_at_their_local_hour(self):
        # Five in UTC is seven in Berlin in July, and the 12th is a Sunday.
        cases = {
            "at_once": datetime(2026, 7, 11, 20, 2, tzinfo=UTC),
            "daily": datetime(2026, 7, 12, 5, 2, tzinfo=UTC),
            "weekly": datetime(2026, 7, 12, 5, 2, tzinfo=UTC),
        }
        with timezone.override("Europe/Berlin"):
            for frequency, due in cases.items():
                with self.subTest(frequency):
                    Address.objects.all().delete()
                    make_follower(self.author, frequency=frequency, since=due - timedelta(days=2))
                    self.publish(at=datetime(2026, 7, 11, 20, tzinfo=UTC))
                    self.assertEqual(self.send(due - timedelta(seconds=1)), 0)
                    self.assertEqual(self.send(due), 1)
            self.publish(at=datetime(2026, 7, 12, 8, tzinfo=UTC))
            self.assertEqual(self.send(datetime(2026, 7, 13, 9, tzinfo=UTC)), 0)
            self.assertEqual(self.send(datetime(2026, 7, 19, 9, tzinfo=UTC)), 1)

    def test_a_change_from_weekly_to_at_once_repeats_nothing(self):
        address = make_follower(self.author, frequency="at_once")
        self.publish()
        self.send()
        follows.follow(address=address, followed=(), frequency="daily", now=NOON)
        self.assertEqual(self.send(NOON + timedelta(days=1)), 0)

    def test_readers_who_want_no_emails_get_none(self):
        stopped, suppressed, gone = (make_follower(self.author) for _ in range(3))
        follows.stop(stopped, NOON)
        Address.objects.filter(pk=suppressed.pk).update(suppression="bounce", suppressed_at=NOON)
        follows.unfollow(address=gone, ids=gone.follows.values_list("pk", flat=True))
        make_address()
        self.publish()
        self.assertEqual(self.send(), 0)
        follows.resume(stopped)
        self.assertEqual(self.send(NOON + timedelta(minutes=1)), 1)

    def test_merged_topics_go_on(self):
        old, new = make_topic(), make_topic(name="Harbours")
        make_follower(old, kind="topic")
        merge_topics(topic=old, into=new)
        self.publish(topics=[new])
        self.assertEqual(self.send(), 1)
        self.assertIn("because you follow Harbours", mail.outbox[0].body)

    def change_dossier(self, dossier, *articles, at, **fields):
        """Publish `dossier` with these articles."""
        for name, value in fields.items():
            setattr(dossier, name, value)
        dossier.save()
        dossier.articles.all().delete()
        for position, article in enumerate(articles):
            dossier.articles.create(article=article, position=position)
        with time_machine.travel(at, tick=False):
            publish(item=dossier)

    def make_followed_dossier(self, *articles, **fields):
        """A dossier that was published two days ago and has had a follower since yesterday."""
        with time_machine.travel(NOON - timedelta(days=2), tick=False):
            dossier = make_dossier(*articles, title="The harbour files")
        make_follower(dossier, kind="dossier", since=NOON - timedelta(days=1), **fields)
        return dossier

    def test_an_old_article_that_joins_a_dossier_is_sent_once(self):
        first, old = (self.publish(headline=text, at=NOON - timedelta(days=300)) for text in ("First", "Old"))
        dossier = self.make_followed_dossier(first)
        self.assertEqual(self.send(), 0)
        self.change_dossier(dossier, first, old, at=NOON)
        Dossier.objects.update(title="A secret draft")
        self.assertEqual(self.send(NOON + timedelta(minutes=3)), 1)
        self.assertEqual(self.subjects(), ["Old"])
        self.assertIn("because you follow The harbour files", mail.outbox[0].body)
        self.change_dossier(dossier, first, at=NOON + timedelta(minutes=4), title="The files")
        self.change_dossier(dossier, old, first, at=NOON + timedelta(minutes=5))
        self.assertEqual(self.send(NOON + timedelta(minutes=9)), 0)

    def test_an_article_of_a_dossier_is_sent_when_it_appears(self):
        ahead = self.publish(headline="Ahead", at=NOON + timedelta(hours=1))
        gone = self.publish(headline="Gone", at=NOON + timedelta(hours=1))
        dossier = self.make_followed_dossier(ahead, gone)
        self.change_dossier(dossier, ahead, at=NOON, title="Renamed")
        self.assertEqual(self.send(NOON + timedelta(minutes=30)), 0)
        self.assertEqual(self.send(NOON + timedelta(hours=2)), 1)
        self.assertEqual(self.subjects(), ["Ahead"])
        self.assertIn("because you follow Renamed", mail.outbox[0].body)

    def test_dossiers_that_are_withdrawn_or_scheduled_send_nothing(self):
        article = self.publish(at=NOON - timedelta(days=300))
        dossier = self.make_followed_dossier(self.publish(at=NOON - timedelta(days=300)))
        dossier.articles.create(article=article, position=2)
        publish(item=dossier, at=NOON + timedelta(hours=1))
        self.assertEqual(self.send(NOON + timedelta(minutes=30)), 0)
        Dossier.objects.update(withdrawn_at=NOON + timedelta(minutes=90))
        self.assertEqual(self.send(NOON + timedelta(hours=2)), 0)

    def test_mail_programs_find_the_address_that_turns_it_off(self):
        address = make_follower(self.author)
        self.publish()
        self.send()
        headers = message_from_bytes(mail.outbox[0].message().as_bytes())
        self.assertEqual(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        url = re.search("/newsletters/[^>]+", headers["List-Unsubscribe"])[0]
        self.assertEqual(self.client.post(url, {"List-Unsubscribe": "One-Click"}).status_code, 200)
        address.refresh_from_db()
        self.assertIsNotNone(address.follows_stopped_at)

    def test_all_readers_are_found_in_batches_and_quiet_minutes_are_cheap(self):
        for _ in range(5):
            make_follower(self.author)
        self.publish()
        with mock.patch.object(followed_emails, "BATCH_SIZE", 2):
            self.assertEqual(self.send(), 5)
        self.assertEqual(FollowedEmail.objects.values("address").distinct().count(), 5)
        # The newest article and dossier for each of the three frequencies, and the readers who lack it.
        with self.assertNumQueries(7):
            self.send(NOON + timedelta(minutes=1))

    def test_readers_of_the_same_articles_share_a_text_with_links_of_their_own(self):
        for _ in range(3):
            make_follower(self.author)
        self.publish()
        with mock.patch.object(followed_emails, "render_email", wraps=followed_emails.render_email) as render:
            self.assertEqual(self.send(), 3)
        self.assertEqual(render.call_count, 1)
        links = {re.search("/newsletters/stop/[^/]+/", message.body)[0] for message in mail.outbox}
        self.assertEqual(len(links), 3)
        for link in links:
            self.assertEqual(self.client.get(link).status_code, 200)

    def test_what_was_not_sent_for_weeks_is_no_news(self):
        make_follower(self.author, since=NOON - timedelta(days=40))
        self.publish(at=NOON - timedelta(days=20))
        self.assertEqual(self.send(), 0)

    def test_the_record_is_deleted_later(self):
        make_follower(self.author)
        self.publish()
        self.send()
        self.assertEqual(followed_emails.delete_old(NOON + timedelta(days=89)), 0)
        self.assertEqual(followed_emails.delete_old(NOON + timedelta(days=91)), 1)


@time_machine.travel(NOON, tick=False)
class SimultaneousTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_processes_at_once_send_one_email_to_each_reader(self):
        author = make_author()
        for _ in range(3):
            make_follower(author)
        make_article(at=NOON - timedelta(hours=1), authors=[author])
        results = at_once(lambda: followed_emails.send_due(NOON), 3)
        self.assertEqual(sum(results), 3)
        self.assertEqual(FollowedEmail.objects.count(), 3)
        self.assertEqual(len({tuple(message.to) for message in mail.outbox}), len(mail.outbox))
        self.assertEqual(Follow.objects.count(), 3)
