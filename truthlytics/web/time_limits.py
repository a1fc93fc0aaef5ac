"""Time limits for work of unknown length.

`time_limit` raises an exception, which Python can do between two of its instructions only. Code in C, such as a regular
expression, may run for ever without reaching one; `end_process_after` also ends that.
"""

import faulthandler
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType


class TimeLimitExceededError(BaseException):
    """Work took longer than it may. No subclass of Exception, so that what is ended cannot catch it by accident."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeLimitExceededError in the block after so many seconds, or when a limit around it ends.

    Only the main thread gets signals: elsewhere the block runs without a limit.
    """
    if current_thread() is not main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise TimeLimitExceededError(f"It did not end within {seconds:g} seconds.")

    outer, _ = signal.getitimer(signal.ITIMER_REAL)
    handler = signal.signal(signal.SIGALRM, end)
    limit = min(seconds, outer) if outer else seconds
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if outer:
            # A limit around this one that has passed meanwhile ends at once.
            signal.setitimer(signal.ITIMER_REAL, max(outer - (limit - left), 0.001))


@contextmanager
def end_process_after(seconds: float) -> Iterator[None]:
    """End this process with exit code 1 if the block takes so long, and print where it was. Do not nest it."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
