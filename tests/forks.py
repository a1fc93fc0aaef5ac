"""Forked processes in tests."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def forking() -> Iterator[None]:
    """Allow this process to fork others in the block. Django's parallel tests run in daemons, which may not."""
    process = multiprocessing.current_process()
    was_daemon, process.daemon = process.daemon, False
    try:
        yield
    finally:
        process.daemon = was_daemon
