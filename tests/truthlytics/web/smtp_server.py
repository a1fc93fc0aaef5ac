"""A mail server that keeps the bytes it gets."""

import socketserver
import threading
from contextlib import contextmanager

from django.test import override_settings

from truthlytics.env import mailer_settings


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.reply("220 ready")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"DATA":
                self.reply("354 go on")
                self.server.received.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            self.reply("221 bye" if command == b"QUIT" else "250 ok")

    def reply(self, line):
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def smtp_server():
    """Send emails over SMTP to a server of this process. Yields the list of what it receives, as bytes."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.received = []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        mailers = {"default": mailer_settings(f"smtp://127.0.0.1:{server.server_address[1]}")}
        try:
            with override_settings(MAILERS=mailers):
                yield server.received
        finally:
            server.shutdown()
