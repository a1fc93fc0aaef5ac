"""The production server, with the settings of this environment."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from granian import Granian
from granian.constants import Interfaces
from granian.errors import ConfigurationError

THREADS = 4
# More than this many requests a worker wait in the socket's queue: with the server's default, hundreds of
# threads would each open a database connection.
BACKPRESSURE = 32


class Command(BaseCommand):
    help = "Serve the site. One worker with four threads on SQLite; `--workers` raises it on PostgreSQL."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=None, help="processes (default: 1 on SQLite, else 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        sqlite = "sqlite" in settings.DATABASES["default"]["ENGINE"]
        workers = options["workers"] or (1 if sqlite else 2)
        if sqlite and workers > 1:
            raise CommandError("SQLite takes one worker: leave --workers out, or set DATABASE_URL to PostgreSQL.")
        try:
            server = Granian(
                "truthlytics.wsgi:application",
                address=options["host"],
                port=options["port"],
                interface=Interfaces.WSGI,
                workers=workers,
                blocking_threads=THREADS,
                backpressure=BACKPRESSURE,
                websockets=False,
                respawn_failed_workers=True,
                log_access=False,
            )
            server.serve()
        except (ConfigurationError, OSError) as error:
            raise CommandError(f"The server did not start: {error}.") from error
