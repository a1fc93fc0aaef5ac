"""Creating gift links: one for each article and giver, ten a month, also under concurrent requests."""

from datetime import UTC, datetime, timedelta
from unittest import mock

from django.db import IntegrityError, transaction
from django.test import TestCase
from django.utils import timezone

from articles.models import GiftLink, gift_links
from articles.services.gift_links import NoneLeftError
from tests.articles.gift_links import make_gift_link
from tests.budget import takes_longer
from tests.factories import make_article, make_subscriber, make_version
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase
from truthlytics.web.read_counter import open_counter

MARCH = datetime(2026, 3, 2, 12, tzinfo=UTC)
THREADS = 20


class GiftLinkTests(TestCase):
    def setUp(self):
        self.giver = make_subscriber()
        self.article = make_article(required_level=10)

    def give_ten(self, at):
        return [make_gift_link(make_article(required_level=10), self.giver, at=at) for _ in range(10)]

    def test_giving_again_returns_the_same_link(self):
        first = make_gift_link(self.article, self.giver)
        self.assertEqual(make_gift_link(self.article, self.giver), first)
        self.assertNotEqual(make_gift_link(self.article, make_subscriber()).token, first.token)
        self.assertEqual(len(first.token), 22)

    def test_request_that_began_earlier_returns_the_same_link(self):
        first = make_gift_link(self.article, self.giver, at=MARCH)
        self.assertEqual(make_gift_link(self.article, self.giver, at=MARCH - timedelta(seconds=1)), first)

    def test_expired_link_is_replaced_and_still_counts(self):
        first = make_gift_link(self.article, self.giver, at=MARCH)
        second = make_gift_link(self.article, self.giver, at=MARCH + timedelta(days=14))
        self.assertNotEqual(first.token, second.token)
        first.refresh_from_db()
        self.assertEqual(first.replaced_at, MARCH + timedelta(days=14))
        self.assertEqual(GiftLink.objects.of(self.giver).left(MARCH), 8)

    def test_eleventh_link_waits_for_the_next_month(self):
        self.give_ten(MARCH)
        with self.assertRaises(NoneLeftError):
            make_gift_link(self.article, self.giver, at=MARCH + timedelta(days=28))
        self.assertEqual(GiftLink.objects.count(), 10)
        make_gift_link(self.article, self.giver, at=MARCH + timedelta(days=31))
        make_gift_link(self.article, make_subscriber(), at=MARCH)

    def test_months_begin_in_the_time_zone_of_the_publication(self):
        self.give_ten(MARCH)
        with timezone.override("Europe/Berlin"):
            link = make_gift_link(self.article, self.giver, at=datetime(2026, 3, 31, 22, 30, tzinfo=UTC))
        self.assertEqual(str(link.month), "2026-04-01")

    def test_failed_replacement_leaves_the_old_link(self):
        old = make_gift_link(self.article, self.giver, at=MARCH)
        later = MARCH + timedelta(days=20)
        for _ in range(9):
            make_gift_link(make_article(required_level=10), self.giver, at=later)
        with self.assertRaises(NoneLeftError):
            make_gift_link(self.article, self.giver, at=later)
        old.refresh_from_db()
        self.assertIsNone(old.replaced_at)

    def test_link_is_replaced_when_the_article_requires_more(self):
        first = make_gift_link(self.article, self.giver)
        make_version(self.article, required_level=20)
        second = make_gift_link(self.article, self.giver)
        self.assertEqual((second.level, GiftLink.objects.current().get()), (20, second))
        self.assertNotEqual(first.token, second.token)

    def test_database_refuses_an_eleventh_slot_and_a_second_link(self):
        link = make_gift_link(self.article, self.giver)
        same = {"giver": self.giver, "month": link.month, "level": 10}
        for article, slot in [(make_article(), 11), (make_article(), 0), (make_article(), 1), (self.article, 2)]:
            with self.subTest(slot=slot), self.assertRaises(IntegrityError), transaction.atomic():
                GiftLink.objects.create(article=article, slot=slot, **same)

    def test_deleted_account_gives_nothing(self):
        self.giver.is_active = False
        self.giver.save()
        with self.assertRaises(type(self.giver).DoesNotExist):
            make_gift_link(self.article, self.giver)


class GiftLinkRaceTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_twenty_requests_for_twenty_articles_get_ten_links(self):
        giver, articles = make_subscriber(), [make_article(required_level=10) for _ in range(THREADS)]
        outcomes = race(lambda number: make_gift_link(articles[number], giver), THREADS)
        self.assertEqual(sum(isinstance(outcome, GiftLink) for outcome in outcomes), 10)
        self.assertEqual(sum(isinstance(outcome, NoneLeftError) for outcome in outcomes), 10)
        self.assertEqual(sorted(GiftLink.objects.values_list("slot", flat=True)), list(range(1, 11)))

    @takes_longer("Many threads use the database at once.")
    def test_twenty_requests_for_one_article_get_one_link(self):
        giver, article = make_subscriber(), make_article(required_level=10)
        outcomes = race(lambda number: make_gift_link(article, giver).token, THREADS)
        self.assertEqual(set(outcomes), {GiftLink.objects.get().token})

    @takes_longer("Many threads use the database at once.")
    def test_concurrent_opens_are_all_counted(self):
        link = make_gift_link(make_article(required_level=10), make_subscriber())
        counter = open_counter(GiftLink.objects.add_opens)
        with mock.patch.object(gift_links, "OPENS", counter):
            race(lambda number: link.count_open(), THREADS)
        counter.flush()
        link.refresh_from_db()
        self.assertEqual(link.opens, THREADS)
