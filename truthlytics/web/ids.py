"""Parse ids from requests."""

MAX_ID = 2**63 - 1


def parse_id(value: object) -> int | None:
    """Return the id written as plain digits in `value`; None if no row can have it.

    Some databases raise errors for integers that are out of range.
    """
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= MAX_ID):
        return None
    return int(text)
