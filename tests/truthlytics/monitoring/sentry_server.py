"""A server on this machine that receives reports as Sentry does, and keeps everything that it was sent."""

import gzip
import json
import logging
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import brotli
import sentry_sdk
from django.test import override_settings

from truthlytics.monitoring import sentry

DECODERS = {"gzip": gzip.decompress, "br": brotli.decompress, "": bytes}


class SentryServer:
    """`sent` has each request as text: its first line, headers and body. `may_answer` can be cleared to let it hang."""

    def __init__(self):
        self.sent = []
        self.may_answer = Event()
        self.may_answer.set()
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                decode = DECODERS[self.headers["Content-Encoding"] or ""]
                kept.sent.append((f"{self.requestline}\n{self.headers}", decode(body)))
                kept.may_answer.wait(60)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.dsn = f"http://publickey@127.0.0.1:{self.server.server_port}/42"

    @property
    def text(self):
        return "\n".join(head + body.decode() for head, body in self.sent)

    @property
    def reports(self):
        """Return the events: the last line of each envelope."""
        return [json.loads(body.decode().splitlines()[-1]) for _head, body in self.sent]


@contextmanager
def sentry_server():
    server = SentryServer()
    Thread(target=server.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.may_answer.set()
        server.server.shutdown()
        server.server.server_close()


@contextmanager
def reporting(dsn):
    """Report the errors of this process to `dsn`, and log them nowhere else."""
    root, disabled = logging.getLogger(), logging.root.manager.disable
    handlers, root.handlers = root.handlers, [logging.NullHandler()]
    logging.disable(logging.NOTSET)
    try:
        with override_settings(SENTRY_DSN=dsn):
            sentry.start()
            yield
            sentry.stop()
    finally:
        sentry_sdk.get_global_scope().set_client(None)
        for scope in (sentry_sdk.get_isolation_scope(), sentry_sdk.get_current_scope()):
            scope.clear()
        root.handlers = handlers
        logging.disable(disabled)
