"""The production server, with the settings of this environment."""

import errno
import multiprocessing
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.errors import ConfigurationError
from granian.http import HTTP1Settings

from truthlytics.server.body_buffer import DOORS

# Connections a worker holds, idle ones included: few would be a site that a handful of silent visitors can shut.
BACKPRESSURE = 2048
# Seconds for a request's head, and for a connection that says nothing.
SILENCE = 15
# Seconds that a new worker gets to start before the old one takes in no more, and then to end what it began.
STARTING, ENDING = 4, 60


class Server(Granian):  # type: ignore[valid-type, misc]
    """All workers accept from one socket, which outlives them: while one is replaced, visitors wait in its queue.

    On Linux each would bind its own, and whoever waits there is refused when that worker ends.
    """

    _ssp: Any
    _shd: Any
    _sso: Any

    def _init_shared_socket(self) -> None:
        super()._init_shared_socket()
        if self._shd is None:
            self._shd = self._ssp.build()
            self._ssp = None
            self._sso = socket.socket(fileno=self._shd.get_fd())
            self._sso.set_inheritable(True)


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
        # A worker that is only a fork of this process would go on with the code that was there when it began.
        multiprocessing.set_start_method("spawn", force=True)
        try:
            server = Server(
                "truthlytics.wsgi:application",
                address=options["host"],
                port=options["port"],
                interface=Interfaces.WSGI,
                workers=workers,
                blocking_threads=DOORS,
                backpressure=BACKPRESSURE,
                http1_settings=HTTP1Settings(header_read_timeout=SILENCE * 1000),
                http=HTTPModes.http1,
                websockets=False,
                respawn_failed_workers=True,
                respawn_interval=STARTING,
                workers_kill_timeout=ENDING,
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
