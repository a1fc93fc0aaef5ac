"""Asking authorities for time stamps of the newest checkpoint, once a day."""

import importlib.util
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from truthlytics.transparency.models import Checkpoint
from truthlytics.transparency.timestamps.der import with_sorted_certificates
from truthlytics.transparency.timestamps.models import Timestamp, TimestampAuthority
from truthlytics.transparency.witnesses.asking import newest_checkpoint
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.public_http import Answer, RequestError
from truthlytics.web.public_http import post as post_to_public_address

logger = logging.getLogger(__name__)

x509: Any = LazyModule("cryptography.x509")
# Comes with the extra `timestamps`.
rfc3161: Any = LazyModule("rfc3161_client")
INTERVAL = timedelta(days=1)
Post = Callable[[str, bytes], Answer]


class NoTimestampError(Exception):
    """An authority gave no valid time stamp: one of `TimestampAuthority.Problem`, and why."""

    def __init__(self, problem: str, answer: str) -> None:
        super().__init__(problem)
        self.problem, self.answer = problem, answer


def is_available() -> bool:
    """Return whether the package for time stamps is installed."""
    return importlib.util.find_spec("rfc3161_client") is not None


def post(url: str, body: bytes) -> Answer:
    # Many authorities have no https. What they answer is signed.
    return post_to_public_address(
        url,
        body,
        content_type="application/timestamp-query",
        accept="application/timestamp-reply",
        user_agent=f"transparency-log (+{settings.SITE_URL}/)",
        schemes=("https", "http"),
        allow_local=settings.DEBUG or settings.TESTING,
    )


def stamp_due(now: datetime, send: Post = post) -> int:
    """Ask the authorities that have not been asked for a day, if there is a new checkpoint. Returns how many answered.

    Safe to run concurrently.
    """
    authorities = list(TimestampAuthority.objects.listed().filter(next_attempt_at__lte=now))
    checkpoint = newest_checkpoint() if authorities and is_available() else None
    if checkpoint is None:
        return 0
    have = set(checkpoint.timestamps.values_list("authority", flat=True))
    return sum(stamp(checkpoint, row, now, send) for row in authorities if row.pk not in have)


def stamp(checkpoint: Checkpoint, authority: TimestampAuthority, now: datetime, send: Post = post) -> bool:
    """Ask `authority` for a time stamp of `checkpoint`, and keep it or why there is none. Returns whether it came."""
    try:
        response, time = _ask(checkpoint.note.encode(), authority, send)
    except RequestError as error:
        authority.record_failure(TimestampAuthority.Problem.UNREACHABLE, str(error), now)
        return False
    except NoTimestampError as error:
        authority.record_failure(error.problem, error.answer, now)
        logger.warning("No time stamp by %s: %s %s", authority, error.problem, error.answer)
        return False
    Timestamp.objects.get_or_create(
        checkpoint=checkpoint,
        authority=authority,
        defaults={"response": response, "stamped_at": time, "created_at": now},
    )
    authority.record_success(now, now + INTERVAL)
    return True


def _ask(data: bytes, authority: TimestampAuthority, send: Post) -> tuple[bytes, datetime]:
    """Return the answer and its time, once it is verified: signature up to the root certificate, nonce and digest."""
    builder = rfc3161.TimestampRequestBuilder().data(data)
    request = builder.hash_algorithm(rfc3161.HashAlgorithm.SHA256).build()
    answer = send(authority.address, request.as_bytes())
    if answer.status != 200:
        raise NoTimestampError(TimestampAuthority.Problem.OTHER, f"{answer.status}")
    root = x509.load_pem_x509_certificate(authority.certificate.encode())
    try:
        response = rfc3161.decode_timestamp_response(with_sorted_certificates(answer.body))
    except ValueError as error:
        raise NoTimestampError(TimestampAuthority.Problem.OTHER, str(error)) from error
    try:
        verifier = rfc3161.VerifierBuilder.from_request(request).add_root_certificate(root).build()
        verifier.verify_message(response, data)
        time: datetime = response.tst_info.gen_time
    except (ValueError, rfc3161.VerificationError) as error:
        raise NoTimestampError(TimestampAuthority.Problem.WRONG_SIGNATURE, str(error)) from error
    return answer.body, time
