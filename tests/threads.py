"""Threads for tests of concurrent requests."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from django.db import connection


def at_once(work: Callable[[], Any], number: int) -> list[Any]:
    """Run `work` in `number` threads that start together. Returns the results, including exceptions."""
    barrier = Barrier(number)
    results: list[Any] = []

    def run() -> None:
        barrier.wait(30)
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - for the test to judge
            results.append(error)

    for thread in [start_thread(run) for _ in range(number)]:
        thread.join()
    return results


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
