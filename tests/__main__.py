"""Run tests with the features that they are about: those of the core with none, those of a feature with what it requires.

`./run test` calls it. Takes what `manage.py test` takes. One run after the other; all of them if no label is given.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from truthlytics.env import FEATURES

FOLDER = Path(__file__).parent
LABEL = re.compile(r"tests([./].*)?$")
CONTRIB = "tests.contrib"
COMMAND = [sys.executable, "-W", "default::DeprecationWarning", "manage.py", "test", "--noinput"]


class Run(NamedTuple):
    """Labels of tests, and the setting FEATURES that they run with; None for what the environment says."""

    labels: list[str]
    features: str | None

    def call(self, options: list[str]) -> int:
        environment = os.environ.copy()
        if self.features is not None:
            environment["FEATURES"] = self.features
            print(f"Tests with the features {self.features}" if self.features else "Tests without features", flush=True)
        return subprocess.run([*COMMAND, *options, *self.labels], env=environment, check=False).returncode


def runs_of(labels: list[str]) -> list[Run]:
    """Divide labels into runs, the core first. Without labels, these are all tests."""
    every = [label for given in labels or ["tests"] for label in expanded(given)]
    core = [label for label in every if not label.startswith(f"{CONTRIB}.")]
    runs = [Run(core, "")] if core else []
    for feature in FEATURES:
        folder = f"{CONTRIB}.{feature}"
        if own := [label for label in every if f"{label}.".startswith(f"{folder}.")]:
            runs.append(Run(own, ",".join(with_required(feature))))
    return runs


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


def divided(arguments: list[str]) -> Iterable[Run]:
    """Return the runs of `arguments`. Whoever sets FEATURES, and tests of the whole product, get one with all labels."""
    labels = [argument for argument in arguments if LABEL.match(argument)]
    is_whole = "FEATURES" in os.environ or "DATABASE_URL" in os.environ or "--tag" in arguments
    return [Run(labels, None)] if is_whole else runs_of(labels)


def main(arguments: list[str]) -> int:
    options = [argument for argument in arguments if not LABEL.match(argument)]
    return max(run.call(options) for run in divided(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
