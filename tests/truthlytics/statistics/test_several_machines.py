"""Machines with a Redis in common count a person once; without an answer from it, each counts for itself."""

import shutil
import subprocess
import time
from contextlib import suppress
from datetime import date
from unittest import SkipTest

from django.core.cache import caches
from django.test import SimpleTestCase, override_settings

from tests.truthlytics.server.served import free_port
from truthlytics.env import cache_settings
from truthlytics.statistics.counter import seconds_to_midnight, seen_elsewhere, shared_key
from truthlytics.statistics.seen import Answer, Seen

DAY = date(2026, 7, 10)


def machine():
    return Seen(elsewhere=seen_elsewhere, shared_key=shared_key)


def open_on(memory, address="192.0.2.1"):
    with memory.on(DAY):
        return memory.open(address, "agent", 1), memory.read_to_half(address, "agent", 1)


class SeveralMachinesTests(SimpleTestCase):
    def use_redis(self, port):
        self.enterContext(override_settings(CACHES={"default": cache_settings(f"redis://127.0.0.1:{port}/0")}))

    def start_redis(self):
        import redis

        if not (path := shutil.which("redis-server")):
            raise SkipTest("Redis is not installed.")
        port = free_port()
        command = [path, "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.use_redis(port)
        client = redis.Redis(port=port)
        for _ in range(100):
            with suppress(redis.exceptions.ConnectionError):
                client.ping()
                return client
            time.sleep(0.05)
        raise AssertionError("Redis did not start.")

    def test_a_person_counts_once_and_is_forgotten_at_midnight(self):
        client = self.start_redis()
        first, second = machine(), machine()
        self.assertEqual(open_on(first), (Answer.NEW, True))
        self.assertEqual(open_on(second), (Answer.AGAIN, False))
        self.assertEqual(open_on(second, "192.0.2.2"), (Answer.NEW, True))
        keys = list(client.scan_iter("*seen*"))
        self.assertEqual(len(keys), 5)
        self.assertFalse([key for key in keys if b"192" in key])
        for key in keys:
            self.assertIn(client.ttl(key), range(1, seconds_to_midnight() + 1))

    def test_without_redis_each_machine_counts_for_itself(self):
        self.use_redis(1)
        self.addCleanup(lambda: caches["default"]._memory.clear())
        self.assertEqual(open_on(machine()), (Answer.NEW, True))
        caches["default"]._memory.clear()
        self.assertEqual(open_on(machine()), (Answer.NEW, True))
