"""What the supervisor runs: services, their processes, and how long it waits for them."""

import logging
import math
import signal
from dataclasses import dataclass, field
from pathlib import Path

from truthlytics.server.child import IDLE_TIMEOUT

logger = logging.getLogger("truthlytics.server.supervisor")


@dataclass
class Timing:
    """In seconds. Tests use shorter times."""

    # Waits before a process is started again: doubled with each failure in a row.
    first_delay: float = 1
    # A process that has run for so long did not fail at its start.
    healthy: float = 60
    # Between the end of accepting and SIGTERM: by then each connection has been used or closed.
    closing: float = IDLE_TIMEOUT + 1
    # Between SIGTERM and SIGKILL.
    stop: float = 60
    # Until a start that takes long is logged.
    slow_start: float = 60


# Failures in a row of a web process after which everything ends. Other processes are started again and again, so that
# pages are served; the wait is not longer than that after so many failures.
MAX_FAILURES = 5
MAX_DOUBLED = 6


@dataclass(eq=False)
class Process:
    """A running process. Times are those of the monotonic clock."""

    name: str
    pid: int
    started: float
    # The pipe through which it reports a status, until it has.
    ready: int | None = None
    status: str = ""
    # When it is logged that it has not reported one.
    warn_at: float | None = None
    # When it gets SIGTERM, the last signal again, and SIGKILL.
    stop_at: float | None = None
    again_at: float | None = None
    kill_at: float | None = None
    last_signal: int = signal.SIGTERM
    # Whether it can get the same signal several times.
    listens: bool = False

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid})"

    @property
    def is_ending(self) -> bool:
        return bool(self.stop_at or self.kill_at)


@dataclass(eq=False)
class Service:
    """Processes of one kind. Those that listen report a status and are replaced by starting the new ones first."""

    name: str
    command: list[str]
    count: int = 1
    listens: bool = False
    # Variables beside those of the supervisor.
    environment: dict[str, str] = field(default_factory=dict)
    current: list[Process] = field(default_factory=list)
    new: list[Process] = field(default_factory=list)
    failures: int = 0
    # How the last process that failed has ended.
    reason: str = ""
    start_at: float | None = 0

    def running_since(self) -> float:
        """Return the time from which on all its processes have been running; infinity if one is missing."""
        started = [process.started for process in self.current]
        return max(started) if len(started) == self.count else math.inf


def tell_problems(services: list[Service], path: Path | None) -> None:
    """Write into the file `path` which processes keep ending. Without any, there is no file."""
    if path is None:
        return
    failing = [service for service in services if service.failures >= MAX_FAILURES]
    lines = [
        f"the process {service.name} has ended {service.failures} times in a row, the last one {service.reason}"
        for service in failing
    ]
    try:
        if lines:
            path.write_text("\n".join(lines))
        else:
            path.unlink(missing_ok=True)
    except OSError as error:  # such as a full disk
        logger.warning("The file %s cannot be written: %s.", path, error.strerror)
