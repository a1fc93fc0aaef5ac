"""Who was seen today is remembered by all processes of a machine, bounded, and forgotten at midnight."""

import os
import subprocess
import sys
from datetime import date, timedelta
from unittest import mock

from django.test import SimpleTestCase

from truthlytics.statistics import seen
from truthlytics.statistics.seen import PER_ADDRESS, PER_AGENT, PER_ARTICLE, Answer, Seen, shared_memory

DAY = date(2026, 7, 10)


def answers(memory, calls, day=DAY):
    with memory.on(day):
        return [memory.open(*call) for call in calls]


class SeenTests(SimpleTestCase):
    def setUp(self):
        self.memory = Seen()

    def test_a_person_is_new_once_for_each_article_and_day(self):
        calls = [("192.0.2.1", "a", 1), ("192.0.2.1", "a", 2), ("192.0.2.1", "b", 1), ("192.0.2.2", "a", 1)]
        for day in (DAY, DAY + timedelta(1)):
            self.assertEqual(answers(self.memory, calls, day), [Answer.NEW] * 4)
            self.assertEqual(answers(self.memory, calls, day), [Answer.AGAIN] * 4)

    def test_reading_to_the_half_counts_once(self):
        with self.memory.on(DAY):
            self.memory.open("192.0.2.1", "a", 1)
            self.assertEqual([self.memory.read_to_half("192.0.2.1", "a", 1) for _ in range(3)], [True, False, False])

    def test_nothing_of_a_day_is_left_on_the_next(self):
        answers(self.memory, [(f"192.0.2.{number}", "a", 1) for number in range(200)])
        before = bytes(self.memory.memory)
        with self.memory.on(DAY + timedelta(1)):
            pass
        after = bytes(self.memory.memory)
        self.assertGreater(len(before) - before.count(0), 800)
        self.assertLessEqual(len(after) - after.count(0), 40)
        self.assertNotEqual(before[16:48], after[16:48])

    def test_the_same_person_looks_different_with_another_key(self):
        marks = set()
        for memory in (Seen(), Seen()):
            with memory.on(DAY):
                marks.add(memory._hash("192.0.2.1", "a", 1))
        self.assertEqual(len(marks), 2)

    def test_one_address_is_only_so_many_people(self):
        agents = answers(self.memory, [("192.0.2.1", f"agent {number}", 1) for number in range(2000)])
        self.assertEqual(agents.count(Answer.NEW), PER_ARTICLE)
        articles = answers(self.memory, [("192.0.2.2", "a", number) for number in range(2000)])
        self.assertEqual(articles.count(Answer.NEW), PER_AGENT)
        both = answers(self.memory, [("192.0.2.3", f"agent {number % 97}", number) for number in range(50_000)])
        self.assertEqual(both.count(Answer.NEW), PER_ADDRESS)
        self.assertLess(both.count(Answer.NEW), 0.011 * 50_000)

    def test_refused_people_do_not_use_up_what_others_may_do(self):
        answers(self.memory, [("192.0.2.1", f"agent {number}", 1) for number in range(5000)])
        self.assertEqual(answers(self.memory, [("192.0.2.1", "a", 2)]), [Answer.NEW])

    def test_a_full_table_counts_nobody_else_and_still_knows_the_others(self):
        with mock.patch.object(seen, "MAX_USED", 100):
            people = [(f"192.0.{number // 200}.{number % 200}", "a", 1) for number in range(300)]
            found = answers(self.memory, people)
            self.assertEqual((found.count(Answer.NEW), found.count(Answer.FULL)), (100, 200))
            self.assertEqual(answers(self.memory, people[:100]), [Answer.AGAIN] * 100)
            with self.memory.on(DAY):
                self.assertFalse(self.memory.read_to_half(*people[0]))

    def test_with_many_people_nearly_all_are_told_apart(self):
        people = [(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", "a", n % 2000) for n in range(60_000)]
        self.assertEqual(answers(self.memory, people).count(Answer.NEW), 60_000)

    def test_processes_share_the_memory_of_their_supervisor(self):
        descriptor = shared_memory()
        self.addCleanup(os.close, descriptor)
        os.set_inheritable(descriptor, True)
        program = (
            "import sys; from datetime import date; from truthlytics.statistics.seen import Seen;"
            f"memory = Seen({descriptor})\n"
            f"with memory.on(date({DAY.year}, {DAY.month}, {DAY.day})):\n"
            "    print([memory.open('192.0.2.1', f'agent {number}', 1).value for number in range(3)])"
        )
        command = [sys.executable, "-c", program]
        outputs = [
            subprocess.run(command, capture_output=True, text=True, check=True, close_fds=False).stdout
            for _ in range(2)
        ]
        self.assertEqual(outputs, ["['new', 'new', 'new']\n", "['again', 'again', 'again']\n"])
        self.assertEqual(answers(Seen(descriptor), [("192.0.2.1", "agent 1", 1)]), [Answer.AGAIN])

    def test_memory_of_another_version_is_not_used(self):
        descriptor = os.memfd_create("test")
        self.addCleanup(os.close, descriptor)
        os.ftruncate(descriptor, 4096)
        self.assertEqual(answers(Seen(descriptor), [("192.0.2.1", "a", 1)]), [Answer.NEW])

    def test_machines_that_ask_each_other_count_a_person_once(self):
        known = set()

        def elsewhere(mark):
            is_known = mark in known
            known.add(mark)
            return is_known

        machines = [Seen(elsewhere=elsewhere, shared_key=lambda day: b"k" * 32) for _ in range(2)]
        found = [answers(machine, [("192.0.2.1", "a", 1)])[0] for machine in machines]
        self.assertEqual(found, [Answer.NEW, Answer.AGAIN])
        halves = []
        for machine in machines:
            with machine.on(DAY):
                halves.append(machine.read_to_half("192.0.2.1", "a", 1))
        self.assertEqual(halves, [True, False])
