"""Threads for tests of concurrent requests."""

from collections.abc import Callable
from threading import Thread
from typing import Any

from django.db import connection


def start_thread(work: Callable[[], Any]) -> Thread:
    """Run `work` in a thread with a database connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread
