"""Read delivery reports (RFC 3464) by looking for the few lines that matter.

Strangers write these messages, and Python's email package takes minutes for some of 500 KB: encoded words, parameters
and addresses cost it the square of their length. The time that this takes grows with the length only.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import NamedTuple

from truthlytics.newsletters.return_address import delivery_of, find_addresses
from truthlytics.web.text import strip_control_characters

# In bytes, of a message: what it reports comes before the email that it quotes. Of all its headers, and of one that is
# kept: mail servers refuse longer ones.
MAX_BYTES, MAX_HEADERS, MAX_VALUE = 256 * 1024, 64 * 1024, 998
# How many of our return addresses are tried. A message has one.
MAX_ADDRESSES = 20
_RECIPIENTS = {"to", "delivered-to", "x-original-to"}
_CONTINUED = re.compile(rb"\n[ \t]+")
_STATUS_PART = re.compile(rb"^content-type:[ \t]*message/(?:global-)?delivery-status\b", re.IGNORECASE | re.MULTILINE)


class Report(NamedTuple):
    """What a delivery report says. `status` is an enhanced code such as "5.1.1"."""

    delivery_id: int
    status: str
    action: str
    detail: str
    happened_at: datetime
    message_id: str


class TooLargeError(ValueError):
    """A message has larger headers than any mail server makes."""


def parse(content: bytes, now: datetime) -> Report | None:
    """Return what a message reports about an email that we sent; None if it reports nothing about one.

    Raises TooLargeError.
    """
    unfolded = _CONTINUED.sub(b" ", content[:MAX_BYTES].replace(b"\r\n", b"\n"))
    head, _blank, body = unfolded.partition(b"\n\n")
    if len(head) > MAX_HEADERS:
        raise TooLargeError(f"The headers have more than {MAX_HEADERS} bytes.")
    headers = _fields(head)
    delivery_id = _delivery_id(value for name, value in headers if name in _RECIPIENTS)
    status_part = _STATUS_PART.search(body) if delivery_id is not None else None
    if delivery_id is None or status_part is None:
        return None
    first = dict(reversed(headers))
    # Groups of fields, separated by empty lines: one is about the message, each other one about a recipient.
    for group in body[status_part.end() :].partition(b"\n--")[0].split(b"\n\n"):
        fields = dict(_fields(group))
        action = fields.get("action", "").lower()
        if action in {"failed", "delayed"}:
            return Report(
                delivery_id=delivery_id,
                status=fields.get("status", "").split(" ")[0],
                action=action,
                detail=" ".join(fields.get("diagnostic-code", "").split()),
                happened_at=min(_date(first.get("date", "")) or now, now),
                message_id=first.get("message-id", ""),
            )
    return None


def _fields(block: bytes) -> list[tuple[str, str]]:
    """Return the names, in lower case, and the values of the fields in a block of lines."""
    pairs = (line.partition(b":") for line in block.split(b"\n"))
    return [(_text(name).lower(), _text(value)) for name, colon, value in pairs if colon]


def _text(value: bytes) -> str:
    """Return a value without what databases do not store: null characters, and bytes that are no text."""
    return strip_control_characters(value[:MAX_VALUE].decode(errors="replace")).strip()


def _delivery_id(recipients: Iterable[str]) -> int | None:
    """Return the id of the delivery that a message was addressed to; None if it names none."""
    addresses = (address for value in recipients for address in find_addresses(value))
    found = (delivery_of(address) for address in islice(addresses, MAX_ADDRESSES))
    return next((delivery for delivery in found if delivery is not None), None)


def _date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
