"""Several processes count into files of their own, and what was counted outlives them."""

import errno
import logging
import os
import signal
import warnings
from multiprocessing import get_context
from unittest import mock

from django.test import SimpleTestCase, override_settings

from tests.budget import takes_longer
from tests.truthlytics.metrics.site import TOKEN, CountedCase, samples
from tests.truthlytics.server.served import ServedTestCase
from truthlytics.metrics import slots
from truthlytics.metrics.counters import Counters

FORK = get_context("fork")


class Worker:
    """A process that has counted a request, and runs until it is killed."""

    def __init__(self, count=1):
        self.connection, other = FORK.Pipe()
        self.process = FORK.Process(target=self.run, args=(other, count))
        with warnings.catch_warnings():
            # Other tests of this process have left threads, which the fork does not need.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.process.start()
        self.slot = self.connection.recv()

    def run(self, connection, count):
        counters = Counters()
        for _ in range(count):
            counters.count_request("/", "GET", "200", "hit")
        connection.send(slots.slot_of(os.getpid()))
        signal.pause()

    def kill(self):
        self.process.kill()
        self.process.join()


class ProcessTests(CountedCase, SimpleTestCase):
    def start(self, count=1):
        worker = Worker(count)
        self.addCleanup(worker.kill)
        return worker

    def total(self):
        found = self.metrics(self.site_around(mock.Mock()))
        return sum(value for key, value in found.items() if key[0] == "truthlytics_requests_total")

    def test_a_successor_continues_the_counts_of_a_killed_process(self):
        first, second = self.start(3), self.start(4)
        self.assertEqual((first.slot, second.slot), (1, 2))
        first.kill()
        self.assertEqual(self.total(), 7)
        self.forget_slots()
        self.assertEqual(self.start(2).slot, 1)
        self.assertEqual(self.total(), 9)

    def test_replaced_processes_leave_no_files_behind(self):
        for _ in range(5):
            self.start().kill()
        self.assertEqual(len(list(slots.folder().iterdir())), 3)

    def test_a_forked_process_does_not_share_the_files_of_its_parent(self):
        self.assertEqual(slots.slot_of(os.getpid()), 1)
        self.assertEqual(self.start().slot, 2)

    def test_a_supervisor_that_starts_deletes_only_what_nobody_uses(self):
        first, second = self.start(), self.start()
        slots.file_of("counter", first.slot).write_bytes(b"damaged by a power failure")
        first.kill()
        slots.clean()
        self.assertEqual(self.total(), 1)
        self.assertTrue(slots.file_of("counter", second.slot).exists())

    def test_files_from_before_the_machine_was_started_are_not_continued(self):
        first = self.start()
        first.kill()
        slots.file_of("counter", first.slot).write_bytes(b"damaged by a power failure")
        other = slots.folder() / "other-boot"
        other.write_text("another start")
        with mock.patch.object(slots, "BOOT", other):
            self.assertEqual(self.start(2).slot, 1)
        self.assertEqual(self.total(), 2)

    def test_on_a_full_disk_the_site_serves_without_counting(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        full = OSError(errno.ENOSPC, "No space left on device")
        with (
            mock.patch("os.posix_fallocate", side_effect=full),
            self.assertLogs("truthlytics.metrics", "WARNING") as logs,
        ):
            Counters().count_request("/", "GET", "200", "hit")
        self.assertIn("No space left", logs.output[0])
        # No incomplete file that would keep all others from being read.
        self.assertEqual([path.name for path in slots.folder().iterdir()], ["1.lock"])

    def test_the_space_of_the_files_is_reserved(self):
        slots.slot_of(os.getpid())
        for kind in slots.KINDS:
            stat = slots.file_of(kind, 1).stat()
            self.assertGreaterEqual(stat.st_blocks * 512, slots.SIZE)


@takes_longer("Servers or workers run beside the test.")
class ServedTests(ServedTestCase):
    servers = [{"METRICS_TOKEN": TOKEN}]

    def test_metrics_of_a_server_before_and_after_a_reload(self):
        (port,) = self.ports
        before = self.answered(port)
        self.assertGreaterEqual(before, 1)
        self.processes[0].send_signal(signal.SIGHUP)
        for _ in range(5):
            self.read(port, "/robots.txt")
        self.assertGreaterEqual(self.answered(port), before + 5)

    def answered(self, port):
        found = samples(self.read(port, "/metrics", Authorization=f"Bearer {TOKEN}"))
        self.assertEqual(sum(value for key, value in found.items() if key[0] == "truthlytics_reading_failed"), 0)
        return sum(
            value for key, value in found.items()
            if key[0] == "truthlytics_requests_total" and ("route", "robots") in key
        )  # fmt: skip


@override_settings(METRICS=True)
class CleaningTests(SimpleTestCase):
    def test_serve_cleans_before_the_supervisor_starts(self):
        from truthlytics.management.commands import serve

        with mock.patch.object(serve.slots, "clean") as clean, mock.patch("os.execve") as start:
            start.side_effect = lambda *_: clean.assert_called_once_with()
            serve.Command().run_supervisor([], host="", port=1, uds=None)
        start.assert_called_once()
