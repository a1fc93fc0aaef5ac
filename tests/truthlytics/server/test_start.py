"""`manage.py start`: what it does before the processes run, and what runs then."""

import json
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from unittest import mock

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from django.test import SimpleTestCase, TestCase

from tests.transactions import TransactionTestCase
from tests.truthlytics.server.served import free_port
from truthlytics.management.commands import serve, start
from truthlytics.server.services import Service

AWAY = OperationalError("could not connect to server:\nConnection refused")


class StartTests(TestCase):
    def start(self, **options):
        """Return the commands that were called, and the configuration that the supervisor got."""
        with (
            mock.patch.object(start, "call_command") as called,
            mock.patch.object(serve.os, "execve") as execve,
            # A key would stay for other tests, which then find that the record can be signed.
            mock.patch.object(start, "make_record_key"),
            # Closes the connection, which is that of the test.
            mock.patch.object(start.Command, "print_setup_address"),
        ):
            call_command("start", port=free_port(), stdout=StringIO(), **options)
        return [call.args[0] for call in called.call_args_list], json.loads(execve.call_args.args[1][-1])

    def test_it_prepares_the_site_and_runs_web_server_and_tasks(self):
        commands, config = self.start(host="127.0.0.2")
        self.assertEqual((commands, config["address"]["host"]), (["migrate"], "127.0.0.2"))
        web, tasks = (Service(**service) for service in config["services"])
        self.assertEqual((web.command[-1], web.listens, tasks.listens), ("truthlytics.wsgi", True, False))
        self.assertEqual(tasks.command[-5:], ["--queue-name", "default", "slow", "newsletters", "--tick"])

    def test_it_collects_static_files_only_if_there_are_none(self):
        for exists, expected in ((False, ["migrate", "collectstatic"]), (True, ["migrate"])):
            with (
                self.subTest(exists=exists),
                mock.patch.object(staticfiles_storage, "manifest_name", "staticfiles.json", create=True),
                mock.patch.object(staticfiles_storage, "exists", return_value=exists, create=True),
            ):
                self.assertEqual(self.start()[0], expected)

    def test_a_taken_port_ends_it_before_it_changes_anything(self):
        taken = mock.patch.object(start.Command, "worker_count", side_effect=CommandError("Port 80 is already in use."))
        with taken, mock.patch.object(start, "call_command") as called, self.assertRaises(CommandError):
            call_command("start")
        called.assert_not_called()


class MissingFilesTests(SimpleTestCase):
    def test_serve_refuses_to_run_without_static_files_in_one_sentence(self):
        manifest = mock.patch.object(staticfiles_storage, "manifest_name", "staticfiles.json", create=True)
        missing = mock.patch.object(staticfiles_storage, "exists", return_value=False, create=True)
        with manifest, missing, self.assertRaisesMessage(CommandError, "Run `manage.py collectstatic`."):
            call_command("serve", port=free_port())


class DatabaseTests(SimpleTestCase):
    @contextmanager
    def postgres(self, failures):
        """A PostgreSQL server that refuses the first connections."""
        connect = mock.Mock(side_effect=[AWAY] * failures + [None])
        fake = mock.Mock(vendor="postgresql", ensure_connection=connect)
        clock = mock.Mock(monotonic=lambda: connect.call_count)
        with mock.patch.multiple(start, connection=fake, time=clock):
            yield clock.sleep

    def test_it_waits_for_a_database_that_starts_and_says_so_once(self):
        errors = StringIO()
        with self.postgres(failures=5) as sleep:
            start.Command(stderr=errors).wait_for_database()
        self.assertEqual(sleep.call_count, 5)
        sentence = "The database does not answer (could not connect to server: Connection refused). Trying for 60 s.\n"
        self.assertEqual(errors.getvalue(), sentence)

    def test_after_a_minute_it_gives_up(self):
        with self.postgres(failures=100), self.assertRaisesMessage(OperationalError, "Connection refused"):
            start.Command(stderr=StringIO()).wait_for_database()


class LockTests(TransactionTestCase):
    def test_a_second_start_waits_until_the_first_is_done(self):
        inside, done, events = Event(), Event(), []

        def second():
            inside.wait(60)
            with start.Command().one_at_a_time():
                events.append("second")
            connections.close_all()
            done.set()

        Thread(target=second).start()
        with start.Command().one_at_a_time():
            inside.set()
            self.assertFalse(done.wait(0.2))
            events.append("first")
        self.assertTrue(done.wait(60))
        self.assertEqual(events, ["first", "second"])
        if connection.vendor == "sqlite":
            Path(f"{connection.settings_dict['NAME']}.start-lock").unlink()
