"""`manage.py start`: what it does before the processes run, and what runs then."""

import json
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from unittest import mock

from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import SimpleTestCase, TestCase, override_settings

from tests.transactions import TransactionTestCase
from tests.truthlytics.server.served import free_port
from tests.truthlytics.test_staticfiles import STORAGES
from truthlytics import staticfiles
from truthlytics.management.commands import serve, start
from truthlytics.server import upgrades, web
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

    def test_it_collects_static_files_of_another_version_before_it_changes_tables(self):
        for old, expected in ((True, ["collectstatic", "migrate"]), (False, ["migrate"])):
            with self.subTest(old=old), mock.patch.object(upgrades, "are_files_old", return_value=old):
                self.assertEqual(self.start()[0], expected)

    def test_files_that_cannot_be_written_are_refused_if_pages_need_them_and_said_otherwise(self):
        command = start.Command(stdout=StringIO(), stderr=(errors := StringIO()))
        full = mock.patch.object(start, "call_command", side_effect=OSError(28, "No space left on device"))
        with full, mock.patch.object(upgrades, "are_files_old", return_value=True):
            with mock.patch.object(staticfiles, "missing_names", return_value=["js/new.js"]):
                self.assertRaisesMessage(CommandError, "lack js/new.js", command.collect_files)
            with mock.patch.object(staticfiles, "missing_names", return_value=[]):
                command.collect_files()
        self.assertIn("older than their sources", errors.getvalue())
        self.assertIn("No space left on device", errors.getvalue())

    def test_tables_of_a_newer_version_are_said(self):
        command = start.Command(stderr=(errors := StringIO()))
        command.warn_of_later_migrations()
        self.assertEqual(errors.getvalue(), "")
        MigrationRecorder(connection).record_applied("articles", "9999_of_tomorrow")
        command.warn_of_later_migrations()
        self.assertIn("A newer version has changed the tables (articles 9999_of_tomorrow)", errors.getvalue())

    def test_a_taken_port_ends_it_before_it_changes_anything(self):
        taken = mock.patch.object(start.Command, "worker_count", side_effect=CommandError("Port 80 is already in use."))
        with taken, mock.patch.object(start, "call_command") as called, self.assertRaises(CommandError):
            call_command("start")
        called.assert_not_called()


class UnfinishedTests(TestCase):
    """`serve` and each web process say what an upgrade has left undone, and do not run."""

    def refused(self, sentence):
        with self.assertRaisesMessage(CommandError, sentence):
            call_command("serve", port=free_port())
        with mock.patch.object(web, "end_with_parent"), self.assertRaises(SystemExit) as caught:
            web.serve(None)
        self.assertIn(sentence, str(caught.exception))

    def test_missing_static_files(self):
        folder = Path(self.enterContext(TemporaryDirectory()))
        with override_settings(STORAGES=STORAGES, STATIC_ROOT=folder):
            for text in (None, "", '{"paths": {"css/site.css": "css/site.1.css"}}', '{"paths": 7}', "[]"):
                if text is not None:
                    (folder / "staticfiles.json").write_text(text)
                with self.subTest(text):
                    self.refused("or only `manage.py collectstatic`")

    def test_missing_migrations(self):
        self.assertEqual(upgrades.unapplied_migrations(), [])
        recorder = MigrationRecorder(connection)
        newest = max(name for app, name in recorder.applied_migrations() if app == "comments")
        recorder.record_unapplied("comments", newest)
        self.refused(f"without the migration comments {newest}. Run `manage.py upgrade`")

    def test_a_database_that_does_not_answer_is_no_reason(self):
        with mock.patch.object(upgrades, "applied_migrations", side_effect=OperationalError("away")):
            self.assertEqual((upgrades.find_unfinished(), upgrades.later_migrations()), ("", []))

    def test_files_that_only_look_different_are_served_and_said(self):
        old = mock.patch.object(upgrades, "are_files_old", return_value=True)
        execve, address = mock.patch.object(serve.os, "execve"), mock.patch.object(serve.Command, "print_setup_address")
        with old, execve as called, address:
            call_command("serve", port=free_port(), stderr=(errors := StringIO()))
        called.assert_called_once()
        self.assertIn("The static files are older than their sources.", errors.getvalue())


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
