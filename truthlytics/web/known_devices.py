"""Browsers that have logged in before, proven by a signed cookie, and the mailbox that an address leads to.

A browser is known for a mailbox once someone has logged in with one of its addresses, has reset a password by an
emailed link, or has opened the link that each email about logging in contains. What strangers use up is counted apart
(truthlytics/web/budgets.py).
"""

import re
from contextlib import suppress

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.crypto import get_random_string, salted_hmac

DAY = 86400
# Sent to the pages about logging in only, so that no public page depends on it.
COOKIE, COOKIE_PATH, COOKIE_AGE = "known_device", "/accounts/", 365 * DAY
# People who share a browser are known for a mailbox each.
MAX_MAILBOXES, SEPARATOR = 4, "|"
# An emailed link is valid until the next day's emails are there, which may have been asked for by strangers.
LINK_AGE = 2 * DAY

# Providers that deliver to the same mailbox whether some characters are there or not, and all their domains.
GOOGLE, PROTON = ("gmail.com", "googlemail.com"), ("proton.me", "protonmail.com", "pm.me", "protonmail.ch")
IGNORED = dict.fromkeys(GOOGLE, (GOOGLE[0], r"[.]")) | dict.fromkeys(PROTON, (PROTON[0], r"[._-]"))


def mailbox(email: str) -> str:
    """Return the mailbox of an address, as it is delivered.

    Case, a +tag and quotes around the name don't matter, nor whether the domain is written in Unicode or ASCII, nor
    what some providers ignore in a name.
    """
    name, _, domain = email.strip().lower().rpartition("@")
    if len(name) > 2 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    name = name.partition("+")[0]
    with suppress(UnicodeError):  # an invalid domain stays as it is
        domain = domain.encode("idna").decode("ascii").lower()
    if domain in IGNORED:
        domain, ignored = IGNORED[domain]
        name = re.sub(ignored, "", name)
    return f"{name}@{domain}"


def digest_of(email: str) -> str:
    """Return a keyed digest of the mailbox, which does not tell the address."""
    return salted_hmac("truthlytics.web.known_devices", mailbox(email), algorithm="sha256").hexdigest()[:32]


def device_of(request: HttpRequest, email: str) -> str:
    """Return an identifier of this browser if it is known for the mailbox of `email`, else ""."""
    if number := _marked(request, digest_of(email)):
        return number
    user = getattr(request, "user", None)
    is_own = user is not None and user.is_authenticated and mailbox(user.email) == mailbox(email)
    return f"account {user.pk}" if is_own and user is not None else ""


def remember(request: HttpRequest, response: HttpResponseBase, digest: str) -> None:
    """Make this browser known for the mailbox with this digest, unless it is."""
    if _marked(request, digest):
        return
    marks = [_signer(digest).sign(get_random_string(16)), *_marks(request)][:MAX_MAILBOXES]
    response.set_cookie(
        COOKIE, SEPARATOR.join(marks), max_age=COOKIE_AGE, path=COOKIE_PATH, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def link_for(email: str) -> str:
    """Return the address of the page that makes a browser known for the mailbox: only for emails to it."""
    token = TimestampSigner(salt=f"{__name__}.link").sign(digest_of(email))
    return f"{settings.SITE_URL}{reverse('this_browser', args=[token])}"


def digest_in(token: str) -> str:
    """Return the digest in an emailed link, "" if it is wrong or too old."""
    try:
        return TimestampSigner(salt=f"{__name__}.link").unsign(token, max_age=LINK_AGE)
    except BadSignature:
        return ""


def _marked(request: HttpRequest, digest: str) -> str:
    for mark in _marks(request):
        with suppress(BadSignature):
            return _signer(digest).unsign(mark, max_age=COOKIE_AGE)
    return ""


def _marks(request: HttpRequest) -> list[str]:
    return [mark for mark in request.COOKIES.get(COOKIE, "").split(SEPARATOR, MAX_MAILBOXES)[:MAX_MAILBOXES] if mark]


def _signer(digest: str) -> TimestampSigner:
    """Return what signs for one mailbox: a mark for another one is a wrong signature."""
    return TimestampSigner(salt=f"{__name__}:{digest}")
