"""How fast this software is on this machine."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from truthlytics.bench.measure import NotMeasured
from truthlytics.bench.registry import ARTICLES, BENCHMARKS
from truthlytics.bench.results import Options, Row

FEWEST = 60


class Command(BaseCommand):
    help = (
        "Measure what pages cost, on a publication made for it beside the site's own data. "
        "Exit status 0: measured, whether or not the goals hold."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(BENCHMARKS)
        parser.add_argument("names", nargs="+", metavar="NAME", help=f"what to measure: {known}; or all")
        parser.add_argument(
            "--articles", type=int, default=None, help="how many to publish first (default: 1000; newsroom: 50000)"
        )
        parser.add_argument("--comments", type=int, default=10_000, help="in the long thread (default: 10000)")
        parser.add_argument("--keep", action="store_true", help="leave the articles for the next run, under var/bench/")
        parser.add_argument(
            "--database",
            default="",
            metavar="URL",
            help="measure in this database, empty or of an earlier run; it stays",
        )
        parser.add_argument("--quick", action="store_true", help="only see that it runs; the figures mean nothing")
        parser.add_argument("--profile", action="store_true", help="say also where the time of a page goes")
        parser.add_argument("--json", action="store_true", help="print a list of {name, value, unit, goal, holds}")

    def handle(self, *args: Any, **options: Any) -> None:
        names = list(BENCHMARKS) if "all" in options["names"] else list(dict.fromkeys(options["names"]))
        for name in names:
            if name not in BENCHMARKS:
                raise CommandError(f"There is no benchmark “{name}”: choose of {', '.join(BENCHMARKS)}, all.")
        said = options["articles"]
        if (said is not None and said < FEWEST) or options["comments"] < 1:
            raise CommandError(f"--articles takes {FEWEST} or more, --comments 1 or more.")
        given = {name: options[name] for name in ("comments", "quick", "keep", "database", "profile")}
        asked = Options(**given, say=self._say)
        try:
            rows: list[Row] = []
            for name in names:
                articles = said or ARTICLES.get(name, asked.articles)
                rows += BENCHMARKS[name](replace(asked, articles=articles))
        except NotMeasured as error:
            raise CommandError(f"Nothing was measured: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
        else:
            self.stdout.write(table(rows))

    def _say(self, message: str) -> None:
        # Not where the figures go: `--json` is read by programs. On a terminal one line is enough.
        begin, end = ("\r\x1b[K", "") if self.stderr.isatty() else ("", "\n")
        self.stderr.write(begin + message, style_func=str, ending=end)
        self.stderr.flush()


def table(rows: Sequence[Row]) -> str:
    """The rows under a head, in columns that are as wide as they must be."""
    lines = [("name", "value", "unit", "goal", "holds")]
    answers = {True: "yes", False: "no", None: ""}
    lines += [(row.name, f"{row.value:,.10g}", row.unit, row.goal, answers[row.holds]) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {unit:<{widths[2]}}  {goal:<{widths[3]}}  {holds}".rstrip()
        for name, value, unit, goal, holds in lines
    )
