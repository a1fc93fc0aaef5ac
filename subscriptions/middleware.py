"""Middleware that sets `request.access`, and the one that remembers known devices."""

import re
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from subscriptions.access import NOBODY, Access
from subscriptions.services.access import access_for
from truthlytics.web import unasked_emails

_KEY = re.compile(r"[a-z0-9]{32}")


class AccessMiddleware:
    """Set `request.access`. Without a session cookie the user is anonymous and no session is opened.

    With one, access is read lazily, at most once per request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and not _KEY.fullmatch(cookie):
            # Not one of our session keys; PostgreSQL would reject a NUL in it.
            request.session = type(request.session)(None)
            cookie = None
        if cookie is not None:
            request.access = SimpleLazyObject(lambda: _access(request))  # type: ignore[attr-defined]
        else:
            request.user = AnonymousUser()
            request.access = NOBODY  # type: ignore[attr-defined]
        return self.get_response(request)


def _access(request: HttpRequest) -> Access:
    return access_for(request.user, timezone.now())


class KnownDeviceMiddleware:
    """Remembers browsers with a login, which get codes by email even if strangers have asked for many."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith(unasked_emails.COOKIE_PATH) and request.user.is_authenticated:
            unasked_emails.remember_device(request, response, request.user.email)
        return response
