"""The socket on which a server listens: a port, or a file."""

import errno
import fcntl
import os
import socket
from pathlib import Path

from truthlytics.server.child import BACKLOG


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
