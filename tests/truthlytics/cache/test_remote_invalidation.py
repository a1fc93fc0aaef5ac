"""Invalidation across two machines that share a PostgreSQL database."""

import tempfile
import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from unittest import mock

from django.db import OperationalError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from tests.budget import takes_longer
from tests.factories import make_article, make_comment, make_version
from tests.transactions import TransactionTestCase
from tests.truthlytics.server.served import ServedTestCase
from truthlytics.cache import invalidation, remote_invalidation
from truthlytics.cache.models import PageChange
from truthlytics.cache.remote_invalidation import RemoteInvalidation
from truthlytics.web.generations import Generations

CHANGES, READS = 25, 5
# On a busy machine the polling thread may be late; a change that was missed never arrives.
TIMEOUT = 30
FOLDER = tempfile.TemporaryDirectory()
FILES = [Path(FOLDER.name) / name for name in ("here", "one", "other")]


class LocalMachine:
    """Runs the test on a machine of its own."""

    def setUp(self):
        self.enterContext(override_settings(PAGE_CACHE_MACHINES=True, PAGE_CACHE_FILE=FILES[0]))
        invalidation.site_generations.cache_clear()
        self.addCleanup(invalidation.site_generations.cache_clear)
        super().setUp()


class DeletionTests(TransactionTestCase):
    def test_old_rows_are_deleted(self):
        now = timezone.now()
        for hours in (0, 2):
            PageChange.objects.create(machine=1, transaction=1, tags="a", made_at=now - timedelta(hours=hours))
        self.assertEqual((remote_invalidation.delete_old(now), PageChange.objects.count()), (1, 1))


if connection.vendor == "postgresql":

    class PollTests(LocalMachine, TransactionTestCase):
        def setUp(self):
            super().setUp()
            self.remote = Generations(FILES[1])
            self.invalidation = RemoteInvalidation(self.remote, FILES[1])
            self.invalidation.poll()

        def poll_invalidates(self, tag="a"):
            """Return whether a poll invalidates `tag` on the other machine."""
            before = self.remote.stamps([tag], self.remote.snapshot())
            self.invalidation.poll()
            return not self.remote.are_current(before)

        def test_committed_changes_arrive_once_and_rolled_back_changes_never(self):
            invalidation.invalidate("a")
            self.assertEqual([self.poll_invalidates(), self.poll_invalidates()], [True, False])
            with transaction.atomic():
                invalidation.invalidate("a")
                transaction.set_rollback(True)
            self.assertFalse(self.poll_invalidates())

        def test_slow_transactions_are_not_missed(self):
            written, may_commit = Event(), Event()

            def slowly():
                with transaction.atomic():
                    invalidation.invalidate("slow")
                    written.set()
                    may_commit.wait(10)
                connection.close()

            slow = Thread(target=slowly)
            slow.start()
            written.wait(10)
            invalidation.invalidate("a")
            self.assertEqual(
                [self.poll_invalidates(), self.poll_invalidates(), self.poll_invalidates("slow")], [True, False, False]
            )
            may_commit.set()
            slow.join()
            self.assertEqual([self.poll_invalidates("slow"), self.poll_invalidates("a")], [True, False])

        def test_a_machine_ignores_its_own_changes(self):
            remote_invalidation.publish(["a"], machine=self.remote.machine())
            self.assertFalse(self.poll_invalidates())

        def test_after_a_start_or_a_long_gap_everything_is_invalidated(self):
            self.invalidation = RemoteInvalidation(self.remote, FILES[1])
            self.assertTrue(self.poll_invalidates("anything"))
            self.invalidation._polled_at -= remote_invalidation.MAX_GAP + 1
            self.assertTrue(self.poll_invalidates("anything"))
            self.assertFalse(self.poll_invalidates("anything"))

        def test_after_a_failover_or_on_another_server_everything_is_invalidated(self):
            """A standby may lack the last transactions, and gives their numbers to others."""
            self.invalidation._timeline = "00000000"
            self.assertTrue(self.poll_invalidates("anything"))
            self.invalidation._since += 1_000_000
            self.assertTrue(self.poll_invalidates("anything"))
            self.assertFalse(self.poll_invalidates("anything"))

        def test_a_poll_says_until_when_this_machine_knows_of_all_changes(self):
            before = int(time.time())
            self.invalidation.poll()
            self.assertGreaterEqual(self.remote.followed_until(), before)
            with mock.patch.object(RemoteInvalidation, "poll", side_effect=OperationalError):
                self.invalidation.poll_safely()
            self.assertLessEqual(self.remote.followed_until(), int(time.time()))

        def test_a_lost_connection_is_reopened_and_nothing_is_missed(self):
            with mock.patch.object(RemoteInvalidation, "poll", side_effect=OperationalError):
                self.invalidation.poll_safely()
            invalidation.invalidate("a")
            self.assertTrue(self.poll_invalidates())

        def test_no_transaction_stays_open(self):
            self.invalidation.poll()
            self.assertFalse(connection.in_atomic_block)
            with connection.cursor() as cursor:
                cursor.execute("SELECT state FROM pg_stat_activity WHERE datname = current_database()")
                self.assertEqual({row for row in cursor.fetchall() if "transaction" in (row[0] or "")}, set())

    @takes_longer("Servers run beside the test.")
    class TwoMachinesTests(LocalMachine, ServedTestCase):
        servers = [{"PAGE_CACHE_FILE": str(file)} for file in FILES[1:]]

        def wait(self):
            """Wait until both machines know of all that is committed by now."""
            started, committed = time.monotonic(), int(time.time()) + 1
            while any(machine.followed_until() < committed for machine in self.machines):
                self.assertLess(time.monotonic(), started + TIMEOUT, "A change never arrived.")
                time.sleep(0.05)

        def test_changes_arrive_and_no_later_read_is_stale(self):
            self.assertLess(remote_invalidation.POLL_INTERVAL, 1)
            self.machines = [Generations(file) for file in FILES[1:]]
            article = make_article(headline="Headline 0.")
            address = article.get_absolute_url()
            reads = stale = 0
            for number in range(1, CHANGES + 1):
                text = f"Headline {number}."
                for port in self.ports:
                    self.read(port, address)
                with transaction.atomic():
                    if number % 4:
                        make_version(article, headline=text)
                    else:
                        text = make_comment(article=article, text=f"Comment {number}.").text
                self.wait()
                for _ in range(READS):
                    for port in self.ports:
                        reads += 1
                        stale += text not in self.read(port, address)
            self.assertEqual((reads, stale), (CHANGES * READS * 2, 0))
