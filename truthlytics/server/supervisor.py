"""The process that starts the others, replaces those that fail, and hands over without losing a request.

`manage.py serve` and `manage.py start` turn into it. Of the site it imports only the format of log lines. That saves
memory, and processes that it starts load the code as it is then.

It holds the listening socket, which all web processes share: all processes accept from one queue.
SIGHUP replaces all processes. New web processes accept connections beside the old ones. When each of them has answered
a request, the old ones stop accepting, and end once their connections are closed. If a new one fails, the old ones
stay. SIGTERM and SIGINT end everything.
"""

import ctypes
import errno
import fcntl
import json
import logging
import math
import os
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from truthlytics.web.log_lines import log_to_stderr

logger = logging.getLogger("truthlytics.server.supervisor")

# Environment variables with file descriptors: of the listening socket, and of the pipe for `report_ready`.
LISTENER, READY = "TRUTHLYTICS_LISTENER", "TRUTHLYTICS_READY"
# The one with the supervisor's process id.
SUPERVISOR = "TRUTHLYTICS_SUPERVISOR"
BACKLOG = 1024
# Seconds to send a request's headers, and before an idle connection is closed.
IDLE_TIMEOUT = 15
# Seconds between one signal and the next to a web process that has not ended.
SIGNAL_INTERVAL = 1
PR_SET_PDEATHSIG = 1
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


def report_ready(status: str) -> None:
    """Tell the supervisor that this process has answered its first request with this status code."""
    if fd := os.environ.pop(READY, ""):
        os.write(int(fd), status.encode())
        os.close(int(fd))


def end_with_parent(parent: int | None = None) -> None:
    """Let this process get SIGTERM when the one that has started it ends, so that it never stays alone.

    `parent` is the id of that process, by default what the supervisor says; without a supervisor nothing happens. It
    may have ended before this is called, so it cannot be asked for now.
    """
    parent = parent or int(os.environ.get(SUPERVISOR, "0"))
    if not parent:
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


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


class Supervisor:
    def __init__(
        self, services: list[Service], listener: socket.socket | None, timing: Timing, problems: Path | None = None
    ) -> None:
        self.services, self.listener, self.timing = services, listener, timing
        # The file that says which processes keep ending, for `/readyz`.
        self.problems = problems
        self.processes: dict[int, Process] = {}
        # Services that the reload in progress has not replaced yet.
        self.to_replace: list[Service] = []
        self.reload_requested = False
        self.stopping: float | None = None
        self.exit_code = 0
        self.has_terminal = os.isatty(0)
        self.selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Run until a signal ends it, or a web process keeps failing. Returns the exit code."""
        signals = self.catch_signals()
        while True:
            self.start_due()
            if self.stopping is not None and not self.processes:
                return self.exit_code
            for key, _events in self.selector.select(self.seconds_to_wait()):
                if key.fd == signals:
                    for number in os.read(signals, 1024):
                        self.handle(number)
                else:
                    self.read_status(key.data)
            self.reap()
            self.forget_failures()
            self.signal_due()
            self.advance()

    def catch_signals(self) -> int:
        """Return a descriptor from which the numbers of caught signals are read."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in SIGNALS:
            signal.signal(number, lambda *_: None)
        self.selector.register(reading, selectors.EVENT_READ)
        return reading

    # --- Signals -----------------------------------------------------------------------------------------------------
    def handle(self, number: int) -> None:
        if number in {signal.SIGTERM, signal.SIGINT} or (number == signal.SIGHUP and self.has_lost_terminal()):
            self.stop(f"{signal.Signals(number).name} received")
        elif number == signal.SIGHUP and self.stopping is None:
            self.reload_requested = True
            if self.is_reloading():
                logger.info("Reload requested. It begins when the one in progress is complete.")

    def has_lost_terminal(self) -> bool:
        """Return whether the terminal that this process was started in is closed, which also sends SIGHUP."""
        if not self.has_terminal:
            return False
        try:
            os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
        except OSError:
            return True
        return False

    def stop(self, reason: str, exit_code: int = 0) -> None:
        """End all processes. A second call, unless it follows at once, kills them."""
        now = time.monotonic()
        if self.stopping is not None:
            # Ctrl-C may arrive twice: from the terminal and from the parent process.
            if now - self.stopping > 1:
                logger.warning("%s again. Killing what still runs.", reason)
                for process in self.processes.values():
                    process.kill_at = now
            return
        self.stopping, self.exit_code = now, exit_code
        logger.info("%s. Stopping.", reason)
        if self.listener:
            self.listener.close()
        for process in self.processes.values():
            self.terminate(process)

    def terminate(self, process: Process) -> None:
        """Ask a process to end, and kill it if it has not done so in time."""
        process.stop_at = None
        if process.kill_at is None:
            process.kill_at = time.monotonic() + self.timing.stop
            self.send(process, signal.SIGTERM)

    def send(self, process: Process, number: int) -> None:
        """Send a signal, and to web processes each second: Python misses one that arrives just before it waits."""
        process.last_signal = number
        if process.listens:
            process.again_at = time.monotonic() + SIGNAL_INTERVAL
        os.kill(process.pid, number)

    # --- Starting ----------------------------------------------------------------------------------------------------
    def start_due(self) -> None:
        """Start what is missing of each service, unless it has to wait after a failure."""
        now = time.monotonic()
        for service in self.services:
            if self.stopping is None and service.start_at is not None and service.start_at <= now:
                service.start_at = None
                while len(service.current) < service.count:
                    service.current.append(self.start(service))

    def start(self, service: Service) -> Process:
        environment = os.environ | service.environment | {SUPERVISOR: str(os.getpid())}
        reading = writing = None
        if self.listener:
            self.listener.set_inheritable(service.listens)
        if service.listens and self.listener:
            environment[LISTENER] = str(self.listener.fileno())
            reading, writing = os.pipe()
            os.set_blocking(reading, False)
            os.set_inheritable(writing, True)
            environment[READY] = str(writing)
        # In a group of its own: Ctrl-C in the terminal is for the supervisor, which passes it on.
        pid = os.posix_spawnp(service.command[0], service.command, environment, setpgroup=0)
        process = Process(service.name, pid, time.monotonic(), reading, listens=service.listens)
        self.processes[pid] = process
        logger.info("Started %s (process %d).", service.name, pid)
        if reading is not None and writing is not None:
            os.close(writing)
            self.selector.register(reading, selectors.EVENT_READ, process)
            process.warn_at = process.started + self.timing.slow_start
        return process

    def read_status(self, process: Process) -> None:
        """Read what a process has reported. Nothing, if it has ended before."""
        if process.ready is not None:
            with suppress(BlockingIOError):
                process.status = os.read(process.ready, 16).decode()
            self.selector.unregister(process.ready)
            os.close(process.ready)
            process.ready = process.warn_at = None
        if process.status:
            name = process.name.capitalize()
            logger.info("%s (process %d) is ready. Its first answer has status %s.", name, process.pid, process.status)

    # --- Ending ------------------------------------------------------------------------------------------------------
    def reap(self) -> None:
        """Reap ended processes, including orphans if this is the first process."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                process = self.processes.pop(ended[0], None)
                if process:
                    if process.ready is not None:
                        self.read_status(process)
                    self.note_end(process, os.waitstatus_to_exitcode(ended[1]))

    def note_end(self, process: Process, code: int) -> None:
        reason = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        (service,) = (service for service in self.services if service.name == process.name)
        if process.stop_at or process.kill_at:
            logger.info("Stopped %s (process %d).", process.name, process.pid)
            if process in service.current:
                service.current.remove(process)
                service.start_at = 0
        elif process in service.new:
            service.new.remove(process)
            self.give_up(service, f"its {process.name} (process {process.pid}) {reason}")
        elif process in service.current:
            service.current.remove(process)
            self.start_again(service, process, reason, code)

    def start_again(self, service: Service, process: Process, reason: str, code: int) -> None:
        """Replace a process that has ended without being told to, after a delay.

        If a web process has done so too often in a row, end everything.
        """
        lived = time.monotonic() - process.started
        service.failures = 1 if lived >= self.timing.healthy else service.failures + 1
        logger.error("%s (process %d) %s.", process.name.capitalize(), process.pid, reason)
        if self.stopping is not None:
            return
        if service.listens and service.failures >= MAX_FAILURES:
            exit_code = 128 - code if code < 0 else code or 1
            self.stop(f"{process.name.capitalize()} has ended {service.failures} times in a row", exit_code)
            return
        delay = self.timing.first_delay * 2 ** min(service.failures - 1, MAX_DOUBLED)
        service.start_at = time.monotonic() + delay
        service.reason = reason
        self.tell_problems()
        logger.info("Starting it again in %g s.", delay)

    def tell_problems(self) -> None:
        """Write into a file which processes keep ending. Without any, there is no file."""
        if self.problems is None:
            return
        failing = [service for service in self.services if service.failures >= MAX_FAILURES]
        lines = [
            f"the process {service.name} has ended {service.failures} times in a row, the last one {service.reason}"
            for service in failing
        ]
        try:
            if lines:
                self.problems.write_text("\n".join(lines))
            else:
                self.problems.unlink(missing_ok=True)
        except OSError as error:  # such as a full disk
            logger.warning("The file %s cannot be written: %s.", self.problems, error.strerror)

    def forget_failures(self) -> None:
        """Forget the failures of services that have been running long enough."""
        now = time.monotonic()
        for service in self.services:
            if service.failures and self.is_healthy_at(service) <= now:
                service.failures = 0
                self.tell_problems()

    def is_healthy_at(self, service: Service) -> float:
        started = [process.started for process in service.current]
        return max(started) + self.timing.healthy if len(started) == service.count else math.inf

    def signal_due(self) -> None:
        """Send SIGTERM and SIGKILL to the processes that are due, and log which ones start slowly."""
        now = time.monotonic()
        for process in self.processes.values():
            if process.warn_at is not None and process.warn_at <= now:
                process.warn_at = None
                logger.warning(
                    "%s (process %d) has not answered yet. End it to give it up.",
                    process.name.capitalize(),
                    process.pid,
                )
            if process.stop_at is not None and process.stop_at <= now:
                self.terminate(process)
            if process.again_at is not None and process.again_at <= now:
                self.send(process, process.last_signal)
            if process.kill_at is not None and process.kill_at <= now:
                logger.warning("Killing %s (process %d): it did not end in time.", process.name, process.pid)
                process.kill_at = now + self.timing.stop
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def seconds_to_wait(self) -> float | None:
        times = [service.start_at for service in self.services if self.stopping is None]
        times += [self.is_healthy_at(service) for service in self.services if service.failures]
        for process in self.processes.values():
            times += [process.stop_at, process.again_at, process.kill_at, process.warn_at]
        due = [moment for moment in times if moment is not None and moment != math.inf]
        return max(0.0, min(due) - time.monotonic()) if due else None

    # --- Reloading ---------------------------------------------------------------------------------------------------
    def is_reloading(self) -> bool:
        replaced = any(process.stop_at or process.kill_at for process in self.processes.values())
        return bool(self.to_replace) or replaced or any(service.new for service in self.services)

    def advance(self) -> None:
        """Begin or continue a reload: one service after the other, those that listen first."""
        if self.stopping is not None:
            return
        for service in self.services:
            if service.new and all(process.status for process in service.new):
                self.hand_over(service)
        if self.reload_requested and not self.is_reloading():
            self.reload_requested = False
            self.to_replace = sorted(self.services, key=lambda service: not service.listens)
            logger.info("Reloading.")
        busy = any(service.new for service in self.services) or any(
            process.stop_at or process.kill_at for process in self.processes.values()
        )
        if self.to_replace and not busy:
            service = self.to_replace.pop(0)
            if service.listens:
                service.new = [self.start(service) for _ in range(service.count)]
            else:
                for process in service.current:
                    self.terminate(process)

    def hand_over(self, service: Service) -> None:
        """Let the old processes of a service stop accepting, if all new ones work."""
        failed = [process for process in service.new if process.status >= "500"]
        if failed:
            self.give_up(service, f"it answered its first request with status {failed[0].status}")
            return
        old, service.current, service.new = service.current, service.new, []
        service.failures, service.start_at = 0, None
        for process in old:
            self.send(process, signal.SIGUSR1)
            process.stop_at = time.monotonic() + self.timing.closing
        logger.info("The new version serves the site. The old one closes its connections.")

    def give_up(self, service: Service, reason: str) -> None:
        """Keep the old processes, because a new one does not work."""
        for process in service.new:
            self.terminate(process)
        service.new, self.to_replace = [], []
        logger.error("The new version did not start: %s. The old one keeps running.", reason)


def open_listener(host: str, port: int, uds: str | None) -> socket.socket:
    """Return a listening socket. Raises OSError."""
    listener = open_unix_socket(Path(uds)) if uds else open_port(host, port)
    listener.listen(BACKLOG)
    return listener


def open_port(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((host, port))
    return listener


def open_unix_socket(path: Path) -> socket.socket:
    """Replace the socket file of a server that was killed, but not that of one that is running.

    Everyone who can reach its folder may connect, as with a port.
    """
    lock = os.open(path.with_name(f"{path.name}.lock"), os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError(errno.EADDRINUSE, f"another server uses {path}") from None
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(0o666)
    return listener


def main(config: dict[str, Any]) -> int:
    log_to_stderr(config["log_format"])
    address = config["address"]
    try:
        listener = open_listener(**address) if address else None
    except OSError as error:
        where = address["uds"] or f"{address['host']}:{address['port']}"
        sys.exit(f"The server cannot listen on {where}: {error.strerror}.")
    services = [Service(**service) for service in config["services"]]
    if address:
        logger.info("Listening on %s.", address["uds"] or f"http://{address['host']}:{address['port']}")
    problems = Path(config["problems"]) if config.get("problems") else None
    supervisor = Supervisor(services, listener, Timing(**config.get("timing", {})), problems)
    supervisor.tell_problems()
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
