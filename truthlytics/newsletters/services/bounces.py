"""Bounces of a plain mail server: delivery reports (RFC 3464) in the mailbox that emails name as their sender.

The sender's address names the delivery, so that a report is understood even if it quotes nothing of the email.

Anybody can write to the mailbox. Each message is flagged before it is read, and deleted afterwards. One that cannot be
read, or ends the process, stays in the mailbox with its flag and is not read again.
"""

import imaplib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import OperationalError
from django.utils.translation import gettext as _

from truthlytics.jobs.problems import note, settle
from truthlytics.newsletters.delivery_reports import MAX_BYTES, Report, parse
from truthlytics.newsletters.models import Delivery, ProviderEvent
from truthlytics.newsletters.services.events import record
from truthlytics.web.time_limits import TimeLimitExceededError, time_limit

logger = logging.getLogger(__name__)

# Messages that are read at once, so that a full mailbox holds nothing up.
MAX_MESSAGES = 200
# Seconds: for each answer of the mail server, and for reading and storing one message.
TIMEOUT, MESSAGE_LIMIT = 30, 10
SET_ASIDE = "delivery reports set aside"


def fetch(now: datetime) -> int:
    """Read the new messages of the mailbox and delete them. Returns how many were reports. Called by `tick`."""
    if not settings.BOUNCE_MAILBOX_URL:
        return 0
    with _mailbox(settings.BOUNCE_MAILBOX_URL) as box:
        count = 0
        for number in _search(box, "UNDELETED UNFLAGGED")[:MAX_MESSAGES]:
            box.store(number, "+FLAGS", r"(\Flagged)")
            try:
                count += _read(_content(box, number), now)
            except OperationalError:
                box.store(number, "-FLAGS", r"(\Flagged)")
                raise
            except (Exception, TimeLimitExceededError):
                logger.exception("A message in the bounce mailbox cannot be read. It is flagged there.")
                continue
            box.store(number, "+FLAGS", r"(\Deleted)")
        box.expunge()
        _tell_newsroom(len(_search(box, "UNDELETED FLAGGED")), now)
    return count


def _tell_newsroom(set_aside: int, now: datetime) -> None:
    if set_aside:
        text = _(
            "Messages in the mailbox for delivery reports that could not be read: %(count)d. They are flagged there. "
            "Delete them, or remove the flag to have them read again."
        )
        note(SET_ASIDE, text % {"count": set_aside}, now)
    else:
        settle(SET_ASIDE)


@contextmanager
def _mailbox(url: str) -> Iterator[imaplib.IMAP4]:
    parts = urlsplit(url)
    connect = imaplib.IMAP4_SSL if parts.scheme == "imaps" else imaplib.IMAP4
    with connect(parts.hostname or "", parts.port or (993 if parts.scheme == "imaps" else 143), timeout=TIMEOUT) as box:
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        box.select(unquote(parts.path.strip("/")) or "INBOX")
        yield box


def _search(box: imaplib.IMAP4, criterion: str) -> list[str]:
    _status, found = box.search(None, criterion)
    return [number.decode() for number in (found[0] or b"").split()]


def _content(box: imaplib.IMAP4, number: str) -> bytes:
    data: list[Any]
    _status, data = box.fetch(number, f"(BODY.PEEK[]<0.{MAX_BYTES}>)")
    return next((part[1] for part in data if isinstance(part, tuple)), b"")


def _read(content: bytes, now: datetime) -> int:
    """Store what a message reports. Returns 1 if it is a report about one of our emails, otherwise 0."""
    with time_limit(MESSAGE_LIMIT):
        report = parse(content, now)
        return _record(report) if report is not None else 0


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
