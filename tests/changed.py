"""The tests that are nearest to what has changed, for `./run test --changed`.

They are found by imports, by the names of templates, and by the folders of tests, which are those of the code. What a
page shows depends on more than that: all tests run before a change lands.
"""

import json
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import NamedTuple

from truthlytics.env import BASE_DIR

# Test modules. So many run within about a minute.
MOST = 20
# Tests in the folder of the code that has changed, but without its name, are as near as those four imports away.
IN_FOLDER = 4
# The modules that import each module.
Importers = Mapping[str, Sequence[str]]


class Nearest(NamedTuple):
    """Labels of the tests to run, how many test modules are further away, and changed files that lead to no test."""

    labels: list[str]
    further: int
    without: list[str]

    def __str__(self) -> str:
        lines = [f"Test modules near the change: {len(self.labels)}. Further away, and not run: {self.further}."]
        if self.without:
            lines.append(f"No test was found for {', '.join(self.without)}.")
        lines += ["Not among them: browser tests, and what migrations, translations, style sheets and scripts do."]
        return "\n".join([*lines, "Run all tests before the change lands: ./run test"])


def nearest(changed: Iterable[str], importers: Importers) -> Nearest:
    """Return the test modules that lead to what has changed, those with the fewest modules in between first."""
    steps: dict[str, int] = {}
    without = []
    for path in changed:
        own = steps_to_tests([path, *users_of(path)], importers)
        steps = own | steps | {test: min(own[test], steps[test]) for test in own.keys() & steps}
        if not own:
            without.append(path)
    tests = sorted(steps, key=lambda test: (steps[test], test))
    return Nearest([label_of(test) for test in tests[:MOST]], len(tests[MOST:]), without)


def steps_to_tests(paths: Sequence[str], importers: Importers) -> dict[str, int]:
    """Return the test modules that are found from `paths`, and how many imports away each is."""
    steps = dict.fromkeys(paths, 0)
    waiting = deque(paths)
    while waiting:
        path = waiting.popleft()
        for importer in importers.get(path, ()):
            if importer not in steps:
                steps[importer] = steps[path] + 1
                waiting.append(importer)
    for path in paths:
        for test, number in beside(path):
            steps[test] = min(number, steps.get(test, number))
    return {path: number for path, number in steps.items() if is_test(path)}


def beside(path: str) -> Iterator[tuple[str, int]]:
    """Yield the test modules in the folder for the code of `path`, those that are named after it as one import away."""
    if path.endswith(".md"):
        yield "tests/test_docs.py", 0
    code = PurePath(path.replace("truthlytics/contrib/", "contrib/"))
    folder = next(folder for folder in (BASE_DIR / "tests" / code).parents if folder.is_dir())
    if code.suffix != ".py" or folder == BASE_DIR / "tests":
        return
    for test in folder.rglob("test_*.py"):
        yield str(test.relative_to(BASE_DIR)), 1 if test.stem.startswith(f"test_{code.stem}") else IN_FOLDER


def is_test(path: str) -> bool:
    return path.startswith("tests/") and PurePath(path).match("test_*.py") and not path.startswith("tests/browser/")


def label_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def users_of(path: str) -> list[str]:
    """Return the modules that name the template `path`, or a template that includes or extends it."""
    found = [path]
    for template in found:
        _folder, _, name = template.partition("templates/")
        if template.endswith(".html") and name:
            found += [user for user in git("grep", "-lF", name, "--", "*.py", "*.html") if user not in found]
    return [user for user in found if user.endswith(".py")]


def changed_files() -> list[str]:
    """Return the files that differ from the last commit, or those of the last commit if none does."""
    new = git("ls-files", "--others", "--exclude-standard")
    changed = git("diff", "--name-only", "--diff-filter=d", "HEAD") + new
    return changed or git("diff", "--name-only", "--diff-filter=d", "HEAD~1", "HEAD")


def read_importers() -> Importers:
    command = [sys.executable, "-m", "ruff", "analyze", "graph", "--preview", "--quiet", "--direction", "dependents"]
    # Django names modules in strings: apps, addresses, tasks and what features add.
    return json.loads(run([*command, "--detect-string-imports", "--min-dots", "1", "."]))


def git(*arguments: str) -> list[str]:
    return run(["git", *arguments]).splitlines()


def run(command: list[str]) -> str:
    """Return what `command` prints. `git grep` that finds nothing ends with 1."""
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    if done.returncode > 1 or done.stderr:
        sys.exit(f"{' '.join(command)} failed: {done.stderr}")
    return done.stdout
