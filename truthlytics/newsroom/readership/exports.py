"""The tables of the statistics pages as rows of CSV files. Names of columns stay English, as in all such files."""

from collections.abc import Iterator

from articles.seo.meta import absolute_url
from truthlytics.newsroom.readership.report import Life, Line, Report
from truthlytics.newsroom.readership.sources import LeftOut
from truthlytics.statistics.figures import Figures, ReadArticle
from truthlytics.statistics.source_figures import Sources

# The tables of the pages by the name of their file, and those that only the page of all articles has.
TABLES = ("figures", "articles", "sources", "not-counted")
OF_ALL = ("not-counted",)
COLUMNS = ("people", "read_to_half", "assistants", "programs", "not_counted", "people_counted_before", "subscribers")

type Rows = Iterator[list[object]]


def figures(report: Report) -> Rows:
    """Yield a row for each line of the report, or one for the whole period if it has no lines."""
    yield ["time", *COLUMNS]
    if report.lines and report.has_halves:
        yield from map(_line, report.table)
    elif report.lines:
        yield from map(_hour, report.table)
    elif report.is_kept:
        yield [report.period.first.isoformat(), *_values(report.total)]


def articles(rows: list[ReadArticle]) -> Rows:
    yield ["uuid", "headline", "url", *COLUMNS]
    for row in rows:
        article = row.article
        yield [str(article.uuid), article.headline, absolute_url(article.get_absolute_url()), *_values(row.figures)]


def sources(found: Sources | None) -> Rows:
    yield ["kind", "name", "people"]
    for row in [*found.kinds, *found.names] if found else ():
        yield [row.kind, row.name, row.people]


def left_out(found: LeftOut) -> Rows:
    yield ["what", "name", "kind", "requests"]
    for name, kind, requests in found.agents:
        yield ["agent", name, kind, requests]
    for reason, requests in found.reasons:
        yield ["reason", reason, "", requests]


def life(shown: Life) -> Rows:
    yield ["time", *COLUMNS]
    single = {line.key[:7] for line in shown.days}
    yield from (_line(line) for line in shown.months if line.key not in single)
    yield from map(_line, shown.days)


def _line(line: Line) -> list[object]:
    return [line.key, *_values(line.figures)]


def _hour(line: Line) -> list[object]:
    """Return the row of an hour, of which it is not stored who read to the half and who subscribes."""
    people, _halves, *others, old, _subscribers = _values(line.figures)
    return [line.key, people, "", *others, old, ""]


def _values(figures: Figures) -> list[object]:
    return [
        figures.people,
        figures.halves,
        figures.assistants,
        figures.programs,
        figures.not_counted,
        figures.old,
        figures.subscribers,
    ]
