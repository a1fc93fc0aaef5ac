"""The options of a benchmark and the rows it returns."""

from collections.abc import Callable
from dataclasses import dataclass


def ignore(message: str) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class Options:
    """`quick` only checks that a benchmark runs; its figures mean nothing.

    `keep` keeps the corpus for the next run. `database` is the URL of a database to use instead of SQLite.
    """

    articles: int = 1000
    comments: int = 10_000
    quick: bool = False
    keep: bool = False
    database: str = ""
    profile: bool = False
    progress: Callable[[str], None] = ignore


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `goal` and `holds` are set for promised figures."""

    name: str
    value: float
    unit: str
    goal: str = ""
    holds: bool | None = None


def figure(name: str, value: float, unit: str) -> Row:
    return Row(name, round(value, 2), unit)


def at_most(limit: float, name: str, value: float, unit: str = "×") -> Row:
    value = round(value, 2)
    return Row(name, value, unit, f"≤ {limit:g}", value <= limit)


def at_least(limit: float, name: str, value: float, unit: str = "×") -> Row:
    value = round(value, 2)
    return Row(name, value, unit, f"≥ {limit:g}", value >= limit)
