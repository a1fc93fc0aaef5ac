"""Bounces of a plain mail server: delivery reports (RFC 3464) in the mailbox that emails name as their sender.

The sender's address names the delivery, so that a report is understood even if it quotes nothing of the email.
"""

import email
import imaplib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default as policy
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import OperationalError

from truthlytics.newsletters.models import Delivery, ProviderEvent
from truthlytics.newsletters.return_address import delivery_of
from truthlytics.newsletters.services.events import record
from truthlytics.web.text import strip_control_characters

logger = logging.getLogger(__name__)

# Messages that are read at once, so that a full mailbox holds nothing up.
MAX_MESSAGES = 200
MAX_BYTES = 1024 * 1024
TIMEOUT = 30


class Report(NamedTuple):
    """What a delivery report says. `status` is an enhanced code such as "5.1.1"."""

    delivery_id: int
    status: str
    action: str
    detail: str
    happened_at: datetime
    message_id: str


def fetch(now: datetime) -> int:
    """Read the new messages of the mailbox and delete them. Returns how many were reports. Called by `tick`."""
    if not settings.BOUNCE_MAILBOX_URL:
        return 0
    return sum(_read(content, now) for content in _messages(settings.BOUNCE_MAILBOX_URL))


def _read(content: bytes, now: datetime) -> int:
    """Store what a message reports. Returns 1 if it is a report about one of our emails, otherwise 0.

    Anybody can write to the mailbox: a message that cannot be read is left out, so that it does not hold up the others.
    """
    try:
        report = parse(content, now)
        return _record(report) if report is not None else 0
    except OperationalError:
        raise
    except Exception:  # the email package raises many kinds of exceptions, and databases refuse some values
        logger.exception("A message in the bounce mailbox cannot be read.")
        return 0


def _messages(url: str) -> Iterator[bytes]:
    """Yield messages. Each is deleted when the next one is asked for, that is after it was stored."""
    parts = urlsplit(url)
    connect = imaplib.IMAP4_SSL if parts.scheme == "imaps" else imaplib.IMAP4
    with connect(parts.hostname or "", parts.port or (993 if parts.scheme == "imaps" else 143), timeout=TIMEOUT) as box:
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        box.select(unquote(parts.path.strip("/")) or "INBOX")
        _status, found = box.search(None, "UNDELETED")
        for number in (found[0] or b"").split()[:MAX_MESSAGES]:
            _status, data = box.fetch(number.decode(), f"(BODY.PEEK[]<0.{MAX_BYTES}>)")
            content = next((part[1] for part in data if isinstance(part, tuple)), None)
            if content:
                yield content
            box.store(number.decode(), "+FLAGS", r"(\Deleted)")
        box.expunge()


def parse(content: bytes, now: datetime) -> Report | None:
    """Return what a message reports about an email that we sent; None if it reports nothing about one."""
    message: EmailMessage = email.message_from_bytes(content, policy=policy)
    delivery_id = _delivery_id(message)
    if delivery_id is None:
        return None
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        # The first group of fields is about the message, each other one about a recipient.
        groups: Any = part.get_payload()
        for fields in groups:
            action, status = str(fields.get("Action", "")).strip().lower(), str(fields.get("Status", "")).strip()
            if action in {"failed", "delayed"}:
                detail = " ".join(_text(fields.get("Diagnostic-Code", "")).split())
                at = _date(message) or now
                message_id = _text(message.get("Message-ID", "")).strip()
                return Report(delivery_id, _text(status).split(" ")[0], action, detail, min(at, now), message_id)
    return None


def _text(value: object) -> str:
    """Return a header without what databases do not store: null characters, and bytes that are no text."""
    return strip_control_characters(str(value).encode(errors="replace").decode())


def _delivery_id(message: EmailMessage) -> int | None:
    """Return the id of the delivery that the message was addressed to; None if it names none."""
    headers = [str(value) for name in ("To", "Delivered-To", "X-Original-To") for value in message.get_all(name, [])]
    found = (delivery_of(address) for _name, address in getaddresses(headers))
    return next((delivery for delivery in found if delivery is not None), None)


def _date(message: EmailMessage) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(message["Date"]))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _record(report: Report) -> int:
    delivery = Delivery.objects.select_related("address").filter(pk=report.delivery_id).first()
    if delivery is None:
        return 0
    is_final = report.action == "failed" and report.status.startswith("5")
    kind = ProviderEvent.Kind.HARD_BOUNCE if is_final and not _is_about_us(report) else ProviderEvent.Kind.SOFT_BOUNCE
    detail = f"{report.status} {report.detail}".strip()
    if delivery.address is not None:
        detail = detail.replace(delivery.address.email, "…")
    event_id = report.message_id or f"{report.delivery_id} {report.status} {report.happened_at:%Y-%m-%d}"
    record(
        provider="mailbox", event_id=event_id, kind=kind, happened_at=report.happened_at,
        delivery=delivery, email="", detail=detail,
    )  # fmt: skip
    return 1


def _is_about_us(report: Report) -> bool:
    """Return whether the email was refused for what it is or who sent it, and not because there is no such address.

    5.2.2 is a full mailbox, 5.3 and 5.4 are faults of systems and routes, 5.7 is policy (RFC 3463).
    """
    return report.status.startswith(("5.2.2", "5.3.", "5.4.", "5.6.", "5.7."))
