"""The production server, with the settings of this environment."""

import errno
import socket
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
        if workers > 1 and settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
            raise CommandError("CACHE_URL=memory:// takes one worker: say --workers 1, or set CACHE_URL=db://.")
        refuse_taken(options["host"], options["port"])
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


def refuse_taken(host: str, port: int) -> None:
    """Raises CommandError with what to do where `port` cannot be listened on.

    The server itself would share a taken port, and the visitors, with whoever has it.
    """
    if not 0 < port < 65536:
        raise CommandError("--port takes a number from 1 to 65535.")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise CommandError(f"Port {port} is kept for the administrator: try `--port 8000`.") from error
        except socket.gaierror as error:
            raise CommandError(f"--host {host} is no address of this machine.") from error
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise CommandError(f"--host {host} is no address of this machine.") from error
            raise CommandError(f"Port {port} is taken: try `--port {port % 65535 + 1}`.") from error
