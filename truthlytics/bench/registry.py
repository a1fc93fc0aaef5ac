"""The benchmarks by name."""

from collections.abc import Callable, Iterator

from truthlytics.bench.comments import comments
from truthlytics.bench.newsroom import newsroom
from truthlytics.bench.reading import reading
from truthlytics.bench.results import Options, Row
from truthlytics.bench.search import search
from truthlytics.bench.subscriptions import subscriptions

Benchmark = Callable[[Options], Iterator[Row]]

BENCHMARKS: dict[str, Benchmark] = {
    "reading": reading,
    "search": search,
    "newsroom": newsroom,
    "subscriptions": subscriptions,
    "comments": comments,
}
# The number of articles, where the goals assume other than the default.
ARTICLES = {"newsroom": 50_000, "subscriptions": 60, "comments": 60}
