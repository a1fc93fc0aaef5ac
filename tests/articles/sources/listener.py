"""A local server that replaces the web in tests of requests to it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

PUBLIC = "93.184.215.14"


class Listener:
    """Answers with the status in `answers` by method and path, 200 by default; a redirect is (status, location).

    Bytes are the body of a response with status 200. `headers` has further ones by path.
    """

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.requests: list[tuple[str, str, str]] = []
        self.agents: set[str] = set()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                listener.requests.append((self.command, self.headers["Host"], self.path))
                listener.agents.add(self.headers["User-Agent"])
                path = self.path.partition("?")[0]
                answer = listener.answers.get(f"{self.command} {path}", listener.answers.get(path, 200))
                body = answer if isinstance(answer, bytes) else b""
                status, location = answer if isinstance(answer, tuple) else (200 if body else answer, "")
                if status == "drop":
                    return self.connection.close()
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                for name, value in listener.headers.get(path, {}).items():
                    self.send_header(name, value)
                if body:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_HEAD = do_GET = answer

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def connect(self, address: tuple[str, int], timeout: float) -> socket.socket:
        """Connect to this server for any address."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()
    thread = Thread(target=listener.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.server.shutdown()
        listener.server.server_close()


def resolve(host: str, port: int) -> list[str]:
    return [PUBLIC]
