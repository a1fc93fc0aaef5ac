"""Parse ids and slugs from requests."""

from urllib.parse import urlsplit

from truthlytics.web.text import strip_control_characters

MAX_ID = 2**63 - 1


def parse_id(value: object) -> int | None:
    """Return the id written as plain digits in `value`; None if no row can have it.

    Some databases raise errors for integers that are out of range.
    """
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= MAX_ID):
        return None
    return int(text)


def slug_in(value: object) -> str:
    """Return the slug in `value`, which is a slug or the URL of a page; "" if there is none."""
    path = urlsplit(strip_control_characters(str(value or "")).strip().split("#")[0].split("?")[0]).path
    return path.strip("/").rsplit("/", 1)[-1]
