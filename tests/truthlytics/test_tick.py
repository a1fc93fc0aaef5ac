"""The command that runs periodic tasks."""

import logging
from io import StringIO
from unittest.mock import patch

from django.core.management import CommandError, call_command
from django.test import TestCase

from truthlytics.management.commands import tick


def fail(now):
    raise ValueError("the disk is full")


class TickTests(TestCase):
    def test_a_failed_task_is_logged_with_its_traceback_and_the_others_run(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        tasks = (("first", fail), ("second", lambda now: 3))
        with (
            patch.object(tick, "TASKS", tasks),
            self.assertLogs("truthlytics.management.commands.tick") as logs,
            self.assertRaisesMessage(CommandError, "first (the disk is full)"),
        ):
            call_command("tick")
        self.assertIn("in fail", logs.output[0])
        self.assertEqual(logs.records[1].getMessage(), "second: 3")

    def test_a_second_tick_does_nothing_while_one_is_running(self):
        said = []

        def tick_again(now):
            said.append(self.tick())
            return 1

        with patch.object(tick, "TASKS", (("inner", tick_again),)):
            for _ in range(2):
                self.assertEqual(self.tick(), "")
        self.assertEqual(said, ["Another tick is still running.\n"] * 2)

    def tick(self):
        call_command("tick", stdout=(out := StringIO()))
        return out.getvalue()

    def test_money_and_emails_come_before_images(self):
        labels = [label for label, _ in tick.TASKS]
        images = labels.index("images processed")
        self.assertEqual(
            labels[images:],
            ["images processed", "checkpoints confirmed by witnesses", "time stamps made", "sources checked"],
        )
        self.assertLess(labels.index("orders settled"), labels.index("reminders sent"))
