"""Running times compared with each other, so that they hold on every machine."""

import time
from collections.abc import Callable
from typing import Any

# Seconds. Shorter times are not compared: they consist of what every call costs.
SHORTEST = 0.002

# Growth in proportion to the size, with a margin for busy machines: growth by the square is beyond it.
LINEAR = 2


def growth(run: Callable[..., Any], small: Any, large: Any) -> float:
    """Return how many times as long `run(large)` takes as `run(small)`: as many as it is larger, or its square."""
    return _seconds(run, large) / max(_seconds(run, small), SHORTEST)


def _seconds(run: Callable[..., Any], argument: Any) -> float:
    """Return the time of the processor for the fastest of three calls."""
    times = []
    for _ in range(3):
        start = time.thread_time()
        run(argument)
        times.append(time.thread_time() - start)
    return min(times)
