"""Give memory back to the system."""

import ctypes
import gc
from contextlib import suppress


def release_memory() -> None:
    """Free what is no longer used after work that needed much, such as images: glibc would keep it for later."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
