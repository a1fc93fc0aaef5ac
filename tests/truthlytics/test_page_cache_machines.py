"""Two machines, one PostgreSQL database: a change is known to both within a second. SQLite is one machine."""

import tempfile
import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from unittest import mock

from django.db import OperationalError, connection, transaction
from django.test import TransactionTestCase, override_settings
from django.utils import timezone

from tests.factories import make_article, make_comment, make_version
from tests.truthlytics.serving import ServedTestCase
from truthlytics.cache import invalidation, remote_invalidation
from truthlytics.cache.remote_invalidation import Follower
from truthlytics.models import PageChange
from truthlytics.web.generations import Generations

CHANGES, READS = 25, 20
# A busy machine may give the thread that follows no time for a moment; a change that was missed never comes.
PATIENCE, MOST = 10, 0.8
FOLDER = tempfile.TemporaryDirectory()
FILES = [Path(FOLDER.name) / name for name in ("here", "one", "other")]


class Here:
    """What the test changes is changed on a machine of its own."""

    def setUp(self):
        self.enterContext(override_settings(PAGE_CACHE_MACHINES=True, PAGE_CACHE_FILE=FILES[0]))
        invalidation.site_generations.cache_clear()
        self.addCleanup(invalidation.site_generations.cache_clear)
        super().setUp()


class ForgettingTests(TransactionTestCase):
    def test_what_everybody_heard_is_forgotten(self):
        now = timezone.now()
        for hours in (0, 2):
            PageChange.objects.create(machine=1, transaction=1, tags="a", made_at=now - timedelta(hours=hours))
        self.assertEqual((remote_invalidation.forget_old(now), PageChange.objects.count()), (1, 1))


if connection.vendor == "postgresql":

    class FollowerTests(Here, TransactionTestCase):
        def setUp(self):
            super().setUp()
            self.there = Generations(FILES[1])
            self.follower = Follower(self.there, FILES[1])
            self.follower.ask()

        def hears(self, tag="a"):
            """Whether asking changes what `tag` stands for over there."""
            before = self.there.marks([tag], self.there.snapshot())
            self.follower.ask()
            return not self.there.hold(before)

        def test_what_is_committed_is_heard_once_and_what_is_rolled_back_is_not(self):
            invalidation.changed("a")
            self.assertEqual([self.hears(), self.hears()], [True, False])
            with transaction.atomic():
                invalidation.changed("a")
                transaction.set_rollback(True)
            self.assertFalse(self.hears())

        def test_a_transaction_that_takes_long_is_not_missed(self):
            told, enough = Event(), Event()

            def slowly():
                with transaction.atomic():
                    invalidation.changed("slow")
                    told.set()
                    enough.wait(10)
                connection.close()

            slow = Thread(target=slowly)
            slow.start()
            told.wait(10)
            invalidation.changed("a")
            self.assertEqual([self.hears(), self.hears(), self.hears("slow")], [True, False, False])
            enough.set()
            slow.join()
            self.assertEqual([self.hears("slow"), self.hears("a")], [True, False])

        def test_its_own_changes_are_not_heard_again(self):
            remote_invalidation.tell(["a"], machine=self.there.machine())
            self.assertFalse(self.hears())

        def test_whoever_starts_or_was_away_for_long_forgets_everything(self):
            self.follower = Follower(self.there, FILES[1])
            self.assertTrue(self.hears("anything"))
            self.follower._asked -= remote_invalidation.LOST + 1
            self.assertTrue(self.hears("anything"))
            self.assertFalse(self.hears("anything"))

        def test_a_lost_connection_is_made_anew_and_nothing_is_missed(self):
            with mock.patch.object(Follower, "ask", side_effect=OperationalError):
                self.follower.ask_if_well()
            invalidation.changed("a")
            self.assertTrue(self.hears())

        def test_no_transaction_stays_open(self):
            self.follower.ask()
            self.assertFalse(connection.in_atomic_block)
            with connection.cursor() as cursor:
                cursor.execute("SELECT state FROM pg_stat_activity WHERE datname = current_database()")
                self.assertEqual({row for row in cursor.fetchall() if "transaction" in (row[0] or "")}, set())

    class TwoMachinesTests(Here, ServedTestCase):
        servers = [{"PAGE_CACHE_FILE": str(file)} for file in FILES[1:]]

        def heard_after(self, before):
            """Seconds until both machines, which stood at the epochs `before`, know that something has changed."""
            committed = time.monotonic()
            while any(there.epoch() == epoch for there, epoch in zip(self.there, before, strict=True)):
                self.assertLess(time.monotonic(), committed + PATIENCE, "A change was never heard of.")
                time.sleep(0.05)
            return time.monotonic() - committed

        def test_a_change_is_heard_of_in_a_second_and_no_read_of_a_thousand_is_stale_after_it(self):
            self.there = [Generations(file) for file in FILES[1:]]
            article = make_article(headline="Headline 0.")
            address = article.get_absolute_url()
            reads = stale = in_time = 0
            for number in range(1, CHANGES + 1):
                words = f"Headline {number}."
                for port in self.ports:
                    self.read(port, address)
                before = [there.epoch() for there in self.there]
                with transaction.atomic():
                    if number % 4:
                        make_version(article, headline=words)
                    else:
                        words = make_comment(article=article, text=f"Comment {number}.").text
                in_time += self.heard_after(before) <= 1
                for _ in range(READS):
                    for port in self.ports:
                        reads += 1
                        stale += words not in self.read(port, address)
            self.assertEqual((reads, stale), (CHANGES * READS * 2, 0))
            self.assertGreaterEqual(in_time, CHANGES * MOST)
