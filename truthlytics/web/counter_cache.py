"""The cache that counts attempts, in a table of its own: rows stay until they expire, however many there are."""

import base64
import pickle
from datetime import datetime

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError, connections, router, transaction

# How the names of counters of attempts begin: ours and those of allauth. The table has other rows, too.
ATTEMPTS = ("limit:", "allauth:")


class NotCountedError(OperationalError):
    """An attempt could not be counted, for example because the disk is full. Answered with 503, not with 429."""


class CounterCache(DatabaseCache):
    """Django's database cache with an `incr` that loses no simultaneous use and keeps the expiry.

    A counter that cannot be stored raises NotCountedError; Django would say that there is one already.
    """

    def add(self, key: str, value: object, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        # Twice, because one that was there may have expired since.
        for _ in range(2):
            if super().add(key, value, timeout, version):
                return True
            if self.get(key, version=version) is not None:
                return False
        raise NotCountedError("A counter of attempts could not be stored.")

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        name = self.make_and_validate_key(key, version=version)
        db = router.db_for_write(self.cache_model_class)
        with transaction.atomic(using=db), connections[db].cursor() as cursor:
            table = connections[db].ops.quote_name(self.cache_model_class._meta.db_table)
            # Locks the row until the end of the transaction. A row that appears afterwards would not be locked.
            cursor.execute(f"UPDATE {table} SET expires = expires WHERE cache_key = %s", [name])  # noqa: S608
            value: int | None = self.get(key, version=version) if cursor.rowcount else None
            if value is None:
                raise ValueError(f"There is no counter {key!r}.")
            cursor.execute(
                f"UPDATE {table} SET value = %s WHERE cache_key = %s",  # noqa: S608
                [self.encode(value + delta), name],
            )
        return value + delta

    def encode(self, value: object) -> str:
        return base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii")

    def attempts(self) -> tuple[int, int]:
        """Return the number of counters of attempts and their bytes."""
        connection = connections[router.db_for_read(self.cache_model_class)]
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(self.cache_model_class._meta.db_table)
            cursor.execute(
                f"SELECT COUNT(*), COALESCE(SUM(LENGTH(value) + LENGTH(cache_key) + 100), 0) FROM {table}"  # noqa: S608
                " WHERE cache_key LIKE %s OR cache_key LIKE %s",
                [f"{self.make_key(name)}%" for name in ATTEMPTS],
            )
            rows, size = cursor.fetchone()
        return int(rows), int(size)

    def delete_attempts(self, count: int) -> int:
        """Delete up to `count` counters of attempts: those at one first, and of these what expires first."""
        connection = connections[router.db_for_write(self.cache_model_class)]
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(self.cache_model_class._meta.db_table)
            cursor.execute(
                f"DELETE FROM {table} WHERE cache_key IN (SELECT cache_key FROM {table}"  # noqa: S608
                " WHERE cache_key LIKE %s OR cache_key LIKE %s"
                " ORDER BY CASE WHEN value = %s THEN 0 ELSE 1 END, expires LIMIT %s)",
                [*(f"{self.make_key(name)}%" for name in ATTEMPTS), self.encode(1), count],
            )
            return int(cursor.rowcount)

    def delete_expired(self, now: datetime) -> int:
        connection = connections[router.db_for_write(self.cache_model_class)]
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {connection.ops.quote_name(self.cache_model_class._meta.db_table)} WHERE expires < %s",  # noqa: S608
                [connection.ops.adapt_datetimefield_value(now)],
            )
            return int(cursor.rowcount)


def delete_expired(now: datetime) -> int:
    """Delete expired counters. Redis and memory do it themselves."""
    counters = caches["default"]
    return counters.delete_expired(now) if isinstance(counters, CounterCache) else 0
