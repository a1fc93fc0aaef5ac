"""Everything that a small server needs, under one process."""

import fcntl
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from truthlytics import staticfiles
from truthlytics.env import BASE_DIR
from truthlytics.management.commands import serve
from truthlytics.server import upgrades
from truthlytics.transparency.keys import KeyFileError, key_file
from truthlytics.transparency.services.rotation import ensure_key
from truthlytics.web.queues import NEWSLETTERS, SLOW

# Seconds to wait for a PostgreSQL server that is starting too.
DATABASE_WAIT = 60
# Lets glibc return large blocks at once. Without, making the images of the demo took 60 MB more.
MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "1048576"}
# Of the lock that PostgreSQL holds for a start. Any number that nothing else uses.
LOCK_KEY = 7_210_825_116
# A migrated SQLite database without content. The image of the container has one.
EMPTY_DATABASE = BASE_DIR / "empty.sqlite3"


class Command(serve.Command):
    help = (
        "Collect the static files if they are missing or of another version, migrate the database, and run the web "
        "server, the task worker and `tick` every minute. So it also completes an upgrade that has stopped. Several "
        "may start at once. SIGHUP replaces all processes without losing a request."
    )

    def handle(self, *args: object, **options: object) -> None:
        self.worker_count(**options)
        copy_empty_database()
        self.wait_for_database()
        with self.one_at_a_time():
            # What can fail without a change of the database comes first.
            self.collect_files()
            self.warn_of_later_migrations()
            call_command("migrate", interactive=False, verbosity=options["verbosity"])
            make_record_key(self.stdout.write)
        self.print_setup_address()
        self.launch(**options)

    def launch(self, **options: object) -> None:
        """Run the processes on a database that is ready. Does not return."""
        options = {"uds": None, "workers": None} | options
        queues = ["default", SLOW, NEWSLETTERS]
        command = [sys.executable, str(BASE_DIR / "manage.py"), "db_worker", "--queue-name", *queues, "--tick"]
        tasks = {"name": "tasks", "command": command, "environment": MEMORY}
        self.run_supervisor([serve.web(self.worker_count(**options)), tasks], **options)

    def wait_for_database(self) -> None:
        """Connect to the database. Raises OperationalError if that fails for a minute, or with SQLite at once."""
        deadline = time.monotonic() + DATABASE_WAIT
        is_told = False
        while True:
            try:
                connection.ensure_connection()
                return
            except OperationalError as error:
                if connection.vendor == "sqlite" or time.monotonic() > deadline:
                    raise
                if not is_told:
                    reason = " ".join(str(error).split())
                    self.stderr.write(f"The database does not answer ({reason}). Trying for {DATABASE_WAIT} s.")
                    is_told = True
                time.sleep(1)

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """Wait until no other `start` prepares this database."""
        if connection.vendor == "sqlite":
            with Path(f"{connection.settings_dict['NAME']}.start-lock").open("a") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
            return
        # For a transaction and not for a session, because PgBouncer may give each transaction another session.
        other = connection.copy()
        try:
            other.set_autocommit(False)
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
            yield
        finally:
            other.close()

    def collect_files(self) -> None:
        """Collect the static files unless they are those of this code. While developing none are collected.

        Raises CommandError if they cannot be written and pages would be errors without.
        """
        if not upgrades.are_files_old():
            return
        self.stdout.write("Collecting the static files of this version …")
        self.stdout.flush()
        folder = upgrades.static_folder()
        try:
            staticfiles.forget_broken_list(folder)
            call_command("collectstatic", interactive=False, verbosity=0)
        except OSError as error:
            why = f"{folder} cannot be written ({error.strerror}). Make room, or set STATIC_ROOT to another folder."
            if missing := staticfiles.missing_names(folder):
                raise CommandError(f"The static files lack {missing[0]}, and maybe others. {why}") from error
            self.stderr.write(f"The static files are older than their sources. {why}")

    def warn_of_later_migrations(self) -> None:
        if later := upgrades.later_migrations():
            self.stderr.write(
                f"A newer version has changed the tables ({later[-1]}). This code may not know how to use them: "
                "install that version, or restore the backup from before it. docs/deploy.md says more, under “Rolling "
                "back”."
            )


def make_record_key(say: Callable[[str], object]) -> None:
    """Make the key of the record for a new site. A site works without, so a problem is only said."""
    try:
        if ensure_key():
            say(f"Made the key of the record, {key_file()}. Keep a copy elsewhere: backups do not have it.")
    except KeyFileError as error:
        say(str(error))


def copy_empty_database() -> None:
    """Begin a new SQLite database with the tables of EMPTY_DATABASE. All migrations take many times as long."""
    if connection.vendor != "sqlite" or not EMPTY_DATABASE.exists():
        return
    path = Path(connection.settings_dict["NAME"])
    if path.exists():
        return
    with NamedTemporaryFile(dir=path.parent) as file:
        shutil.copyfile(EMPTY_DATABASE, file.name)
        # Unless another process that starts was faster.
        with suppress(FileExistsError):
            os.link(file.name, path)
