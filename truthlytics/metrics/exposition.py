"""The text that Prometheus reads: what was counted, and readings of this moment. What fails leaves the rest."""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from truthlytics.metrics import counters, readings
from truthlytics.metrics.readings import Parts
from truthlytics.web import plugins
from truthlytics.web.readings import checked

logger = logging.getLogger(__name__)

# Seconds for all readings of the database together, in case it hangs, and for those of extensions. Prometheus waits for
# ten.
TIMEOUT = 4
# Of a function of a feature or plug-in.
MAX_READINGS = 100

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
        own = [*read(LOCAL), *from_database()]
        for name, metrics in [*own, *unambiguous(from_extensions(), own)]:
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


class Reader:
    """Reads parts in a thread of its own. A reading that hangs continues, and no other is started until then."""

    def __init__(self, of: str) -> None:
        self.of = of
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="metrics")
        self._running: Future[Results] | None = None

    def read(self, parts: Parts) -> Results:
        if self._running is None or self._running.done():
            self._running = self._executor.submit(read_in_new_connection, parts)
        try:
            return self._running.result(timeout=TIMEOUT)
        except TimeoutError:
            logger.warning("The metrics of %s cannot be read: no answer within %d s.", self.of, TIMEOUT)
            return [(name, None) for name in parts]


def from_database() -> Results:
    return _database.read(readings.DATABASE)


def from_extensions() -> Results:
    """Read what features and plug-ins add. Those that hang leave the numbers of the site."""
    parts = extension_parts()
    return _extensions.read(parts) if parts else []


def extension_parts() -> Parts:
    return {path: partial(metrics_of, function) for path, function in plugins.metrics().items()}


def metrics_of(function: Callable[[datetime], Iterable[Any]], now: datetime) -> Iterator[Metric]:
    """Yield the metrics that a function of a feature or plug-in returns. Raises what it raises."""
    for number, reading in enumerate(function(now)):
        if number == MAX_READINGS:
            raise ValueError(f"these are more than {MAX_READINGS} readings.")
        name, meaning, values, labels = checked(reading)
        yield readings.gauge(name, meaning, values, *labels)


def unambiguous(added: Results, own: Results) -> Results:
    """Return what was added, without the parts that repeat a name: Prometheus would refuse the whole page."""
    used = {"truthlytics_reading_failed", *names_in(own)}
    results: Results = []
    for part, metrics in added:
        names = [*names_in([(part, metrics)])]
        if used.intersection(names) or len({*names}) < len(metrics or ()):
            logger.error("The metrics of %s cannot be used: they have a name that there is already.", part)
            metrics = None
        else:
            used.update(names)
        results.append((part, metrics))
    return results


def names_in(results: Results) -> Iterator[str]:
    """Yield the names that each metric has in the text, such as `…_total` and `…_bucket`, each once."""
    for _part, metrics in results:
        for metric in metrics or ():
            yield from {metric.name, *(sample.name for sample in metric.samples)}


def read_in_new_connection(parts: Parts) -> Results:
    """Read parts, and close the connection, so that the next reading opens a new one."""
    try:
        return read(parts)
    finally:
        connection.close()


LOCAL: Parts = {
    "version": lambda now: readings.version(),
    "requests": lambda now: counters.collect(),
    "disk": lambda now: readings.disk(),
}
_database, _extensions = Reader("the database"), Reader("features and plug-ins")
