"""Ids from outside."""

MAX_ID = 2**63 - 1


def row_id(typed: object) -> int | None:
    """The id that `typed` writes in plain digits; None for what no row can have, which a database may choke on."""
    text = str(typed)
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= MAX_ID):
        return None
    return int(text)
