"""Every benchmark by its name."""

from collections.abc import Callable, Iterator

from .newsroom import newsroom
from .reading import reading
from .rows import Options, Row
from .searching import searching

Benchmark = Callable[[Options], Iterator[Row]]

BENCHMARKS: dict[str, Benchmark] = {"reading": reading, "search": searching, "newsroom": newsroom}
# How many articles their goals speak of, where that is not the thousand that all others have.
ARTICLES = {"newsroom": 50_000}
