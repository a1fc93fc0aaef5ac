"""Middleware that sets `request.access`, ends sessions of staff, and remembers known devices."""

import re
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from subscriptions.access import NOBODY, Access
from subscriptions.identity.staff import has_used, is_idle
from subscriptions.models import LoginProvider
from subscriptions.models.login_providers import is_any_configured
from subscriptions.services.access import access_for
from truthlytics.publication import get_publication
from truthlytics.web import known_devices

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


class StaffSessionMiddleware:
    """Logs out staff who need a provider and have not used it, and staff who were away for too long.

    The request continues without a user, so that the newsroom keeps what was typed until the next login.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        has_rules = is_any_configured() or get_publication().staff_idle_minutes is not None
        if has_rules and settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_staff:
            if not has_used(LoginProvider.objects.required_for(request.user), request):
                self._end(request, _("Your role logs in with another account. Please log in again."))
            elif is_idle(request):
                self._end(request, _("You were away for a while, so you have been logged out."))
        return self.get_response(request)

    def _end(self, request: HttpRequest, why: str) -> None:
        logout(request)
        messages.info(request, why)


class KnownDeviceMiddleware:
    """Remembers browsers with a login, or with a link that was emailed, for which strangers' attempts do not count."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith(known_devices.COOKIE_PATH):
            email = request.user.email if request.user.is_authenticated else getattr(request, "proven_email", "")
            if email:
                known_devices.remember(request, response, known_devices.digest_of(email))
        return response
