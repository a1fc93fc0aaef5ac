"""Every benchmark by its name."""

from collections.abc import Callable, Iterator

from .reading import reading
from .rows import Options, Row
from .searching import searching

Benchmark = Callable[[Options], Iterator[Row]]

BENCHMARKS: dict[str, Benchmark] = {"reading": reading, "search": searching}
