"""A mail server that keeps the bytes it gets."""

import socketserver
import threading
from contextlib import contextmanager

from django.test import override_settings

from truthlytics.env import mailer_settings


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.reply("220 ready")
        accepted = 0
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"MAIL" and accepted == self.server.per_connection:
                return self.reply("421 4.7.0 Too many messages in this connection")
            if command == b"DATA":
                self.reply("354 go on")
                self.server.received.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                accepted += 1
            self.reply("221 bye" if command == b"QUIT" else "250 ok")

    def reply(self, line):
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def smtp_server(per_connection=None):
    """Send emails over SMTP to a server of this process. Yields the list of what it receives, as bytes.

    After `per_connection` emails it closes the connection.
    """
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.received, server.per_connection = [], per_connection
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        mailers = {"default": mailer_settings(f"smtp://127.0.0.1:{server.server_address[1]}")}
        try:
            with override_settings(MAILERS=mailers):
                yield server.received
        finally:
            server.shutdown()
