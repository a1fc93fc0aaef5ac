"""Failed tasks are retried until they expire, every email is sent once, and no secret stays in the queue."""

import json
import time
from datetime import timedelta
from io import StringIO
from unittest import mock

from django.core.management import call_command
from django.db import OperationalError
from django.test import SimpleTestCase
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from articles.services.media import make_renditions
from subscriptions.emails.delivery import send_sign_up
from tests.truthlytics.web.mail_server import (
    FAILED,
    GREYLISTED,
    MINUTE,
    READY,
    REFUSED,
    RUNNING,
    SECONDS,
    SUCCESSFUL,
    UNKNOWN,
    MailServer,
    QueueTests,
    worker,
)
from truthlytics.cache.purges import send as send_purges
from truthlytics.web import tasks
from truthlytics.web.queues import SLOW


def failed_tasks(*arguments):
    output = StringIO()
    call_command("failed_tasks", *arguments, stdout=output)
    return output.getvalue()


class RetryTests(QueueTests):
    def test_delays_grow_up_to_a_tenth_of_the_lifetime(self):
        row = self.enqueue(lifetime=MINUTE * 15)
        delays = []
        for attempts in (1, 2, 3, 4, 5, 50):
            row.worker_ids = ["test"] * attempts
            delays.append(round(tasks.delay(row).total_seconds()))
        self.assertEqual(delays, [10, 20, 40, 80, 90, 90])
        row = self.enqueue(lifetime=timedelta(days=3))
        row.worker_ids = ["test"] * 50
        self.assertEqual(tasks.delay(row), timedelta(hours=1))

    def test_expired_email_is_not_sent(self):
        row = self.enqueue(lifetime=MINUTE * 15)
        with self.later(MINUTE * 16):
            self.run_worker()
        row.refresh_from_db()
        self.assertEqual((MailServer.accepted, row.status), ([], FAILED))
        self.assertNotIn("secret", json.dumps(row.args_kwargs))

    def test_email_is_retried_until_it_expires(self):
        row = self.enqueue(lifetime=MINUTE * 15)
        MailServer.fail(on_open=REFUSED)
        self.run_worker_for(MINUTE * 14, step=SECONDS)
        row.refresh_from_db()
        self.assertEqual(row.status, READY)
        self.assertGreater(len(row.worker_ids), 10)
        self.run_worker_for(MINUTE * 20, step=MINUTE)
        row.refresh_from_db()
        self.assertEqual((row.status, set(row.args_kwargs["kwargs"])), (FAILED, {"to", "subject", "expires"}))

    def test_other_tasks_are_retried_for_a_day(self):
        row = DBTaskResult.objects.get(pk=make_renditions.enqueue(0).id)
        with mock.patch("articles.services.media.Image") as image:
            image.objects.select_for_update.side_effect = image.objects.filter.side_effect = OSError("disk full")
            image.objects.get.side_effect = OSError("disk full")
            self.run_worker()
            row.refresh_from_db()
            self.assertEqual((row.status, row.run_after > timezone.now()), (READY, True))
            with self.later(timedelta(days=2)):
                self.run_worker()
        row.refresh_from_db()
        self.assertEqual((row.status, row.args_kwargs), (FAILED, tasks.NO_ARGUMENTS))

    def test_tasks_of_the_code_before_find_their_function(self):
        for old in tasks.MOVED:
            row = self.enqueue()
            DBTaskResult.objects.filter(pk=row.pk).update(task_path=old)
            self.run_worker()
            row.refresh_from_db()
            self.assertEqual((len(MailServer.accepted), row.status, row.traceback), (1, SUCCESSFUL, ""))

    def test_operator_retries_failed_emails(self):
        row = self.enqueue()
        MailServer.fail(on_send=UNKNOWN)
        self.run_worker()
        MailServer.fail(on_open=REFUSED)
        self.enqueue()
        self.run_worker()
        MailServer.fail()
        output = failed_tasks()
        for text in ("nadia@example.org A notice: failed after 1", "no such user", "next attempt"):
            self.assertIn(text, output)
        self.assertIn("Tasks to run again: 2", failed_tasks("--retry"))
        self.run_worker()
        row.refresh_from_db()
        self.assertEqual((len(MailServer.accepted), row.status), (2, SUCCESSFUL))
        self.assertEqual(failed_tasks(), "No task has failed.\n")

    def test_expired_emails_are_not_retried_by_the_operator(self):
        self.enqueue()
        MailServer.fail(on_send=UNKNOWN)
        self.run_worker()
        with self.later(timedelta(days=4)):
            self.assertIn("Tasks to run again: 0", failed_tasks("--retry"))


class InterruptedTests(QueueTests):
    def kill_worker(self, ago):
        row = self.enqueue()
        row.claim("killed")
        DBTaskResult.objects.update(started_at=timezone.now() - ago)
        return row

    def test_tick_retries_tasks_of_killed_workers(self):
        self.kill_worker(MINUTE * 11)
        call_command("tick", stdout=mock.Mock())
        call_command("tick", stdout=mock.Mock())
        with self.later(MINUTE):
            self.run_worker()
        self.assertEqual(len(MailServer.accepted), 1)

    def test_starting_worker_retries_them_too(self):
        row = self.kill_worker(MINUTE * 11)
        self.run_worker()
        row.refresh_from_db()
        self.assertEqual(row.status, READY)

    def test_tasks_without_arguments_are_retried_too(self):
        send_purges.enqueue()
        row = DBTaskResult.objects.get(task_path=send_purges.module_path)
        row.claim("killed")
        DBTaskResult.objects.update(started_at=timezone.now() - MINUTE * 11)
        self.assertEqual(tasks.retry_interrupted(timezone.now()), 1)
        with self.later(MINUTE):
            self.run_worker()
        row.refresh_from_db()
        self.assertEqual((row.status, row.args_kwargs), (SUCCESSFUL, tasks.NO_ARGUMENTS))

    def test_running_tasks_are_left_alone(self):
        row = self.kill_worker(MINUTE * 9)
        self.assertEqual(tasks.retry_interrupted(timezone.now()), 0)
        row.refresh_from_db()
        self.assertEqual(row.status, RUNNING)

    def test_worker_killed_before_it_settled_a_failure(self):
        row = self.enqueue()
        row.claim("killed")
        row.set_failed(REFUSED)
        self.assertEqual(tasks.retry_interrupted(timezone.now()), 1)
        self.assertEqual(tasks.retry_interrupted(timezone.now()), 0)

    def test_settling_an_earlier_attempt_changes_nothing(self):
        row = self.enqueue()
        row.claim("first")
        row.set_failed(REFUSED)
        newer = DBTaskResult.objects.get(pk=row.pk)
        newer.claim("second")
        tasks.settle(row, timezone.now())
        newer.refresh_from_db()
        self.assertEqual(newer.status, RUNNING)

    def test_result_is_recorded_when_the_database_is_back(self):
        row = self.enqueue()
        record = DBTaskResult.set_successful
        calls = []

        def away_twice(self, value):
            calls.append(value)
            if len(calls) < 3:
                raise OperationalError("server closed the connection")
            record(self, value)

        served = worker(batch=False, max_tasks=1)
        patches = (mock.patch.object(DBTaskResult, "set_successful", away_twice), mock.patch("time.sleep"))
        with patches[0], patches[1] as sleep, mock.patch("django.db.connections.close_all"):
            served.run()
        row.refresh_from_db()
        self.assertEqual((row.status, len(MailServer.accepted)), (SUCCESSFUL, 1))
        self.assertEqual([call.args[0] for call in sleep.call_args_list], [1, 2])


class TimeLimitTests(QueueTests):
    def never_end(self, messages):
        while True:
            pass

    def run_endless(self):
        endless = mock.patch.object(MailServer, "send_messages", self.never_end)
        with endless, mock.patch.object(tasks, "LIMIT", 0.05):
            self.run_worker()

    def test_a_task_that_never_ends_is_ended_and_tried_less_and_less_often(self):
        row = self.enqueue()
        for attempt, seconds in enumerate((10, 20, 40)):
            with self.later(MINUTE * attempt) as now:
                self.run_endless()
            row.refresh_from_db()
            self.assertEqual((row.status, row.run_after), (READY, now + timedelta(seconds=seconds)))
        self.assertIn("It did not end within 0.05 seconds.", row.traceback)
        self.assertEqual(tasks.ended_tasks().get(), row)

    def test_others_are_run_meanwhile(self):
        row = self.enqueue()
        self.run_endless()
        self.enqueue()
        self.run_worker()
        self.assertEqual(len(MailServer.accepted), 1)
        row.refresh_from_db()
        self.assertEqual(row.status, READY)

    def test_long_tasks_exist(self):
        for path in tasks.LONG_TASKS:
            self.assertEqual(import_string(path).module_path, path)

    def test_waiting_for_the_database_does_not_count(self):
        record, calls = DBTaskResult.set_successful, []

        def away(row, value):
            calls.append(value)
            time.sleep(0.1)
            record(row, value)

        row = self.enqueue()
        with mock.patch.object(DBTaskResult, "set_successful", away), mock.patch.object(tasks, "LIMIT", 0.08):
            self.run_worker()
        row.refresh_from_db()
        self.assertEqual((row.status, len(calls)), (SUCCESSFUL, 1))


class WorkerTests(SimpleTestCase):
    def test_worker_waits_for_the_database(self):
        away = [OperationalError("refused")] * 7 + [None]
        with (
            mock.patch.object(tasks, "retry_interrupted", side_effect=away),
            mock.patch("django_tasks_db.management.commands.db_worker.Worker.run") as run,
            mock.patch("time.sleep") as sleep,
            mock.patch("django.db.connections.close_all") as close,
        ):
            worker(batch=False).run()
        run.assert_called_once_with()
        self.assertEqual(close.call_count, 7)
        self.assertEqual([call.args[0] for call in sleep.call_args_list], [1, 2, 4, 8, 16, 30, 30])

    def test_worker_does_not_wait_for_tables(self):
        missing = OperationalError("no such table: django_tasks_database_dbtaskresult")
        with (
            mock.patch.object(tasks, "retry_interrupted", side_effect=missing),
            mock.patch("time.sleep") as sleep,
            self.assertRaises(OperationalError),
        ):
            worker(batch=False).run()
        sleep.assert_not_called()


class PruningTests(QueueTests):
    def test_sent_emails_leave_no_text(self):
        row = self.enqueue()
        self.run_worker()
        row.refresh_from_db()
        self.assertEqual((row.status, row.args_kwargs), (SUCCESSFUL, tasks.NO_ARGUMENTS))

    def test_tick_removes_the_text_of_expired_failures(self):
        row = self.enqueue()
        MailServer.fail(on_send=UNKNOWN)
        self.run_worker()
        row.refresh_from_db()
        self.assertIn("the secret", row.args_kwargs["kwargs"]["text"])  # for a retry by the operator
        with self.later(timedelta(days=3, minutes=1)):
            call_command("tick", stdout=mock.Mock())
        row.refresh_from_db()
        self.assertEqual(set(row.args_kwargs["kwargs"]), {"to", "subject", "expires"})

    def test_tick_deletes_finished_tasks(self):
        self.enqueue()
        self.run_worker()
        self.enqueue()
        MailServer.fail(on_send=UNKNOWN)
        self.run_worker()
        waiting = self.enqueue()
        for days, left in ((0.9, 3), (1.1, 2), (13, 2), (15, 1)):
            with self.later(timedelta(days=days)) as now:
                tasks.delete_finished(now)
            self.assertEqual(DBTaskResult.objects.count(), left, days)
        self.assertEqual(DBTaskResult.objects.get(), waiting)


class LaneTests(QueueTests):
    def test_emails_and_images_have_queues_of_their_own(self):
        make_renditions.enqueue(0)
        self.enqueue()
        worker(queue_names=["default"]).run()
        self.assertEqual(len(MailServer.accepted), 1)
        self.assertEqual(DBTaskResult.objects.get(status=READY).queue_name, SLOW)

    def test_codes_come_before_emails_that_nobody_waits_for(self):
        for _ in range(3):
            self.enqueue()
        expires = (timezone.now() + MINUTE * 15).isoformat()
        with self.captureOnCommitCallbacks(execute=True):
            send_sign_up.enqueue(to="ada@example.org", code="ABC-DEF", expires=expires, again=False)
            worker(batch=False, max_tasks=1).run()
        worker(batch=False, max_tasks=1).run()
        self.assertEqual([email.to for email in MailServer.accepted], [["ada@example.org"]])

    def test_emails_come_first_where_one_worker_runs_both(self):
        make_renditions.enqueue(0)
        self.enqueue()
        worker(batch=False, max_tasks=1).run()
        self.assertEqual(len(MailServer.accepted), 1)


class FindProblemTests(QueueTests):
    def problem(self):
        return "; ".join(problem for problem, _details in tasks.find_problems(timezone.now()))

    def test_waiting_tasks(self):
        self.enqueue()
        self.assertEqual(self.problem(), "")
        with self.later(MINUTE * 6):
            self.assertEqual(self.problem(), "tasks are waiting for a worker")

    def test_task_waits_from_the_time_at_which_it_can_start(self):
        now = timezone.now()
        self.enqueue_in_the_past(timedelta(hours=1))
        self.assertTrue(tasks.waiting_since(now - MINUTE, now).exists())
        DBTaskResult.objects.update(run_after=now - timedelta(seconds=2))
        self.assertFalse(tasks.waiting_since(now - MINUTE, now).exists())

    def test_a_queue_without_a_worker_is_noticed_while_the_other_is_served(self):
        self.enqueue_in_the_past()
        images = self.enqueue_in_the_past()
        DBTaskResult.objects.filter(pk=images.pk).update(queue_name=SLOW)
        images.refresh_from_db()
        images.claim("images")
        ((problem, details),) = tasks.find_problems(timezone.now())
        self.assertEqual(problem, "tasks are waiting for a worker")
        self.assertIn("queues: default?", details)

    def test_long_queue_is_no_problem_while_a_worker_starts_tasks(self):
        self.enqueue_in_the_past()
        busy = self.enqueue_in_the_past()
        busy.claim("test")
        self.assertEqual(self.problem(), "")

    def test_mail_outage(self):
        self.enqueue()
        MailServer.fail(on_open=REFUSED)
        self.run_worker()
        self.assertEqual(self.problem(), "")
        self.run_worker_for(MINUTE * 6, step=MINUTE)
        with self.later(MINUTE * 6) as now:
            self.assertEqual(self.problem(), "the mail server accepts no email")
            self.assertIn("Connection refused", next(tasks.find_problems(now))[1])
        MailServer.fail()
        with self.later(MINUTE * 9):
            self.run_worker()
            self.assertEqual(self.problem(), "")

    def test_one_bad_address_is_no_problem(self):
        for error in (UNKNOWN, GREYLISTED):
            self.enqueue()
            MailServer.fail(on_send=error)
            self.run_worker_for(MINUTE * 20, step=MINUTE)
        for minutes in range(0, 90, 5):
            with self.later(MINUTE * minutes):
                self.run_worker()
                self.assertEqual(self.problem(), "", minutes)

    def test_many_failures_are_a_problem_unless_more_succeed(self):
        MailServer.fail(on_send=UNKNOWN)
        for _ in range(3):
            self.enqueue()
        self.run_worker()
        self.assertEqual(self.problem(), "tasks are failing")
        MailServer.fail()
        for _ in range(3):
            self.enqueue()
        self.run_worker()
        self.assertEqual(self.problem(), "")
