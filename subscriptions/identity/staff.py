"""Roles that must log in with a provider, and the time after which idle sessions of staff end."""

import time

from allauth.socialaccount.models import SocialLogin
from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils import timezone

from subscriptions.identity.trust import trusted_address
from subscriptions.models import LoginProvider, User
from truthlytics.publication import get_publication

# Keys of the session: the provider that logged someone in by an address in its domains, and the last request (seconds
# since 1970).
LOGGED_IN_WITH, SEEN_AT = "logged_in_with", "staff_seen_at"
# In seconds: how exactly the last request is known.
PRECISION = 60


def login_refusal(user: User, sociallogin: SocialLogin | None) -> list[LoginProvider]:
    """Return the providers of which `user` must use one, if this login uses none of them; else an empty list.

    `sociallogin` is None if the login is by password, code, passkey or invitation.
    """
    required = LoginProvider.objects.required_for(user)
    if sociallogin is not None and used_provider(sociallogin) in {provider.slug for provider in required}:
        return []
    return required


def used_provider(sociallogin: SocialLogin) -> str:
    """Return the provider of a login by an address in the domains of the organisation; else ""."""
    provider = LoginProvider.objects.offered_as(sociallogin.account.provider)
    return provider.slug if provider is not None and provider.is_own_address(trusted_address(sociallogin)) else ""


def has_used(required: list[LoginProvider], request: HttpRequest) -> bool:
    """Return whether this session began as one of the providers in `required` asks for; true if there are none."""
    used = request.session.get(LOGGED_IN_WITH)
    return not required or any(provider.slug == used for provider in required)


def is_idle(request: HttpRequest) -> bool:
    """Return whether this session of staff was unused for too long. If not, note that it is used now.

    Requests of scripts, such as for a list that is kept up to date, keep no session alive.
    """
    minutes = get_publication().staff_idle_minutes
    if minutes is None:
        return False
    now = time.time()
    seen: float = request.session.get(SEEN_AT, now)
    if now - seen > minutes * 60:
        return True
    by_script = request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "empty"
    if SEEN_AT not in request.session or (now - seen >= PRECISION and not by_script):
        request.session[SEEN_AT] = now
        UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())
    return False
