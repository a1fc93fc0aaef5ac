"""What a test may cost, in seconds of the processor. Wall time is not counted: the machine may be busy."""

import argparse
import inspect
import unittest
from collections.abc import Callable
from time import process_time
from typing import Any

BUDGET = 0.5
# Other processes on the machine make each second of the processor longer, so a run fails only above this.
LIMIT = 4 * BUDGET
SHOWN = 10
# What the work of `slowness` costs on a quiet machine.
QUIET_SECONDS = 0.067


def slowness() -> float:
    """Return how many times longer a second of the processor is now than on a quiet machine, at least 1.

    Neighbours share its caches and its clock. What costs many seconds is measured in this, before and after.
    """
    source = inspect.getsource(argparse)
    before = process_time()
    for _ in range(10):
        compile(source, "argparse.py", "exec")
    return max((process_time() - before) / QUIET_SECONDS, 1)


def takes_longer(reason: str) -> Callable[[Any], Any]:
    """Say why a test, or each test of a class, may cost more than `BUDGET`."""

    def mark(item: Any) -> Any:
        item.takes_longer = reason
        return item

    return mark


class Costs:
    """What each test of a run has cost in this process. Tests that run in other processes cost nothing here."""

    def __init__(self) -> None:
        self.begun = 0.0
        self.seconds: dict[unittest.TestCase, float] = {}

    def begin(self) -> None:
        self.begun = process_time()

    def end(self, test: unittest.TestCase) -> None:
        self.seconds[test] = process_time() - self.begun

    def above(self, seconds: float) -> list[unittest.TestCase]:
        """Return the tests without a reason that cost more than `seconds`, the most expensive first."""
        return [test for test in self.dearest() if self.seconds[test] > seconds and not reason_of(test)]

    def dearest(self) -> list[unittest.TestCase]:
        return sorted(self.seconds, key=self.seconds.__getitem__, reverse=True)

    def report(self) -> str:
        tests = self.dearest()[:SHOWN]
        rows = [f"{self.seconds[test]:7.2f} s  {test.id()}  {reason_of(test)}".rstrip() for test in tests]
        lines = [f"The {len(rows)} tests that cost most, of {sum(self.seconds.values()):.0f} s:", *rows]
        if over := self.above(BUDGET):
            lines.append(f"Without a reason (tests.budget.takes_longer) {len(over)} cost more than {BUDGET} s:")
            lines += [f"{self.seconds[test]:7.2f} s  {test.id()}" for test in over]
        return "\n".join(lines)


def reason_of(test: unittest.TestCase) -> str:
    """Return why the test may cost more, or ""."""
    method = getattr(test, getattr(test, "_testMethodName", ""), None)
    return getattr(method, "takes_longer", "") or getattr(test, "takes_longer", "")
