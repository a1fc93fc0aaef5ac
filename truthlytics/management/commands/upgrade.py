"""Bring the database and the static files up to the code that is installed."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from truthlytics.backups.destinations import S3
from truthlytics.backups.folder import BackupError
from truthlytics.backups.making import make
from truthlytics.env import BASE_DIR, VAR_DIR
from truthlytics.management.commands.start import make_record_key


class Command(BaseCommand):
    help = (
        "Run after installing new code: back up, apply the new migrations, collect the static files and check the "
        "settings. Stops at the first step that fails, and says how to return. Without new migrations it makes no "
        "backup, because the database stays as it is."
    )
    # Checks are the last step, so that a failed one can say what was done.
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
        self.step("Reading the database", self.find_migrations)
        if self.pending:
            self.step("Backing up", self.make_backup)
            self.step("Migrating", self.migrate)
        else:
            self.stdout.write("The database is up to date.")
        make_record_key(self.stdout.write)
        self.step("Collecting the static files", lambda: call_command("collectstatic", interactive=False, verbosity=0))
        self.step("Checking the settings", lambda: call_command("check", deploy=True, fail_level="ERROR"))
        if settings.THEME_DIR:
            self.step("Checking the theme", lambda: call_command("theme", "check", stdout=self.stdout))
        self.stdout.write("Done. Now reload the server and restart its task workers.")
        self.stdout.write(self.way_back())

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

    def make_backup(self) -> None:
        if self.is_new:
            return
        if self.target.exists():
            raise BackupError(f"{self.target} exists. Choose another folder with --backup.")
        manifest = make(self.target)
        self.backup = self.target
        self.done.append(f"a backup in {self.target} ({manifest.summary})")

    def migrate(self) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=1, stdout=self.stdout)
        finally:
            left = len(plan(MigrationExecutor(connection)))
            self.done.append(f"{len(self.pending) - left} of {len(self.pending)} migrations")

    def way_back(self) -> str:
        if not self.backup:
            return "To return, install the earlier code again; the database can stay as it is."
        return (
            "To return, stop the services, install the earlier code again, and run "
            f"`manage.py restore {self.backup} --replace`. What was written since the backup is lost then. "
            "docs/deploy.md says more, under “Rolling back”."
        )


def plan(executor: MigrationExecutor) -> list[tuple[Migration, bool]]:
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


def default_folder() -> Path:
    folder = VAR_DIR / "backups"
    if settings.BACKUP_TO and not settings.BACKUP_TO.startswith(S3):
        folder = BASE_DIR / settings.BACKUP_TO
    return folder / f"before-upgrade-{timezone.localtime():%Y-%m-%d-%H%M%S}"
