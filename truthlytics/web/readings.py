"""Numbers that features and plug-ins give to `/metrics`, as plain values (docs/extending.md)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

MAX_VALUES = 1000
MAX_LABEL = 200
NAME = r"[a-z][a-z0-9_]{0,99}"


class Reading(NamedTuple):
    """A number with a name, which becomes `truthlytics_…`, and what it says.

    `values` has the number for each combination of the values of `labels`: `{(): 4}` without labels, and
    `{("sent",): 4, ("failed",): 0}` with one.
    """

    name: str
    meaning: str
    values: Mapping[tuple[str, ...], float]
    labels: tuple[str, ...] = ()


def checked(reading: Reading) -> Reading:
    """Return a reading that everything can show. Raises ValueError or TypeError for another one."""
    name, meaning, values, labels = reading
    if not all(re.fullmatch(NAME, text) for text in (name, *labels)) or len(set(labels)) != len(labels):
        raise ValueError(f"the names of a reading and of its labels have lower-case letters, digits and _: {name!r}.")
    if not isinstance(values, Mapping) or len(values) > MAX_VALUES:
        raise ValueError(f"“{name}” has at most {MAX_VALUES} values by labels.")
    found = {tuple(map(_checked_label, key)): _checked_number(value) for key, value in values.items()}
    if any(len(key) != len(labels) for key in found):
        raise ValueError(f"“{name}” has a value for each label.")
    meaning.encode()
    return Reading(name, meaning, found, tuple(labels))


def _checked_label(value: str) -> str:
    value.encode()
    if len(value) > MAX_LABEL:
        raise ValueError(f"the value of a label has at most {MAX_LABEL} characters.")
    return value


def _checked_number(value: float) -> float:
    if not isinstance(value, int | float):
        raise TypeError("the values of a reading are numbers.")
    return float(value)
