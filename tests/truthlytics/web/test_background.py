"""`db_worker --tick`: the workers of several queues and the periodic tasks in one process."""

import logging
from contextlib import ExitStack
from threading import Event, Thread
from types import SimpleNamespace
from unittest import mock

from django.core.management import call_command
from django.db import OperationalError
from django.test import SimpleTestCase, TestCase

from truthlytics.management.commands import db_worker, tick


class FakeWorker(SimpleNamespace):
    """Has no task, until it is told to stop."""

    def __init__(self, work=lambda: None, **attributes):
        super().__init__(queue_names=["default"], interval=0, running=True, running_task=False, **attributes)
        self.work = work

    def run(self):
        self.work()
        while self.running:
            Event().wait(0.01)


class BackgroundTests(SimpleTestCase):
    def setUp(self):
        stack = self.enterContext(ExitStack())
        for name in ("end_with_parent", "signal"):
            stack.enter_context(mock.patch.object(db_worker, name))
        self.tick = stack.enter_context(mock.patch.object(db_worker.Background, "tick"))
        stack.enter_context(mock.patch.multiple(db_worker, FIRST_TICK=0, TICK_INTERVAL=0.01))

    def test_it_runs_tick_again_and_again_until_it_is_stopped(self):
        background = db_worker.Background([FakeWorker(), FakeWorker()])
        ticks = []

        def count():
            ticks.append(1)
            if len(ticks) == 3:
                background.stop()

        self.tick.side_effect = count
        background.run()
        self.assertEqual(len(ticks), 3)
        self.assertEqual([worker.running for worker in background.workers], [False, False])

    def test_a_task_that_runs_is_completed(self):
        worker, finish, ended = FakeWorker(), Event(), Event()

        def work():
            worker.running_task = True
            finish.wait(60)
            worker.running_task = False

        worker.work = work
        background = db_worker.Background([worker])

        def run():
            background.run()
            ended.set()

        Thread(target=run).start()
        while not worker.running_task:
            Event().wait(0.01)
        background.stop()
        self.assertFalse(ended.wait(1.2))
        finish.set()
        self.assertTrue(ended.wait(60))

    def test_a_worker_that_fails_ends_the_process(self):
        background = db_worker.Background(
            [FakeWorker(mock.Mock(side_effect=OperationalError("no such table"))), FakeWorker()]
        )
        with self.assertRaises(SystemExit) as caught:
            background.run()
        self.assertEqual(caught.exception.code, 1)

    def test_each_name_gets_a_worker_of_its_own(self):
        with mock.patch.object(db_worker, "Background") as background:
            call_command("db_worker", "--queue-name", "default", "slow", "--tick")
        (workers,) = background.call_args.args
        self.assertEqual([worker.queue_names for worker in workers], [["default"], ["slow"]])


class TickTests(TestCase):
    def setUp(self):
        for name in ("close_old_connections", "back_up"):
            self.enterContext(mock.patch.object(db_worker, name))
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        self.task = mock.Mock(return_value=1)
        self.enterContext(mock.patch.object(tick, "TASKS", (("done", self.task), ("also done", self.task))))
        self.background = db_worker.Background([])

    def test_it_runs_the_periodic_tasks(self):
        with self.assertLogs("truthlytics.management.commands.tick") as logs:
            self.background.tick()
        self.assertEqual([record.getMessage() for record in logs.records], ["done: 1", "also done: 1"])

    def test_without_a_database_it_logs_one_line(self):
        away = mock.patch.object(
            db_worker, "connection", mock.Mock(ensure_connection=mock.Mock(side_effect=OperationalError("refused")))
        )
        with away, self.assertLogs("truthlytics.management.commands.db_worker") as logs:
            self.background.tick()
        self.assertIn("The database is unavailable (refused).", logs.output[0])
        self.task.assert_not_called()

    def test_it_stops_between_two_tasks(self):
        self.task.side_effect = lambda now: self.background.stop()
        self.background.tick()
        self.task.assert_called_once()
