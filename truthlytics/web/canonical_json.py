"""The one way to write what digests are computed from."""

import json
import unicodedata
from datetime import UTC, datetime


def canonical(value: object) -> str:
    """Serialise `value` canonically. Strings become NFC and lose NUL characters, which PostgreSQL cannot store."""
    return json.dumps(_normalise(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def format_time(time: datetime) -> str:
    """Return `time` in UTC and whole seconds, such as 2026-05-03T09:00:00Z."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _normalise(value: object) -> object:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.replace("\x00", ""))
    if isinstance(value, dict):
        return {_normalise(key): _normalise(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_normalise(item) for item in value]
    return value
