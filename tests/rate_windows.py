"""In a test the windows of rate limits begin with the first use that is counted, so that none ends in between."""

import time
from unittest import mock

from truthlytics.web import rate_limits

_begun = 0.0


def begin_test() -> None:
    global _begun
    _begun = 0.0


def window(seconds: int) -> int:
    global _begun
    _begun = _begun or time.time()
    return int(time.time() - _begun + 0.001) // seconds


def use() -> None:
    """Count in such windows from now on."""
    mock.patch.object(rate_limits, "window", window).start()
