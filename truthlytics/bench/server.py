"""A kept page against a bare hello of the same bytes, in the server that `manage.py serve` runs."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from truthlytics.bench.measure import Answer, Environ, Headers, NotMeasured
from truthlytics.env import BASE_DIR
from truthlytics.management.commands.serve import BACKPRESSURE
from truthlytics.server.body_buffer import IO_THREADS

HELLO, DRESSED = "/hello", "/hello-with-all-headers"
PAGE = "TRUTHLYTICS_BENCH_PAGE"
CONNECTIONS, PIPELINED = 8, 16
# Many and short: a moment in which nobody else uses the core is then among them for each.
ROUNDS, SECONDS = 20, 0.25
PATIENCE = 20.0


class Hello:
    """The least that a WSGI callable can do: two headers (or those that it is given) and the bytes."""

    def __init__(self, body: bytes, headers: Headers | None = None) -> None:
        self.body = [body]
        least = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
        self.headers = least if headers is None else headers

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", self.headers)
        return self.body


def against_hello(made: Answer, folder: Path, *, environ: Environ) -> tuple[float, float]:
    """Requests a second of the page `made`, kept, over those of hello, and of one that sends the page's headers.

    Best rounds, taking turns, one core.
    """
    page, path = folder / "page.json", environ["PATH_INFO"]
    body = base64.b64encode(made.body).decode()
    told = {"path": path, "status": made.status, "headers": made.headers, "body": body}
    page.write_text(json.dumps(told), encoding="utf-8")
    best = dict.fromkeys((HELLO, DRESSED, path), 0.0)
    with serving(page) as port:
        for _ in range(ROUNDS):
            for asked in best:
                best[asked] = max(best[asked], rate(port, asked, environ))
    return best[path] / best[HELLO], best[path] / best[DRESSED]


@contextmanager
def serving(page: Path) -> Iterator[int]:
    """One worker with the doors and the backpressure of `serve`, on a core of its own where there are two."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) > 1:
        os.sched_setaffinity(0, cores[:1])
    environment = {**os.environ, PAGE: str(page), "SECRET_KEY": settings.SECRET_KEY, "DEBUG": "0"}
    server = subprocess.Popen(  # noqa: S603
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", "1", "--blocking-threads", str(IO_THREADS), "--backpressure", str(BACKPRESSURE), "--no-ws",
            "--log-level", "error", "truthlytics.bench.hello_app:application",
        ],
        cwd=BASE_DIR,
        env=environment,
    )  # fmt: skip
    try:
        if len(cores) > 1:
            os.sched_setaffinity(0, cores[1:])
        _wait(port, server)
        yield port
    finally:
        if len(cores) > 1:
            os.sched_setaffinity(0, cores)
        server.terminate()
        server.wait(timeout=PATIENCE)


def rate(port: int, path: str, environ: Environ) -> float:
    """Requests a second over a few connections, several under way on each: the server is what limits."""
    said = {"Host": "HTTP_HOST", "User-Agent": "HTTP_USER_AGENT", "Accept-Encoding": "HTTP_ACCEPT_ENCODING"}
    head = "".join(f"{name}: {environ[key]}\r\n" for name, key in said.items())
    request = f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
    lines = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(CONNECTIONS)]
    try:
        length = _length_of_one(lines[0], request)
        buffer = bytearray(1 << 20)
        done, begun = 0, time.perf_counter()
        while (passed := time.perf_counter() - begun) < SECONDS:
            for line in lines:
                line.sendall(request * PIPELINED)
            for line in lines:
                _receive(line, buffer, length * PIPELINED)
            done += CONNECTIONS * PIPELINED
        return done / passed
    finally:
        for line in lines:
            line.close()


def _length_of_one(line: socket.socket, request: bytes) -> int:
    line.sendall(request)
    got = b""
    while b"\r\n\r\n" not in got:
        got += _some(line)
    head, _, _start = got.partition(b"\r\n\r\n")
    if b" 200 " not in head.splitlines()[0]:
        raise NotMeasured(f"The server answered {head.splitlines()[0].decode()}.")
    names = dict(part.lower().split(b": ", 1) for part in head.splitlines()[1:])
    length = len(head) + 4 + int(names[b"content-length"])
    _receive(line, bytearray(1 << 20), length - len(got))
    return length


def _receive(line: socket.socket, buffer: bytearray, length: int) -> None:
    while length > 0:
        got = line.recv_into(buffer)
        if not got:
            raise NotMeasured("The server closed a connection.")
        length -= got


def _some(line: socket.socket) -> bytes:
    got = line.recv(1 << 16)
    if not got:
        raise NotMeasured("The server closed a connection.")
    return got


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise NotMeasured("The server to measure in did not start.")
