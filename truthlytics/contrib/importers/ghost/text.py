"""Values of rows, which may be of any type."""

import re
from datetime import UTC, datetime, tzinfo
from html import unescape

from articles.richtext.struck import MARK, STRUCK_TAGS
from truthlytics.contrib.importers.fields import parse_time
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import JsonObject

_STRUCK = re.compile(rf"<({'|'.join(STRUCK_TAGS)})>([^<>]{{1,1000}})</\1>", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
# Later than any time in seconds, earlier than any in milliseconds.
_MILLISECONDS = 10**11


def text_of(row: JsonObject, *names: str) -> str:
    """Return the first of the values `names` that is not empty: text, or a number as text.

    PostgreSQL stores neither null characters nor halves of characters.
    """
    for name in names:
        value = row.get(name)
        if isinstance(value, str) and (text := value.replace("\0", "")).strip():
            return _SURROGATE.sub("\ufffd", text)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def line_of(row: JsonObject, *names: str) -> str:
    """Return such a value as one line without control characters."""
    return " ".join(strip_control_characters(text_of(row, *names)).split())


def is_true(value: object) -> bool:
    """Return whether a value is true, 1, "1" or "true"."""
    return value is True or str(value).strip().lower() in {"1", "true", "1.0"}


def time_of(row: dict[str, object], name: str, zone: tzinfo) -> datetime | None:
    """Return a time in UTC: milliseconds or seconds since 1970, or ISO 8601. Without an offset, it is in `zone`."""
    text = text_of(row, name).strip()
    if re.fullmatch(r"\d{1,15}(?:\.0*)?", text):
        number = int(text.partition(".")[0])
        try:
            return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC)
        except (ValueError, OverflowError, OSError):
            return None
    time = parse_time(text)
    if time is None or re.search(r"(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$", text.strip(), re.IGNORECASE):
        return time
    return time.replace(tzinfo=zone).astimezone(UTC)


def plain(html: str) -> str:
    """Return HTML of one line, such as a caption, as plain text."""
    html = _STRUCK.sub(lambda match: f"{MARK}{match[2].strip()}{MARK}" if match[2].strip() else match[2], html)
    return " ".join(strip_control_characters(unescape(re.sub(r"<[^<>]*>", "", html))).split())
