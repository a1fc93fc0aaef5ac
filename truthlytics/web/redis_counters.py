"""The cache that counts attempts, in Redis. While Redis does not answer, each worker counts for itself."""

import logging
import sys
import time
from threading import Lock
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

logger = logging.getLogger(__name__)

# Seconds without another attempt to reach Redis: an attempt takes a second if there is no answer.
RETRY_AFTER = 5
# Counters in memory while Redis is unreachable; the oldest are dropped.
MAX_COUNTERS = 100_000


class Outage:
    """Whether Redis is unreachable, as the threads of this process have found: each has its own connection."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._retry_at = 0.0
        self.is_known = False

    def may_try(self) -> bool:
        """Return whether to ask Redis: always, or during an outage one thread every few seconds."""
        if not self.is_known:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._retry_at:
                return False
            self._retry_at = now + RETRY_AFTER
            return True

    def begin(self, error: Exception) -> None:
        with self._lock:
            self._retry_at = time.monotonic() + RETRY_AFTER
            if not self.is_known:
                logger.warning("Redis does not answer (%s). Each worker counts attempts for itself meanwhile.", error)
            self.is_known = True

    def end(self) -> None:
        if self.is_known:
            self.is_known = False
            logger.warning("Redis answers again.")


OUTAGE = Outage()


class RedisCounters(RedisCache):
    """Django's Redis cache, without which readers can still log in and write.

    During an outage a limit holds for each worker rather than for all of them together, and counters begin at zero.
    """

    def __init__(self, server: Any, params: dict[str, object]) -> None:
        super().__init__(server, params)
        options = {"OPTIONS": {"MAX_ENTRIES": MAX_COUNTERS}, "KEY_PREFIX": self.key_prefix}
        self._memory = LocMemCache("counters while Redis is unreachable", options)

    def add(self, *args: object, **kwargs: object) -> Any:
        return self._call("add", args, kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("get", args, kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("get_many", args, kwargs)

    def set(self, *args: object, **kwargs: object) -> Any:
        return self._call("set", args, kwargs)

    def incr(self, *args: object, **kwargs: object) -> Any:
        return self._call("incr", args, kwargs)

    def delete(self, *args: object, **kwargs: object) -> Any:
        return self._call("delete", args, kwargs)

    def ping(self) -> None:
        """Raise an error if Redis does not answer."""
        super().get("ping")

    def _call(self, name: str, args: Any, kwargs: Any) -> Any:
        if OUTAGE.may_try():
            try:
                result = getattr(super(), name)(*args, **kwargs)
            except _connection_errors() as error:
                OUTAGE.begin(error)
            else:
                OUTAGE.end()
                return result
        return getattr(self._memory, name)(*args, **kwargs)


def _connection_errors() -> tuple[type[Exception], ...]:
    """Return what the client raises without an answer. It is not installed everywhere, so it is not imported here."""
    errors = sys.modules["redis.exceptions"]
    return errors.ConnectionError, errors.TimeoutError
