"""Benchmarks of this software on this machine."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from truthlytics.bench.measure import MeasurementError
from truthlytics.bench.registry import ARTICLES, BENCHMARKS
from truthlytics.bench.results import Options, Row

MIN_ARTICLES = 60


class Command(BaseCommand):
    help = (
        "Measure the cost of pages with sample data, separate from the site's own. "
        "Exits with 0 if everything was measured, whether or not the goals hold."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(BENCHMARKS)
        parser.add_argument("names", nargs="+", metavar="NAME", help=f"benchmarks to run: {known}, or all")
        parser.add_argument(
            "--articles",
            type=int,
            default=None,
            help="number of articles (default: 1000, newsroom: 50000, subscriptions and comments: 60)",
        )
        parser.add_argument("--comments", type=int, default=10_000, help="comments on one article (default: 10000)")
        parser.add_argument("--keep", action="store_true", help="keep the sample data in var/bench/ for the next run")
        parser.add_argument(
            "--database",
            default="",
            metavar="URL",
            help="use this database, which must be empty or from an earlier run",
        )
        parser.add_argument("--quick", action="store_true", help="only check that it runs; the figures mean nothing")
        parser.add_argument("--profile", action="store_true", help="also show where the time of a page is spent")
        parser.add_argument("--json", action="store_true", help="print a list of {name, value, unit, goal, holds}")

    def handle(self, *args: Any, **options: Any) -> None:
        names = list(BENCHMARKS) if "all" in options["names"] else list(dict.fromkeys(options["names"]))
        for name in names:
            if name not in BENCHMARKS:
                raise CommandError(f"There is no benchmark “{name}”. Choose from {', '.join(BENCHMARKS)} and all.")
        articles = options["articles"]
        if (articles is not None and articles < MIN_ARTICLES) or options["comments"] < 1:
            raise CommandError(f"--articles must be at least {MIN_ARTICLES}, and --comments at least 1.")
        values = {name: options[name] for name in ("comments", "quick", "keep", "database", "profile")}
        defaults = Options(**values, progress=self._progress)
        try:
            rows: list[Row] = []
            for name in names:
                number = articles or ARTICLES.get(name, defaults.articles)
                rows += BENCHMARKS[name](replace(defaults, articles=number))
        except MeasurementError as error:
            raise CommandError(f"The benchmark failed: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
        else:
            self.stdout.write(table(rows))

    def _progress(self, message: str) -> None:
        # To stderr, so that stdout contains only the figures. On a terminal, each message replaces the last.
        begin, end = ("\r\x1b[K", "") if self.stderr.isatty() else ("", "\n")
        self.stderr.write(begin + message, style_func=str, ending=end)
        self.stderr.flush()


def table(rows: Sequence[Row]) -> str:
    """Format the rows as a table with a header."""
    lines = [("name", "value", "unit", "goal", "holds")]
    labels = {True: "yes", False: "no", None: ""}
    lines += [(row.name, f"{row.value:,.10g}", row.unit, row.goal, labels[row.holds]) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {unit:<{widths[2]}}  {goal:<{widths[3]}}  {holds}".rstrip()
        for name, value, unit, goal, holds in lines
    )
