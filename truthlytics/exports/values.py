"""Values of columns as JSON, and back."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime

from articles.richtext.vocabulary import ProseField
from truthlytics.web.types import ModelField

Field = ModelField
# Columns that may have been written without the form that validates them; readers only see what is valid.
NOT_VALIDATED = {"links"}


class ExportError(Exception):
    """A site cannot be exported or imported. The message is a sentence for the operator."""


class MissingFieldError(ValueError):
    """An entry lacks a field that no row can be without."""


def to_json(value: object) -> Any:
    """Return the value of a column as JSON has it. Times are in UTC."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case Enum():
            return value.value
    return value


def complete(entry: Any, names: Iterable[str], missing: Callable[[str], Any]) -> dict[str, object]:
    """Return the fields `names` of `entry`, and what `missing` returns for those that it lacks. Raises ValueError."""
    if not isinstance(entry, dict):
        raise ValueError("is not a JSON object")
    return {name: entry[name] if name in entry else missing(name) for name in names}


def missing_value(field: Field) -> object:
    """Return what `field` has in entries that were exported before it existed. Raises MissingFieldError."""
    has_default = field.has_default() or field.has_db_default()
    may_be_empty = field.null or (field.blank and field.empty_strings_allowed)
    if field.primary_key or not (has_default or may_be_empty):
        raise MissingFieldError(f"has no “{field.name}”")
    return to_json(default_of(field))


def default_of(field: Field) -> object:
    """Return the default of a column, also if it is only in the database. There it has to be a value."""
    return field.get_default() if field.has_default() or not field.has_db_default() else field.db_default


def from_json(field: Field, value: object) -> object:
    """Return the value of the column `field`. Raises ValueError with what is wrong with `value`."""
    if value is None:
        if not field.null:
            raise ValueError("has no value")
        return None
    kind = kind_of(field)
    # JSON may be of any type.
    expected = PYTHON_TYPES.get(kind, type(value))
    if type(value) is not expected:
        raise ValueError(f"is not {JSON_NAMES[expected]}")
    try:
        parsed = _converted(kind, value)
        if field.name not in NOT_VALIDATED and not isinstance(field, ProseField | models.FileField):
            # Also limits the length of texts and the size of numbers.
            field.run_validators(parsed)
    except (ValidationError, ValueError, ArithmeticError) as error:
        detail = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        raise ValueError(f"is not valid ({detail})") from error
    return parsed


def _converted(kind: str, value: object) -> object:
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("it contains a NUL character")
    return CONVERTERS[kind](value) if kind in CONVERTERS and isinstance(value, str) else value


def kind_of(field: Field) -> str:
    """Return the kind of column, a key of `PYTHON_TYPES`, or "JSONField"."""
    if isinstance(field, models.ForeignKey):
        return "IntegerField"
    name = field.get_internal_type()
    return "IntegerField" if name.endswith(("IntegerField", "AutoField")) else name


def _time(value: str) -> datetime:
    moment = parse_datetime(value)
    if moment is None or moment.tzinfo is None:
        raise ValueError("not a time with its offset from UTC")
    return moment


def _day(value: str) -> date:
    day = parse_date(value)
    if day is None:
        raise ValueError("not a day")
    return day


def _number(value: str) -> Decimal:
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("not a number")
    return number


PYTHON_TYPES: dict[str, type] = {
    "BooleanField": bool, "IntegerField": int, "CharField": str, "TextField": str, "SlugField": str, "FileField": str,
    "DateTimeField": str, "DateField": str, "DecimalField": str, "UUIDField": str,
}  # fmt: skip
JSON_NAMES = {bool: "true or false", int: "a whole number", str: "a text"}
CONVERTERS: dict[str, Callable[[str], Any]] = {
    "DateTimeField": _time,
    "DateField": _day,
    "DecimalField": _number,
    "UUIDField": UUID,
}
