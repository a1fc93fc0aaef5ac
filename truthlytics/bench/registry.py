"""Every benchmark by its name."""

from collections.abc import Callable, Iterator

from .reading import reading
from .rows import Options, Row

Benchmark = Callable[[Options], Iterator[Row]]

BENCHMARKS: dict[str, Benchmark] = {"reading": reading}
