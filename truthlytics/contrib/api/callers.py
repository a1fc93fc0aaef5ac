"""Who asks the API, and what they may read: the only place that decides it."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from django.http import HttpRequest
from django.utils import timezone

from subscriptions.access import NOBODY, Access
from subscriptions.services.access import STAFF, access_for
from truthlytics.api.problems import Problem
from truthlytics.contrib.api.models import Key, Scope
from truthlytics.web.rate_limits import consume, failed_too_often, record_failure, seconds_left
from truthlytics.web.spare_writes import write_if_free

# Requests with one key, and with wrong ones from one address, in so many seconds.
WINDOW, MAX_REQUESTS, MAX_FAILURES = 60, 600, 60
# How long it takes until the time of the last use is written again.
NOTED_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """`access` is to articles; `scopes` are what else a key allows."""

    access: Access
    scopes: frozenset[str] = frozenset()
    has_key: bool = False


VISITOR = Caller(NOBODY)
# For keys that allow to read every article.
WHOLE_TEXTS = Access(level=STAFF, may_comment=False, reason="")


def caller_of(request: HttpRequest) -> Caller:
    """Return who asks. Raises Problem for a wrong key, which never counts as none, and for too many requests.

    Cookies count for nothing: other sites could send requests with them. Neither does the password of a site that is
    closed to the public (Basic), which browsers add to all requests.
    """
    scheme, _, text = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() in {"", "basic"}:
        return VISITOR
    key = Key.objects.matching(text.strip()) if scheme.lower() == "bearer" else None
    if key is None or (key.reader is not None and not key.reader.is_active):
        raise _refused(request)
    if not _count(key):
        raise _too_many(f"This key has asked {MAX_REQUESTS} times in a minute.")
    if key.reader is not None:
        return Caller(access_for(key.reader, timezone.now()), has_key=True)
    scopes = frozenset(key.scopes)
    return Caller(WHOLE_TEXTS if Scope.ARTICLES in scopes else NOBODY, scopes, has_key=True)


def _count(key: Key) -> bool:
    """Count a use of `key`. Returns False if it was used too often. A use that cannot be counted is allowed."""
    allowed = write_if_free(lambda: consume("api", str(key.pk), limit=MAX_REQUESTS, seconds=WINDOW))
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at >= NOTED_AGAIN:
        write_if_free(lambda: Key.objects.filter(pk=key.pk).update(last_used_at=now))
    return allowed is not False


def _refused(request: HttpRequest) -> Problem:
    """Return the problem of a wrong key. A right one from the same address still works."""
    if failed_too_often(request, "api-key", limit=MAX_FAILURES, seconds=WINDOW):
        return _too_many("Too many wrong keys were sent from this address.")
    write_if_free(lambda: record_failure(request, "api-key", seconds=WINDOW))
    detail = "There is no such key, or it was revoked. Send it as “Authorization: Bearer …”."
    return Problem(HTTPStatus.UNAUTHORIZED, detail, WWW_Authenticate="Bearer")


def _too_many(detail: str) -> Problem:
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, Retry_After=str(seconds_left(WINDOW)))
