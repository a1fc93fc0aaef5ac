"""Requests to Stripe at a limited rate, repeated while it is away."""

import time
from collections.abc import Callable

from subscriptions.providers.base import Unavailable

# Seconds between attempts while Stripe does not answer: five minutes in all.
WAITS = (1, 2, 4, 8, 15, 30, 60, 60, 120)
# Requests in a second: Stripe allows 25 in test mode, and more in live mode.
RATE = 20


class Pace:
    """Makes at most `per_second` calls in a second."""

    def __init__(self, per_second: float) -> None:
        self.gap = 1 / per_second if per_second else 0
        self.next = time.monotonic()

    def __call__[Result](self, ask: Callable[[], Result]) -> Result:
        """Call `ask`, which must be safe to repeat, and return its result. Raises ProviderError."""
        for seconds in WAITS:
            self._wait()
            try:
                return ask()
            except Unavailable:
                time.sleep(seconds)
        return ask()

    def _wait(self) -> None:
        if (early := self.next - time.monotonic()) > 0:
            time.sleep(early)
        self.next = max(self.next, time.monotonic()) + self.gap
