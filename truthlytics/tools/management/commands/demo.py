"""Create and serve the demo publication."""

import shutil
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from articles.models import Article
from truthlytics.env import BASE_DIR, VAR_DIR
from truthlytics.management.commands import start
from truthlytics.management.commands.serve import check_port
from truthlytics.tools.demo.accounts import ACCOUNTS, PASSWORD, is_demo_site
from truthlytics.tools.demo.emails import FOLDER as EMAILS
from truthlytics.tools.demo.load import load
from truthlytics.tools.demo.subscriptions import skip_ahead_page


class Command(BaseCommand):
    help = "Create the demo publication and serve it. Existing data is kept unless --reset is given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
        parser.add_argument("--reset", action="store_true", help="delete the demo's database and images first")
        parser.add_argument("--no-serve", action="store_true", help="prepare the demo without serving it")

    def handle(self, *args: object, port: int, reset: bool, no_serve: bool, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("Start the demo with `./run demo` or `python manage.py demo`.")
        if not no_serve:
            check_port("127.0.0.1", port)
        if reset:
            self.delete_data()
        # Beside the database, which takes as long on another core.
        command = [sys.executable, str(BASE_DIR / "manage.py"), "collectstatic", "--noinput", "--verbosity=0"]
        with subprocess.Popen(command) as static_files:  # noqa: S603
            self.prepare_database()
            self.stdout.write("Collecting the static files …")
        if static_files.returncode:
            raise CommandError("The static files could not be collected.")
        self.print_accounts(port)
        if not no_serve:
            connection.close()
            start.Command().launch(host="127.0.0.1", port=port)

    def prepare_database(self) -> None:
        self.stdout.write("Preparing the database …")
        call_command("migrate", verbosity=0)
        start.make_record_key(self.stdout.write)
        if not Article.objects.exists():
            load(track=self.track)
        elif not is_demo_site():
            raise CommandError("This database contains another site. Set DATABASE_URL to another one.")

    def track[T](self, label: str, items: Sequence[T]) -> Iterator[T]:
        """Yield `items` and show how many are done: on a terminal in one line, elsewhere once."""
        for number, item in enumerate(items, start=1):
            if self.stdout.isatty():
                self.stdout.write(f"\rLoading {label.lower()}: {number} of {len(items)}", ending="")
                self.stdout.flush()
            yield item
        if self.stdout.isatty():
            self.stdout.write("")
        else:
            self.stdout.write(f"Loaded {label.lower()}: {len(items)}")

    def delete_data(self) -> None:
        database = settings.DATABASES["default"]
        if "sqlite" not in database["ENGINE"]:
            raise CommandError("--reset supports only the demo's SQLite file. Empty this database yourself.")
        path = Path(database["NAME"])
        if path.exists() and "subscriptions_user" in connection.introspection.table_names() and not is_demo_site():
            raise CommandError("This database contains another site; nothing was deleted.")
        connection.close()
        for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            file.unlink(missing_ok=True)
        # The log is a new one, so what was signed before is not part of it.
        for name in ("record-key.pem", "record-key.checkpoint"):
            (VAR_DIR / name).unlink(missing_ok=True)
        originals = VAR_DIR / "originals"
        for folder in (settings.MEDIA_ROOT, originals, EMAILS):
            shutil.rmtree(folder, ignore_errors=True)

    def print_accounts(self, port: int) -> None:
        self.stdout.write(f"\nLog in with the password {PASSWORD} as")
        for email, _, description in ACCOUNTS.values():
            self.stdout.write(f"  {email:<24} {description}")
        self.stdout.write(f"\nThe site:     http://localhost:{port}/")
        self.stdout.write(f"The newsroom: http://localhost:{port}/admin/")
        self.stdout.write(f"Moderation:   http://localhost:{port}/admin/comments/queue/ (as moderator)")
        self.stdout.write(f"Email:        http://localhost:{port}/demo/emails/")
        self.stdout.write(f"Subscribing:  http://localhost:{port}/subscribe/ (paid with a demo card)")
        if page := skip_ahead_page():
            self.stdout.write(f"Renewals:     http://localhost:{port}{page} (as subscriber: “Skip ahead”)")
        self.stdout.write("")
        self.stdout.flush()
