"""The process that starts the others, replaces those that fail, and hands over without losing a request.

`manage.py serve` and `manage.py start` turn into it. Of the site it imports only the format of log lines. That saves
memory, and processes that it starts load the code as it is then.

It holds the listening socket, which all web processes share: all processes accept from one queue. So is the memory in
which they remember whom they have counted.
SIGHUP replaces all processes. New web processes accept connections beside the old ones. When each of them has answered
a request, the old ones stop accepting, and end once their connections are closed. If a new one fails, the old ones
stay. SIGTERM and SIGINT end everything.
"""

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
from pathlib import Path

from truthlytics.server.child import LISTENER, READY, SUPERVISOR, status_pipe
from truthlytics.server.listener import open_listener
from truthlytics.server.services import MAX_DOUBLED, MAX_FAILURES, Process, Service, Timing, tell_problems
from truthlytics.server.signals import catch_signals, has_lost_terminal
from truthlytics.statistics.seen import SEEN, shared_memory
from truthlytics.web.log_lines import log_to_stderr
from truthlytics.web.types import JsonObject

logger = logging.getLogger("truthlytics.server.supervisor")

# Seconds between one signal and the next to a web process that has not ended.
SIGNAL_INTERVAL = 1


class Supervisor:
    def __init__(
        self, services: list[Service], listener: socket.socket | None, timing: Timing, problems: Path | None = None
    ) -> None:
        self.services, self.listener, self.timing = services, listener, timing
        self.seen = shared_memory() if listener else None
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
        signals = catch_signals()
        self.selector.register(signals, selectors.EVENT_READ)
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

    def handle(self, number: int) -> None:
        if number in {signal.SIGTERM, signal.SIGINT} or (
            number == signal.SIGHUP and self.has_terminal and has_lost_terminal()
        ):
            self.stop(f"{signal.Signals(number).name} received")
        elif number == signal.SIGHUP and self.stopping is None:
            self.reload_requested = True
            if self.is_reloading():
                logger.info("Reload requested. It begins when the one in progress is complete.")

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
            reading, writing = status_pipe()
            environment[READY] = str(writing)
        if self.seen is not None:
            os.set_inheritable(self.seen, service.listens)
            environment[SEEN] = str(self.seen) if service.listens else ""
        # In a group of its own: Ctrl-C in the terminal is for the supervisor, which passes it on.
        pid = os.posix_spawnp(service.command[0], service.command, environment, setpgroup=0)
        process = Process(service.name, pid, time.monotonic(), reading, listens=service.listens)
        self.processes[pid] = process
        logger.info("Started %s.", process)
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
            logger.info("%s is ready. Its first answer has status %s.", str(process).capitalize(), process.status)

    # --- Ending ------------------------------------------------------------------------------------------------------
    def reap(self) -> None:
        """Reap ended processes, including orphans if this is the first process."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if process := self.processes.pop(ended[0], None):
                    if process.ready is not None:
                        self.read_status(process)
                    self.note_end(process, os.waitstatus_to_exitcode(ended[1]))

    def note_end(self, process: Process, code: int) -> None:
        reason = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        (service,) = (service for service in self.services if service.name == process.name)
        if process.is_ending:
            logger.info("Stopped %s.", process)
            if process in service.current:
                service.current.remove(process)
                service.start_at = 0
        elif process in service.new:
            service.new.remove(process)
            self.give_up(service, f"its {process} {reason}")
        elif process in service.current:
            service.current.remove(process)
            self.start_again(service, process, reason, code)

    def start_again(self, service: Service, process: Process, reason: str, code: int) -> None:
        """Replace a process that has ended without being told to, after a delay.

        If a web process has done so too often in a row, end everything.
        """
        lived = time.monotonic() - process.started
        service.failures = 1 if lived >= self.timing.healthy else service.failures + 1
        logger.error("%s %s.", str(process).capitalize(), reason)
        if self.stopping is not None:
            return
        if service.listens and service.failures >= MAX_FAILURES:
            exit_code = 128 - code if code < 0 else code or 1
            self.stop(f"{process.name.capitalize()} has ended {service.failures} times in a row", exit_code)
            return
        delay = self.timing.first_delay * 2 ** min(service.failures - 1, MAX_DOUBLED)
        service.start_at = time.monotonic() + delay
        service.reason = reason
        tell_problems(self.services, self.problems)
        logger.info("Starting it again in %g s.", delay)

    def forget_failures(self) -> None:
        """Forget the failures of services that have been running long enough."""
        now = time.monotonic()
        for service in self.services:
            if service.failures and service.running_since() + self.timing.healthy <= now:
                service.failures = 0
                tell_problems(self.services, self.problems)

    def signal_due(self) -> None:
        """Send SIGTERM and SIGKILL to the processes that are due, and log which ones start slowly."""
        now = time.monotonic()
        for process in self.processes.values():
            if process.warn_at is not None and process.warn_at <= now:
                process.warn_at = None
                logger.warning("%s has not answered yet. End it to give it up.", str(process).capitalize())
            if process.stop_at is not None and process.stop_at <= now:
                self.terminate(process)
            if process.again_at is not None and process.again_at <= now:
                self.send(process, process.last_signal)
            if process.kill_at is not None and process.kill_at <= now:
                logger.warning("Killing %s: it did not end in time.", process)
                process.kill_at = now + self.timing.stop
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def seconds_to_wait(self) -> float | None:
        times = [service.start_at for service in self.services if self.stopping is None]
        times += [service.running_since() + self.timing.healthy for service in self.services if service.failures]
        for process in self.processes.values():
            times += [process.stop_at, process.again_at, process.kill_at, process.warn_at]
        due = [moment for moment in times if moment is not None and moment != math.inf]
        return max(0.0, min(due) - time.monotonic()) if due else None

    # --- Reloading ---------------------------------------------------------------------------------------------------
    def is_reloading(self) -> bool:
        return bool(self.to_replace) or self.is_replacing()

    def is_replacing(self) -> bool:
        """Return whether new processes are starting, or old ones are ending."""
        return any(service.new for service in self.services) or any(
            process.is_ending for process in self.processes.values()
        )

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
        if self.to_replace and not self.is_replacing():
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


def main(config: JsonObject) -> int:
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
    tell_problems(services, problems)
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
