"""The demo runs a server, a worker and the periodic tasks."""

from io import StringIO
from unittest import mock

from django.core.management.base import CommandError
from django.test import SimpleTestCase

from truthlytics.management.commands import demo


class ServeTests(SimpleTestCase):
    def test_tick_runs_every_five_minutes(self):
        child = mock.Mock()
        child.poll.side_effect = [None] * 40 + [1] * 2
        minutes = []
        clock = mock.Mock(sleep=lambda seconds: minutes.append(1), monotonic=lambda: 60 * len(minutes))
        with (
            mock.patch.object(demo.subprocess, "Popen", return_value=child) as popen,
            mock.patch.object(demo, "time", clock),
            mock.patch.object(demo, "signal"),
            self.assertRaisesMessage(CommandError, "exited"),
        ):
            demo.Command(stdout=StringIO()).serve(8000)
        started = [call.args[0][-1] for call in popen.call_args_list]
        self.assertEqual(started, ["8000", "*", *["tick"] * 4])  # in 20 minutes
