"""What a benchmark returns."""

from dataclasses import dataclass


class MeasurementError(Exception):
    """A page did not respond as expected, so its cost means nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `goal` and `holds` are set for promised figures."""

    name: str
    value: float
    unit: str = "ms"
    goal: str = ""
    holds: bool | None = None


def figure(name: str, value: float, unit: str = "ms") -> Row:
    return Row(name, round(value, 2), unit)


def at_most(limit: float, name: str, value: float, unit: str = "ms") -> Row:
    limit, value = round(limit, 2), round(value, 2)
    return Row(name, value, unit, f"≤ {limit:g}", value <= limit)


def at_least(limit: float, name: str, value: float, unit: str = "ms") -> Row:
    limit, value = round(limit, 2), round(value, 2)
    return Row(name, value, unit, f"≥ {limit:g}", value >= limit)
