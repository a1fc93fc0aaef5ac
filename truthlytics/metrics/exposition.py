"""The text that Prometheus reads: what was counted, and readings of this moment. What fails leaves the rest."""

import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from truthlytics.metrics import counters, readings
from truthlytics.metrics.readings import Parts

logger = logging.getLogger(__name__)

# Seconds for all readings together, in case the database hangs. Prometheus waits for ten.
TIMEOUT = 5

# What was read of each part; None if that failed.
type Results = list[tuple[str, list[Metric] | None]]


def exposition() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector())
    return generate_latest(registry)


class Collector:
    """Collects everything at the time of a reading."""

    def collect(self) -> Iterator[Metric]:
        failed = GaugeMetricFamily(
            "truthlytics_reading_failed", "1 if a part of the metrics could not be read.", labels=["part"]
        )
        for name, metrics in [*read(LOCAL), *from_database()]:
            failed.add_metric([name], float(metrics is None))
            yield from metrics or ()
        yield failed


def read(parts: Parts) -> Results:
    """Return the metrics of each part. The log says why one failed."""
    now = timezone.now()
    results: Results = []
    for name, part in parts.items():
        metrics = None
        try:
            metrics = list(part(now))
        except Exception:
            logger.exception("The metrics about %s cannot be read.", name)
        results.append((name, metrics))
    return results


def from_database() -> Results:
    """Read the database in a thread of its own. A reading that hangs continues, and no other is started until then."""
    global _running
    if _running is None or _running.done():
        _running = _executor.submit(read_in_new_connection)
    try:
        return _running.result(timeout=TIMEOUT)
    except TimeoutError:
        logger.warning("The metrics of the database cannot be read: no answer within %d s.", TIMEOUT)
        return [(name, None) for name in readings.DATABASE]


def read_in_new_connection() -> Results:
    """Read the database, and close the connection, so that the next reading opens a new one."""
    try:
        return read(readings.DATABASE)
    finally:
        connection.close()


LOCAL: Parts = {
    "version": lambda now: readings.version(),
    "requests": lambda now: counters.collect(),
    "disk": lambda now: readings.disk(),
}
_executor = ThreadPoolExecutor(1, thread_name_prefix="metrics")
_running: Future[Results] | None = None
