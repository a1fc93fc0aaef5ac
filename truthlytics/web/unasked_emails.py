"""Emails that anyone can ask for by typing an address: codes, links and confirmations.

Each address has a daily limit for all forms together, so that strangers cannot fill a mailbox. They must not lock a
reader out either, by using up the limit. So a browser that has been logged in with an address has a limit of its own
for it, and passkeys and passwords need no email.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from truthlytics.web.rate_limits import consume, used

PER_DAY, PER_DAY_FROM_KNOWN_DEVICE = 10, 20
DAY = 86400
# Sent to the pages about logging in only, so that no public page depends on it.
COOKIE, COOKIE_PATH, COOKIE_AGE = "known_device", "/accounts/", 365 * DAY


def may_send(request: HttpRequest, email: str) -> bool:
    """Count an email to `email` that this request asks for. Returns False if it is one too many today."""
    scope, limit = _budget(request, email)
    return consume(scope, email.strip().lower(), limit=limit, seconds=DAY)


def is_used_up(request: HttpRequest, email: str) -> bool:
    """Return whether `may_send` would return False. Counts nothing."""
    scope, limit = _budget(request, email)
    return used(scope, email.strip().lower(), seconds=DAY) >= limit


def remember_device(request: HttpRequest, response: HttpResponseBase, email: str) -> None:
    """Remember this browser for `email`, the address of the user who is logged in."""
    if not _is_known(request, email):
        response.set_cookie(
            COOKIE, _mark(email), max_age=COOKIE_AGE, path=COOKIE_PATH, httponly=True, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip


def _budget(request: HttpRequest, email: str) -> tuple[str, int]:
    if _is_known(request, email):
        return "unasked-emails-known", PER_DAY_FROM_KNOWN_DEVICE
    return "unasked-emails", PER_DAY


def _is_known(request: HttpRequest, email: str) -> bool:
    return constant_time_compare(request.COOKIES.get(COOKIE, ""), _mark(email))


def _mark(email: str) -> str:
    """Return what only this site can compute. It does not tell the address."""
    return salted_hmac("truthlytics.web.unasked_emails", email.strip().lower(), algorithm="sha256").hexdigest()
