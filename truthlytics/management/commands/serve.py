"""The production server, with the settings of this environment. `start` adds the background tasks."""

import errno
import json
import os
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from truthlytics.env import BASE_DIR
from truthlytics.metrics import slots
from truthlytics.server import upgrades
from truthlytics.server.health import process_problems
from truthlytics.setup.access import is_set_up, setup_url
from truthlytics.web.types import JsonObject


class Command(BaseCommand):
    help = (
        "Serve the site. Starts one worker on SQLite, two on PostgreSQL, each with four threads for pages and four "
        "for changes. SIGHUP replaces the workers without losing a request."
    )

    # Of the settings only. The others concern the code and the tables; `migrate` and `check` run them.
    requires_system_checks = [Tags.caches, Tags.files, Tags.security]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
        parser.add_argument(
            "--uds",
            type=Path,
            default=None,
            metavar="PATH",
            help="Unix socket to listen on instead, which everyone who can reach its folder may use",
        )
        parser.add_argument("--workers", type=int, default=None, help="processes (default: 1 on SQLite, else 2)")

    def handle(self, *args: object, **options: object) -> None:
        workers = self.worker_count(**options)
        if unfinished := upgrades.find_unfinished():
            raise CommandError(unfinished)
        if upgrades.are_files_old():
            self.stderr.write("The static files are older than their sources. Run `manage.py collectstatic`.")
        self.print_setup_address()
        self.run_supervisor([web(workers)], **options)

    def worker_count(self, **options: Any) -> int:
        """Return the number of workers. Raises CommandError if the options do not fit the settings or the machine."""
        sqlite = "sqlite" in settings.DATABASES["default"]["ENGINE"]
        workers: int = options["workers"] or (1 if sqlite else 2)
        if sqlite and workers > 1:
            raise CommandError("SQLite supports one worker. Omit --workers, or set DATABASE_URL to PostgreSQL.")
        if workers > 1 and settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
            raise CommandError("CACHE_URL=memory:// supports one worker. Use --workers 1, or set CACHE_URL=db://.")
        if options["uds"] is None:
            check_port(options["host"], options["port"])
        return workers

    def run_supervisor(self, services: list[JsonObject], **options: object) -> None:
        """Replace this process by the supervisor, because that one needs none of the site's memory."""
        if settings.METRICS:
            slots.clean()
        address = {"host": options["host"], "port": options["port"], "uds": options["uds"] and str(options["uds"])}
        config = json.dumps(
            {
                "address": address,
                "services": services,
                "log_format": settings.LOG_FORMAT,
                "problems": str(process_problems()),
            }
        )
        paths = [str(BASE_DIR), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        os.execve(sys.executable, [sys.executable, "-m", "truthlytics.server.supervisor", config], environment)  # noqa: S606

    def print_setup_address(self) -> None:
        """Print where the site can be set up, if there is no staff account yet."""
        try:
            if not is_set_up():
                self.stdout.write(f"Set up your publication: {setup_url()}")
        except DatabaseError:
            self.stderr.write("The database has no tables yet, or does not answer. Run `manage.py migrate`.")
        finally:
            connection.close()
        self.stdout.flush()


def web(workers: int) -> JsonObject:
    """Return the web server as a service of the supervisor."""
    command = [sys.executable, "-m", "truthlytics.wsgi"]
    return {"name": "web", "command": command, "count": workers, "listens": True}


def check_port(host: str, port: int) -> None:
    """Raise CommandError if `port` is not available. The supervisor finds that out too, but later."""
    if not 0 < port < 65536:
        raise CommandError("--port must be a number from 1 to 65535.")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise CommandError(f"Port {port} requires root privileges. Try `--port 8000`.") from error
        except socket.gaierror as error:
            raise CommandError(f"--host {host} is not an address of this machine.") from error
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise CommandError(f"--host {host} is not an address of this machine.") from error
            raise CommandError(f"Port {port} is already in use. Try `--port {port % 65535 + 1}`.") from error
