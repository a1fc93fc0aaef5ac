"""Sets `request.access`, and leaves the session of a visitor without a cookie alone."""

import re
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from subscriptions.access import NOBODY, Access
from subscriptions.services.access import access_of

_KEY = re.compile(r"[a-z0-9]{32}")


class AccessMiddleware:
    """Without a session cookie: nobody, and templates may ask for user and access without opening a session.

    With one, `request.access` is read at most once, when somebody first asks.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and not _KEY.fullmatch(cookie):
            # No key of ours; a NUL in it would be refused by PostgreSQL where a stranger is meant.
            request.session = type(request.session)(None)
            cookie = None
        if cookie is not None:
            request.access = SimpleLazyObject(lambda: _access(request))  # type: ignore[attr-defined]
        else:
            request.user = AnonymousUser()
            request.access = NOBODY  # type: ignore[attr-defined]
        return self.get_response(request)


def _access(request: HttpRequest) -> Access:
    return access_of(request.user, timezone.now())
