"""A web process of the supervisor: the site on the listening socket that all of them share.

Before it accepts connections, it asks itself for the front page and an article and tells the supervisor the status. The
pages also load what the next ones need. If an upgrade has stopped between two versions, it explains that and ends. On
SIGUSR1 it accepts no more connections, which then wait for its successor, and closes those that it has after the next
response. SIGTERM ends it when it has answered what it has received.
"""

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import connection
from granian.http import HTTP1Settings

from truthlytics.compat import serve_on_socket
from truthlytics.server import probe, upgrades
from truthlytics.server.body_buffer import IO_THREADS, Application, Environ, StartResponse
from truthlytics.server.child import BACKLOG, IDLE_TIMEOUT, LISTENER, end_with_parent, report_ready

logger = logging.getLogger(__name__)

# Connections, including idle ones: with few, some silent clients could block the site.
BACKPRESSURE = 2048


def serve(application: Application) -> None:
    """Serve until a signal ends this process."""
    end_with_parent()
    if unfinished := upgrades.find_unfinished():
        sys.exit(unfinished)
    connection.close()
    fd = int(os.environ[LISTENER])
    site = ClosingApplication(application)
    signal.signal(signal.SIGUSR1, lambda *_: site.start_closing(fd))
    report_ready(first_status(site))
    serve_on_socket(
        fd,
        site,
        is_unix=family_of(fd) == socket.AF_UNIX,
        backlog=BACKLOG,
        backpressure=BACKPRESSURE,
        blocking_threads=IO_THREADS,
        blocking_threads_idle_timeout=30,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE_TIMEOUT * 1000),
        log_config=settings.LOGGING,
    )


def first_status(site: Application) -> str:
    """Return the status code of the front page and of the newest article; the higher one if they differ."""
    found = probe.statuses(site)
    for path, status in found.items():
        if status >= "500":
            logger.error("The first request for %s was answered with status %s.", path, status)
    return max(found.values())


class ClosingApplication:
    """Passes requests on, and once it is closing, tells each client to use another connection for the next one."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.is_closing = False

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not self.is_closing:
            return self.application(environ, start_response)

        def start_last_response(status: str, headers: list[tuple[str, str]], *error: Exception) -> Callable[..., Any]:
            others = [header for header in headers if header[0].lower() != "connection"]
            return start_response(status, [*others, ("Connection", "close")], *error)  # type: ignore[no-any-return]

        return self.application(environ, start_last_response)

    def start_closing(self, fd: int) -> None:
        """Stop accepting connections from the socket `fd`, which other processes share.

        Granian can only close the connections that it has at the same time, also those with a request under way.
        Therefore its descriptor gets another socket, one that gets no connections.
        """
        if self.is_closing:  # The supervisor repeats the signal.
            return
        self.is_closing = True
        family = family_of(fd)
        with socket.socket(family) as unused:
            unused.bind("" if family == socket.AF_UNIX else ("127.0.0.1" if family == socket.AF_INET else "::1", 0))
            unused.setblocking(False)
            unused.listen(1)
            os.dup2(unused.fileno(), fd)


def family_of(fd: int) -> socket.AddressFamily:
    with socket.socket(fileno=os.dup(fd)) as listener:
        return listener.family
