"""The process that starts the workers and replaces those that fail. `manage.py serve` turns into it.

It imports nothing of the site. That saves the memory, and workers that it forks load the code as it is then.
"""

import json
import logging
import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.errors import ConfigurationError
from granian.http import HTTP1Settings

# Connections per worker, including idle ones: with few, some silent clients could block the site.
BACKPRESSURE = 2048
# Seconds to send a request's headers, and before an idle connection is closed.
IDLE_TIMEOUT = 15
# Seconds that a new worker gets to start before the old one stops accepting, and that the old one gets to finish.
START_TIMEOUT, STOP_TIMEOUT = 4, 60


def serve(uds: str | None, **options: Any) -> None:
    """Run until a signal ends it. `options` are Granian's."""
    multiprocessing.set_start_method("fork", force=True)
    os.register_at_fork(before=_hold_sigterm, after_in_parent=_release_sigterm, after_in_child=_reset_sigterm)
    server = Granian(
        "truthlytics.wsgi:application",
        interface=Interfaces.WSGI,
        backpressure=BACKPRESSURE,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE_TIMEOUT * 1000),
        http=HTTPModes.http1,
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=START_TIMEOUT,
        workers_kill_timeout=STOP_TIMEOUT,
        log_access=False,
        uds=Path(uds) if uds else None,
        **options,
    )
    # The threads wait for request bodies and for `server.workers`, so their number is intended.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    server.serve()


def _hold_sigterm() -> None:
    """Let SIGTERM wait until the worker that starts now no longer has the handlers of this process."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _release_sigterm() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _reset_sigterm() -> None:
    """Let SIGTERM end a worker that is still starting. With the inherited handler it would miss the signal for good."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _release_sigterm()


if __name__ == "__main__":
    try:
        serve(**json.loads(sys.argv[1]))
    except (ConfigurationError, OSError) as error:
        sys.exit(f"The server did not start: {error}.")
