"""A cached page against a minimal app that sends the same bytes, in the server that `manage.py serve` runs."""

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

from truthlytics.bench.measure import Environ, Headers, MeasurementError, Response
from truthlytics.env import BASE_DIR
from truthlytics.server.body_buffer import IO_THREADS
from truthlytics.server.supervisor import BACKPRESSURE

HELLO, HELLO_WITH_HEADERS = "/hello", "/hello-with-headers"
PAGE = "TRUTHLYTICS_BENCH_PAGE"
CONNECTIONS, PIPELINED = 8, 16
# Many short rounds, so that each measurement has one without other load.
ROUNDS, SECONDS = 20, 0.25
TIMEOUT = 20.0


class Hello:
    """A minimal WSGI app: sends `body` with two headers, or with `headers`."""

    def __init__(self, body: bytes, headers: Headers | None = None) -> None:
        self.body = [body]
        minimal = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
        self.headers = minimal if headers is None else headers

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", self.headers)
        return self.body


def compare_with_hello(rendered: Response, folder: Path, *, environ: Environ) -> tuple[float, float]:
    """Return the requests per second of a cached page relative to a minimal app without and with its headers.

    The best of alternating rounds on one core.
    """
    page, path = folder / "page.json", environ["PATH_INFO"]
    body = base64.b64encode(rendered.body).decode()
    data = {"path": path, "status": rendered.status, "headers": rendered.headers, "body": body}
    page.write_text(json.dumps(data), encoding="utf-8")
    best = dict.fromkeys((HELLO, HELLO_WITH_HEADERS, path), 0.0)
    with serving(page) as port:
        for _ in range(ROUNDS):
            for url in best:
                best[url] = max(best[url], requests_per_second(port, url, environ))
    return best[path] / best[HELLO], best[path] / best[HELLO_WITH_HEADERS]


@contextmanager
def serving(page: Path) -> Iterator[int]:
    """Run one worker with the options of `serve`, on its own core if there are two. Yields the port."""
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
        server.wait(timeout=TIMEOUT)


def requests_per_second(port: int, path: str, environ: Environ) -> float:
    """Measure over several connections with pipelined requests, so that the server is the bottleneck."""
    headers = {"Host": "HTTP_HOST", "User-Agent": "HTTP_USER_AGENT", "Accept-Encoding": "HTTP_ACCEPT_ENCODING"}
    head = "".join(f"{name}: {environ[key]}\r\n" for name, key in headers.items())
    request = f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
    clients = [socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) for _ in range(CONNECTIONS)]
    try:
        length = _response_length(clients[0], request)
        buffer = bytearray(1 << 20)
        completed, started = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - started) < SECONDS:
            for client in clients:
                client.sendall(request * PIPELINED)
            for client in clients:
                _receive(client, buffer, length * PIPELINED)
            completed += CONNECTIONS * PIPELINED
        return completed / elapsed
    finally:
        for client in clients:
            client.close()


def _response_length(client: socket.socket, request: bytes) -> int:
    client.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        data += _receive_some(client)
    head, _, _start = data.partition(b"\r\n\r\n")
    if b" 200 " not in head.splitlines()[0]:
        raise MeasurementError(f"The server returned {head.splitlines()[0].decode()}.")
    headers = dict(part.lower().split(b": ", 1) for part in head.splitlines()[1:])
    length = len(head) + 4 + int(headers[b"content-length"])
    _receive(client, bytearray(1 << 20), length - len(data))
    return length


def _receive(client: socket.socket, buffer: bytearray, length: int) -> None:
    while length > 0:
        received = client.recv_into(buffer)
        if not received:
            raise MeasurementError("The server closed a connection.")
        length -= received


def _receive_some(client: socket.socket) -> bytes:
    data = client.recv(1 << 16)
    if not data:
        raise MeasurementError("The server closed a connection.")
    return data


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise MeasurementError("The server did not start.")
