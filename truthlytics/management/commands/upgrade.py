"""Bring the database and the static files up to the code that is installed."""

import os
import shutil
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.management.commands import migrate
from django.db import DatabaseError, connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from truthlytics import staticfiles
from truthlytics.backups import databases
from truthlytics.backups.destinations import S3
from truthlytics.backups.folder import BackupError, stored_size
from truthlytics.backups.making import make
from truthlytics.env import BASE_DIR, VAR_DIR
from truthlytics.management.commands.start import make_record_key
from truthlytics.server import upgrades
from truthlytics.server.health import MIN_FREE

# Where the static files of the new version wait until the tables are ready for it.
WAITING = VAR_DIR / "static-next"
# Seconds between two migrations, so that on SQLite changes by readers get the lock: they ask for it ten times a second.
PAUSE = 0.15


class Command(BaseCommand):
    help = (
        "Run after installing new code. Checks everything that can be checked before it changes anything: settings, "
        "plug-ins, static files, theme, free space. Then it backs up, applies the new migrations, puts the static "
        "files in place, and asks for pages. Stops at the first step that fails, and says what was done and how to "
        "return. Without new migrations it makes no backup, because the database stays as it is."
    )
    # One of the steps, so that a failure says that nothing was changed.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--backup",
            type=Path,
            metavar="DIR",
            help="folder to create for the backup (default: in BACKUP_TO if that is a folder, else in var/backups)",
        )

    def handle(self, *args: object, backup: Path | None, **options: object) -> None:
        self.backup: Path | None = None
        self.target: Path = backup or default_folder()
        self.done: list[str] = []
        try:
            self.check_everything()
            self.change_everything()
        finally:
            shutil.rmtree(WAITING, ignore_errors=True)
        self.stdout.write("Done. Now reload the server and restart its task workers.")
        self.stdout.write(self.way_back())

    def check_everything(self) -> None:
        """Find out whether the upgrade can be made. Nothing that the site uses is changed."""
        self.step("Reading the database", self.find_migrations)
        self.step("Checking the settings and plug-ins", self.check_settings)
        self.step("Checking the free space", self.check_space)
        self.step("Collecting the static files in a folder of their own", collect)
        if settings.THEME_DIR:
            self.step("Checking the theme", lambda: self.stdout.write(manage("theme", "check", STATIC_ROOT=WAITING)))

    def change_everything(self) -> None:
        """Make the upgrade. `start` completes it if this process ends in between."""
        if self.pending:
            self.step("Backing up", self.make_backup)
            self.step("Migrating", self.migrate)
        else:
            self.stdout.write("The database is up to date.")
        make_record_key(self.stdout.write)
        self.step("Putting the static files in place", self.publish_files)
        # Again, because some checks read the tables.
        self.step("Checking the settings again", lambda: call_command("check", deploy=True, fail_level="ERROR"))
        self.step("Asking for the front page and an article", lambda: run("-m", "truthlytics.server.probe"))

    def step(self, name: str, run: Callable[[], object]) -> None:
        self.stdout.write(f"{name} …")
        self.stdout.flush()
        try:
            run()
        except Exception as error:
            done = f"Done before: {'; '.join(self.done)}." if self.done else "Nothing was changed."
            raise CommandError(f"{name} failed: {str(error).strip()}\n{done}\n{self.way_back()}") from error

    def find_migrations(self) -> None:
        executor = MigrationExecutor(connection)
        self.pending = [f"{each.app_label} {each.name}" for each, _ in plan(executor)]
        # A new site has nothing to save.
        self.is_new = not executor.loader.applied_migrations

    def check_settings(self) -> None:
        try:
            # Warnings are shown by the second check.
            call_command("check", deploy=True, fail_level="ERROR", stdout=StringIO(), stderr=StringIO())
        except DatabaseError as error:
            # A plug-in may look into tables that are about to be made.
            if not self.pending:
                raise
            self.stdout.write(f"A check has to wait for the migrations: {' '.join(str(error).split())}")

    def check_space(self) -> None:
        """Raise CommandError unless there is space for the backup, and BackupError if none can be made there."""
        needed = {VAR_DIR: MIN_FREE}
        if self.pending and not self.is_new:
            if self.target.exists():
                raise BackupError(f"{self.target} exists. Choose another folder with --backup.")
            if connection.vendor == "postgresql":
                databases.find_program("pg_dump")
            needed[self.target] = databases.size() + stored_size() + MIN_FREE
        for folder, size in needed.items():
            existing = next(path for path in (folder, *folder.parents) if path.exists())
            if not existing.is_dir() or not os.access(existing, os.W_OK):
                raise CommandError(f"This user may not write to {existing}.")
            if (free := shutil.disk_usage(existing).free) < size:
                raise CommandError(
                    f"{folder} needs {filesizeformat(size)} on its disk, and {filesizeformat(free)} are free."
                )

    def make_backup(self) -> None:
        if self.is_new:
            return
        manifest = make(self.target)
        self.backup = self.target
        self.done.append(f"a backup in {self.target} ({manifest.summary})")

    def migrate(self) -> None:
        try:
            call_command(PausingMigrate(), interactive=False, verbosity=1, stdout=self.stdout)
        finally:
            left = len(plan(MigrationExecutor(connection)))
            self.done.append(f"{len(self.pending) - left} of {len(self.pending)} migrations")

    def publish_files(self) -> None:
        folder = upgrades.static_folder()
        staticfiles.publish(WAITING, folder)
        self.done.append(f"the static files in {folder}")

    def way_back(self) -> str:
        if not self.backup:
            return "To return, install the earlier code again; the database can stay as it is."
        return (
            "To return, stop the services, install the earlier code again, and run "
            f"`manage.py restore {self.backup} --replace`. What was written since the backup is lost then. "
            "docs/deploy.md says more, under “Rolling back”."
        )


class PausingMigrate(migrate.Command):
    """`migrate`, with a pause after each migration in which others can write."""

    def migration_progress_callback(self, action: str, migration: Migration | None = None, fake: bool = False) -> None:
        super().migration_progress_callback(action, migration, fake)
        if action == "apply_success" and connection.vendor == "sqlite":
            time.sleep(PAUSE)


def collect() -> None:
    shutil.rmtree(WAITING, ignore_errors=True)
    manage("collectstatic", "--noinput", "--verbosity=0", STATIC_ROOT=WAITING)


def manage(*arguments: str, **environ: object) -> str:
    return run(str(BASE_DIR / "manage.py"), *arguments, **environ)


def run(*arguments: str, **environ: object) -> str:
    """Run Python with other settings and return what it prints. Raises CommandError with what it says of a failure."""
    environment = os.environ | {name: str(value) for name, value in environ.items()}
    process = subprocess.run(  # noqa: S603
        [sys.executable, *arguments], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    if process.returncode:
        raise CommandError("\n".join(filter(None, (process.stdout.strip(), process.stderr.strip()))))
    return process.stdout


def plan(executor: MigrationExecutor) -> list[tuple[Migration, bool]]:
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


def default_folder() -> Path:
    folder = VAR_DIR / "backups"
    if settings.BACKUP_TO and not settings.BACKUP_TO.startswith(S3):
        folder = BASE_DIR / settings.BACKUP_TO
    return folder / f"before-upgrade-{timezone.localtime():%Y-%m-%d-%H%M%S}"
