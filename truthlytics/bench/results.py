"""What a benchmark is asked for, and what it says."""

from collections.abc import Callable
from dataclasses import dataclass


def silent(message: str) -> None:
    """Where nobody watches."""


@dataclass(frozen=True, slots=True)
class Options:
    """How large the corpus is; `quick` is for seeing that it runs, its figures mean nothing.

    `keep` leaves the corpus for the next run; `database` is the address of one to measure in, in place of SQLite.
    """

    articles: int = 1000
    comments: int = 10_000
    quick: bool = False
    keep: bool = False
    database: str = ""
    profile: bool = False
    say: Callable[[str], None] = silent


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `goal` in words and `holds`, where something was promised."""

    name: str
    value: float
    unit: str
    goal: str = ""
    holds: bool | None = None


def plain(name: str, value: float, unit: str) -> Row:
    return Row(name, round(value, 2), unit)


def at_most(limit: float, name: str, value: float, unit: str = "×") -> Row:
    value = round(value, 2)
    return Row(name, value, unit, f"≤ {limit:g}", value <= limit)


def at_least(limit: float, name: str, value: float, unit: str = "×") -> Row:
    value = round(value, 2)
    return Row(name, value, unit, f"≥ {limit:g}", value >= limit)
