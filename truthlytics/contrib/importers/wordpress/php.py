"""Read values that PHP serialised: null, booleans, numbers, texts and arrays. Never objects.

phpserialize has no wheel, and what builds it is not covered by the hashes in requirements.txt. It also limits no depth,
ignores what follows a value, and takes negative lengths.
"""

from typing import Any

MAX_DEPTH = 20


class InvalidValue(ValueError):
    """The value is damaged, nested too deeply, or contains an object."""


def read_value(text: str) -> Any:
    """Return the value; arrays become dictionaries. Raises InvalidValue."""
    data = text.strip().encode()
    try:
        value, end = _read(data, 0, 0)
    except (ValueError, IndexError) as error:
        raise InvalidValue("It is damaged.") from error
    if end != len(data):
        raise InvalidValue("Something follows it.")
    return value


def _read(data: bytes, start: int, depth: int) -> tuple[Any, int]:
    kind = data[start : start + 2]
    if kind == b"N;":
        return None, start + 2
    if depth > MAX_DEPTH:
        raise InvalidValue("It is nested too deeply.")
    end = data.index(b";" if kind in {b"i:", b"b:", b"d:"} else b":", start + 2)
    number = data[start + 2 : end]
    match kind:
        case b"i:" | b"b:":
            return int(number), end + 1
        case b"d:":
            return float(number), end + 1
        case b"s:":
            return _read_text(data, end + 1, int(number))
        case b"a:":
            return _read_array(data, end + 1, int(number), depth)
    raise InvalidValue("It contains an object or an unknown type.")


def _read_text(data: bytes, start: int, length: int) -> tuple[str, int]:
    end = start + 1 + length
    if length < 0 or data[start : start + 1] != b'"' or data[end : end + 2] != b'";':
        raise InvalidValue("The length of a text is wrong.")
    return data[start + 1 : end].decode(errors="replace"), end + 2


def _read_array(data: bytes, start: int, length: int, depth: int) -> tuple[dict[Any, Any], int]:
    if data[start : start + 1] != b"{":
        raise InvalidValue("An array is damaged.")
    values, position = {}, start + 1
    for _ in range(length):
        key, position = _read(data, position, depth + 1)
        if not isinstance(key, int | str):
            raise InvalidValue("A key is damaged.")
        values[key], position = _read(data, position, depth + 1)
    if data[position : position + 1] != b"}":
        raise InvalidValue("The length of an array is wrong.")
    return values, position + 1
