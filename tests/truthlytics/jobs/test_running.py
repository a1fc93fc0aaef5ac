"""Groups of periodic jobs: what fails, takes too long or is still running keeps no other from its turn."""

import logging
from datetime import timedelta
from io import StringIO
from unittest import mock

import time_machine
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.utils import timezone

from truthlytics.jobs.groups import NAMES, Group, Job
from truthlytics.jobs.listed import GROUPS
from truthlytics.jobs.models import JobProblem
from truthlytics.jobs.problems import delay
from truthlytics.jobs.running import run_group
from truthlytics.management.commands import tick


def fail(now):
    raise ValueError("the disk is full")


def never_end(now):
    while True:
        pass


def group_of(*jobs, name="test"):
    return Group(name, tuple(Job(*job) for job in jobs))


class RunningTests(TestCase):
    def setUp(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)

    def run_group(self, *jobs, **options):
        with self.assertLogs("truthlytics.jobs.running") as self.logs:
            return run_group(group_of(*jobs), **options)

    def test_a_failed_job_is_logged_with_its_traceback_and_the_others_run(self):
        self.assertEqual(self.run_group(("first", fail), ("second", lambda now: 3)), ["first (the disk is full)"])
        self.assertIn("in fail", self.logs.output[0])
        self.assertEqual(self.logs.records[1].getMessage(), "second: 3")

    def test_a_job_that_never_ends_is_ended_and_the_others_run(self):
        self.run_group(("endless", never_end, 0.05), ("second", lambda now: 3))
        self.assertEqual(self.logs.records[1].getMessage(), "second: 3")
        self.assertIn("did not end within 0.05 seconds", JobProblem.objects.get(job="endless").problem)

    def test_a_job_that_keeps_failing_is_tried_less_often_until_it_succeeds(self):
        job = mock.Mock(side_effect=ValueError("no"))
        start = timezone.now()
        for minute in range(60):
            with time_machine.travel(start + timedelta(minutes=minute), tick=False):
                self.run_group(("failing", job), ("other", lambda now: 1))
        self.assertEqual(job.call_count, 10)
        job.side_effect, job.return_value = None, 1
        with time_machine.travel(start + timedelta(hours=2), tick=False):
            self.run_group(("failing", job))
        self.assertFalse(JobProblem.objects.exists())

    def test_a_job_waits_ten_times_as_long_as_it_ran_but_at_most_an_hour(self):
        self.assertEqual(delay(1, 1), timedelta(seconds=30))
        self.assertEqual(delay(1, 120), timedelta(minutes=20))
        self.assertEqual(delay(1, 10_000), timedelta(hours=1))
        self.assertEqual(delay(10_000, 0), timedelta(minutes=10))

    def test_a_group_that_is_running_is_left_out_and_others_are_not(self):
        same, other = mock.Mock(return_value=1), mock.Mock(return_value=1)

        def run_others(now):
            run_group(group_of(("inner", same)))
            run_group(group_of(("inner", other), name="other"))
            return 1

        self.run_group(("outer", run_others))
        same.assert_not_called()
        other.assert_called_once()

    def test_it_stops_between_two_jobs(self):
        jobs = mock.Mock(return_value=1)
        self.run_group(("first", jobs), ("second", jobs), is_stopping=lambda: jobs.called)
        jobs.assert_called_once()


class CommandTests(TestCase):
    def test_it_names_what_failed(self):
        groups = (group_of(("first", fail)), group_of(("second", lambda now: 1)))
        with (
            mock.patch.object(tick, "GROUPS", groups),
            self.assertRaisesMessage(CommandError, "first (the disk is full"),
        ):
            call_command("tick")

    def test_chosen_groups_only(self):
        jobs = {name: mock.Mock(return_value=0) for name in ("a", "b")}
        groups = [group_of((name, job), name=name) for name, job in jobs.items()]
        with mock.patch.object(tick, "GROUPS", groups):
            call_command("tick", "b", stdout=StringIO())
            with self.assertRaisesMessage(CommandError, "There is no group of jobs named c."):
                call_command("tick", "c")
        jobs["a"].assert_not_called()
        jobs["b"].assert_called_once()


class ListTests(TestCase):
    def test_what_strangers_can_send_shares_no_lock_with_money_publication_and_codes(self):
        group_of = {job.label: group.name for group in GROUPS for job in group.jobs}
        outside = {name for label, name in group_of.items() if label in {"delivery reports read", "sources checked"}}
        own = ("orders settled", "scheduled versions published", "interrupted tasks retried", "images processed")
        self.assertEqual(outside, {"outside"})
        self.assertEqual(len({group_of[label] for label in own} | outside), 5)

    def test_groups_have_the_names_by_which_others_know_them(self):
        self.assertEqual(tuple(group.name for group in GROUPS), NAMES)

    def test_labels_are_unique_and_fit_their_column(self):
        labels = [job.label for group in GROUPS for job in group.jobs]
        self.assertEqual(len(labels), len(set(labels)))
        self.assertLessEqual(max(map(len, labels)), JobProblem._meta.get_field("job").max_length)
