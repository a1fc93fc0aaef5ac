"""Memory that the C library keeps for later."""

import ctypes
from contextlib import suppress


def release_memory() -> None:
    """Return free memory to the system: some megabytes after importing the site, up to 100 after making an image."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
