"""Benchmarks of this software on this machine."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from truthlytics.env import BASE_DIR
from truthlytics.tools.bench.benchmarks import BENCHMARKS
from truthlytics.tools.bench.corpus import Corpus
from truthlytics.tools.bench.results import MeasurementError, Row
from truthlytics.tools.bench.site import INSIDE, own_environment

MIN_ARTICLES = 60


class Command(BaseCommand):
    help = (
        "Measure the cost of pages with sample data, separate from the site's own. "
        "Exits with 0 if everything was measured, whether or not the goals hold."
    )

    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(BENCHMARKS)
        parser.add_argument("names", nargs="+", metavar="NAME", help=f"benchmarks to run: {known}, or all")
        parser.add_argument("--articles", type=int, default=1000, help="number of articles (default: 1000)")
        database = "use this database, empty or of an earlier run, and keep it"
        parser.add_argument("--database", default="", metavar="URL", help=database)
        parser.add_argument("--quick", action="store_true", help="only check that it runs; the figures mean nothing")
        parser.add_argument("--json", action="store_true", help="print a list of {name, value, unit, goal, holds}")

    def handle(self, *args: Any, **options: Any) -> None:
        names = list(BENCHMARKS) if "all" in options["names"] else list(dict.fromkeys(options["names"]))
        for name in names:
            if name not in BENCHMARKS:
                raise CommandError(f"There is no benchmark “{name}”. Choose from {', '.join(BENCHMARKS)} and all.")
        if options["articles"] < MIN_ARTICLES:
            raise CommandError(f"--articles must be at least {MIN_ARTICLES}.")
        if INSIDE in os.environ:
            self.measure(names, options)
            return
        flags = [f"--{name}" for name in ("quick", "json") if options[name]]
        command = [sys.executable, str(BASE_DIR / "manage.py"), "bench", *names, *flags]
        with own_environment(options["database"]) as environment:
            command.append(f"--articles={options['articles']}")
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise CommandError("The benchmark failed. See the message above.")
        self.stdout.write(done.stdout, ending="")

    def measure(self, names: Sequence[str], options: dict[str, Any]) -> None:
        try:
            call_command("migrate", verbosity=0, interactive=False)
            call_command("collectstatic", verbosity=0, interactive=False)
            corpus = Corpus(options["articles"], self.stderr.write)
            rows = [row for name in names for row in BENCHMARKS[name](corpus, options["quick"])]
        except MeasurementError as error:
            raise CommandError(f"The benchmark failed: {error}") from error
        text = json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1)
        self.stdout.write(text if options["json"] else table(rows))


def table(rows: Sequence[Row]) -> str:
    width = max(len(row.name) for row in rows)
    labels = {True: "yes", False: "no", None: ""}
    return "\n".join(
        f"{row.name:<{width}} {row.value:>10,.10g} {row.unit:<5} {row.goal:<10} {labels[row.holds]}".rstrip()
        for row in rows
    )
