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
            call_command("tick", stdout=(out := StringIO()))
        self.assertEqual(out.getvalue(), "second: 3\n")
        self.assertIn("in fail", logs.output[0])
