"""Every benchmark by its name."""

from collections.abc import Callable, Iterator

from truthlytics.bench.newsroom import newsroom
from truthlytics.bench.reading import reading
from truthlytics.bench.results import Options, Row
from truthlytics.bench.search import searching

Benchmark = Callable[[Options], Iterator[Row]]

BENCHMARKS: dict[str, Benchmark] = {"reading": reading, "search": searching, "newsroom": newsroom}
# How many articles their goals speak of, where that is not the thousand that all others have.
ARTICLES = {"newsroom": 50_000}
