"""Run tests with the features that they are about.

Those of the core run without features, those of a feature with it and what it requires, and what is about a whole site
(`@tag("all_features")`) with all of them: one run after the other.

`./run test` calls it. Takes what `manage.py test` takes; without a label, it runs all tests, or with `--changed` those
near to what has changed (tests/changed.py).
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.changed import changed_files, nearest, read_importers
from truthlytics.env import FEATURES

FOLDER = Path(__file__).parent
LABEL = re.compile(r"tests([./].*)?$")
CONTRIB = "tests.contrib"
# Tests of a whole site have this tag.
WHOLE = "all_features"
COMMAND = [sys.executable, "-W", "default::DeprecationWarning", "manage.py", "test", "--noinput"]


class Run(NamedTuple):
    """Labels of tests, and the setting FEATURES that they run with; None for what the environment says."""

    labels: list[str]
    features: str | None
    options: tuple[str, ...] = ()

    def call(self, options: list[str]) -> int:
        environment = os.environ.copy()
        if self.features is not None:
            environment["FEATURES"] = self.features
            print(f"Tests with the features {self.features}" if self.features else "Tests without features", flush=True)
        return subprocess.run(
            [*COMMAND, *options, *self.options, *self.labels], env=environment, check=False
        ).returncode


def runs_of(labels: list[str]) -> list[Run]:
    """Divide labels into runs, the core first. Without labels, these are all tests."""
    every = [label for given in labels or ["tests"] for label in expanded(given)]
    runs = [Run([label for label in every if not label.startswith(f"{CONTRIB}.")], "", ("--exclude-tag", WHOLE))]
    for feature in FEATURES:
        own = [label for label in every if f"{label}.".startswith(f"{CONTRIB}.{feature}.")]
        runs.append(Run(own, ",".join(with_required(feature)), ("--exclude-tag", WHOLE)))
    whole = [label for label in every if has_whole(label)]
    runs.append(Run(whole, ",".join(FEATURES), ("--tag", WHOLE)))
    return [run for run in runs if run.labels]


def has_whole(label: str) -> bool:
    """Return whether a test in `label` is about a whole site. The last parts of it may be a class and a test."""
    parts = label.split(".")[1:]
    while not (path := FOLDER.joinpath(*parts)).exists() and not path.with_suffix(".py").exists():
        parts.pop()
    files = path.rglob("*.py") if path.is_dir() else [path.with_suffix(".py")]
    return any(f'@tag("{WHOLE}")' in file.read_text(encoding="utf-8") for file in files)


def expanded(label: str) -> Iterator[str]:
    """Yield `label`, or those of the packages and modules in it if it is about several features."""
    label = label.removesuffix(".py").rstrip("/").replace("/", ".")
    if label not in {"tests", CONTRIB}:
        yield label
        return
    for path in sorted(FOLDER.joinpath(*label.split(".")[1:]).iterdir()):
        if (path / "__init__.py").exists() or path.match("test_*.py"):
            yield from expanded(f"{label}.{path.stem}")


def with_required(feature: str) -> list[str]:
    """Return `feature` and all that it requires, in the order of FEATURES."""
    wanted = {feature}
    while more := {other for name in wanted for other in FEATURES[name]} - wanted:
        wanted |= more
    return [name for name in FEATURES if name in wanted]


def runs_for(arguments: list[str]) -> Iterable[Run]:
    """Return the runs of `arguments`: one on PostgreSQL, for tests with a tag, and for whoever sets FEATURES."""
    labels = [argument for argument in arguments if LABEL.match(argument)]
    is_whole = "FEATURES" in os.environ or "DATABASE_URL" in os.environ or "--tag" in arguments
    return [Run(labels, None)] if is_whole else runs_of(labels)


def main(arguments: list[str]) -> int:
    if "--changed" in arguments:
        found = nearest(changed_files(), read_importers())
        print(found, flush=True)
        if not found.labels:
            return 1
        arguments = [*(argument for argument in arguments if argument != "--changed"), *found.labels]
    options = [argument for argument in arguments if not LABEL.match(argument)]
    return max(run.call(options) for run in runs_for(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
