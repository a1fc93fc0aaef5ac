"""How processes talk to the supervisor that has started them. It imports nothing of the site."""

import ctypes
import os
import signal

# Environment variables with file descriptors: of the listening socket, and of the pipe for `report_ready`.
LISTENER, READY = "TRUTHLYTICS_LISTENER", "TRUTHLYTICS_READY"
# The one with the supervisor's process id.
SUPERVISOR = "TRUTHLYTICS_SUPERVISOR"
BACKLOG = 1024
# Seconds to send a request's headers, and before an idle connection is closed.
IDLE_TIMEOUT = 15
PR_SET_PDEATHSIG = 1


def status_pipe() -> tuple[int, int]:
    """Return the ends of a pipe: one that the supervisor reads, and one that a process gets for `report_ready`."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_inheritable(writing, True)
    return reading, writing


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
