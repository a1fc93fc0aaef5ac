"""A server process, and what its requests cost: CPU time and memory of its process tree, from /proc (Linux)."""

import http.client
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path

from django.db import connection

from truthlytics.env import BASE_DIR
from truthlytics.tools.bench.results import MeasurementError

START_TIMEOUT = 60.0
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"}
ENCODINGS = "gzip, deflate, br"


class Server:
    """A running server. `cpu_to_start` is in seconds, until it has answered for the first time."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self.cpu_to_start = 0.0
        # The database server, if it is on this machine: the parent of the process that works for this one.
        backend = connection.connection.info.backend_pid if connection.vendor == "postgresql" else 0
        self.database = _parent(backend) if backend else 0

    def get(self, path: str, cookie: str = "", encodings: str = ENCODINGS) -> bytes:
        """Return the body of a page. Raises MeasurementError if it is not found."""
        headers = BROWSER | {"Host": "localhost", "Accept-Encoding": encodings}
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_TIMEOUT)
        client.request("GET", path, headers=headers | ({"Cookie": cookie} if cookie else {}))
        response = client.getresponse()
        body = response.read()
        client.close()
        if response.status != http.HTTPStatus.OK:
            raise MeasurementError(f"{path} returned {response.status}.")
        return body

    def ask(self, paths: Sequence[str], cookie: str = "", before: Callable[[], object] = lambda: None) -> float:
        """Return the CPU milliseconds of a request, including the database server's if it runs on this machine.

        `before` is called before each request and not counted.
        """
        spent = 0.0
        for path in paths:
            before()
            started = self.cpu()
            self.get(path, cookie)
            spent += max(0, self.cpu() - started)
        return 1000 * spent / len(paths)

    def cpu(self, *, with_database: bool = True) -> float:
        """Return the CPU seconds of all threads that are running."""
        roots = [self.process.pid, *([self.database] if with_database and self.database else [])]
        files = (file for root in roots for pid in tree(root) for file in Path(f"/proc/{pid}/task").glob("*/schedstat"))
        return sum(int((_read(file) or "0").split()[0]) for file in files) / 1e9

    def memory(self) -> tuple[float, float]:
        """Return the proportional and the resident memory in MiB. The former counts shared pages once."""
        files = [_read(f"/proc/{pid}/smaps_rollup") for pid in tree(self.process.pid)]
        pss, rss = (sum(map(int, re.findall(rf"^{name}:\s*(\d+)", "\n".join(files), re.M))) for name in ("Pss", "Rss"))
        return pss / 1024, rss / 1024


@contextmanager
def running(command: Sequence[str], first: str, settings: str = "truthlytics.settings") -> Iterator[Server]:
    """Run a server; PORT in the command becomes its port. Raises MeasurementError if `first` gets no answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [part.replace("PORT", str(port)) for part in command]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": settings}
    process = subprocess.Popen(command, cwd=BASE_DIR, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    server = Server(process, port)
    try:
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                server.get(first)
                break
            except OSError as error:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise MeasurementError("The server did not start.") from error
                time.sleep(0.05)
        server.cpu_to_start = server.cpu(with_database=False)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=START_TIMEOUT)


def tree(root: int) -> list[int]:
    """Return the ids of a process and of all its descendants."""
    parents = {int(pid): _parent(int(pid)) for pid in map(attrgetter("name"), Path("/proc").iterdir()) if pid.isdigit()}
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _parent(pid: int) -> int:
    return int((_read(f"/proc/{pid}/stat").rpartition(")")[2].split() or ["0", "0"])[1])


def _read(path: str | Path) -> str:
    """Return the text of a file, "" if the process has ended."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
