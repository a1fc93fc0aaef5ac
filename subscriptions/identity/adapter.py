"""allauth's adapter for other accounts: which providers there are, and which account a login opens."""

import logging
import time
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import Provider
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from subscriptions.display_names import NAME_LENGTH, clean_display_name
from subscriptions.identity.trust import trusted_address
from subscriptions.models import LoginProvider, User
from subscriptions.models.login_providers import configured_apps
from subscriptions.services.accounts import FAILED_ADDRESS
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.types import JsonObject

# Load requests and cryptography.
oidc, http = LazyModule("subscriptions.identity.oidc"), LazyModule("subscriptions.identity.http")
# The session's key of a reader without an account, and for how long (seconds) they can begin one.
NEW_READER, NEW_READER_LIFETIME = "new_reader", 15 * 60

logger = logging.getLogger(__name__)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the providers in the environment, and never those of allauth's table."""
        apps = [SocialApp(provider="openid_connect", **app) for app in configured_apps()]
        if provider is not None:
            apps = [app for app in apps if provider in (app.provider, app.provider_id)]
        return [app for app in apps if client_id in (None, app.client_id)]

    def list_providers(self, request: HttpRequest) -> list[Provider]:
        """Return none: our own pages have the buttons."""
        return []

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Provider:
        return oidc.Provider(request, app=self.get_app(request, provider, client_id))

    def get_requests_session(self) -> object:
        return http.LimitedSession()

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        return reverse("provider_connections")

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: JsonObject) -> User:
        """Take the address, and the name as a suggestion."""
        user: User = sociallogin.user
        user.email = data.get("email", "").lower()
        try:
            user.display_name = clean_display_name(data.get("name", "")[:NAME_LENGTH])
        except ValidationError:
            user.display_name = ""
        return user

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Return whether the address, which the provider is trusted with, opens the account that has it.

        An account of staff is only opened so by the organisation's own provider, and that of a superuser never.
        """
        if login.state.get("process") == AuthProcess.CONNECT:
            return False
        provider = LoginProvider.objects.offered_as(login.account.provider)
        if provider is None:
            return False
        staff = User.objects.filter(email__iexact=email).filter(Q(is_staff=True) | Q(is_superuser=True))
        if provider.is_own_address(email):
            staff = staff.filter(is_superuser=True)
        return not staff.exists()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Stop a login that no account has, or one that is closed."""
        sociallogin.token = None
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        if not sociallogin.is_existing:
            raise ImmediateHttpResponse(_begin_account(request, sociallogin))
        if not sociallogin.user.is_active:
            raise ImmediateHttpResponse(redirect("account_inactive"))

    def on_authentication_error(
        self, request: HttpRequest, provider: Provider, error: str | None = None, **kwargs: Any
    ) -> None:
        name = LoginProvider.objects.name_of(provider.app.provider_id)
        if error == AuthError.CANCELLED:
            messages.info(request, _("You have not logged in with %(provider)s.") % {"provider": name})
            page = "provider_connections" if request.user.is_authenticated else "account_login"
            raise ImmediateHttpResponse(redirect(page))
        raise ImmediateHttpResponse(failed(request, name, kwargs.get("exception")))


def failed(request: HttpRequest, provider: str, error: BaseException | None) -> HttpResponse:
    """Report a failed login and log the reason, but not the text of allauth’s own errors: it may contain tokens."""
    from_provider = type(error).__name__ == "OAuth2Error"
    reason = "its answer to the code was refused" if from_provider else str(error or "unknown state or no code")
    logger.warning("Login with %s failed: %s", provider, reason[:300])
    if request.user.is_authenticated:
        messages.error(request, _("%(provider)s was not connected. Please try again.") % {"provider": provider})
        return redirect("provider_connections")
    return render(request, "subscriptions/provider_failed.html", {"provider": provider}, status=401)


def _begin_account(request: HttpRequest, sociallogin: SocialLogin) -> HttpResponse:
    """Ask for a display name, or if the address is not proven or has an account, for a login that proves it.

    The two cases of the second answer look the same: it does not tell whether an address has an account.
    """
    account: SocialAccount = sociallogin.account
    email = trusted_address(sociallogin)
    if not email or User.objects.filter(email__iexact=email).exists():
        request.session[FAILED_ADDRESS] = sociallogin.user.email
        context = {"provider": LoginProvider.objects.name_of(account.provider), "email": sociallogin.user.email}
        return render(request, "subscriptions/provider_unproven.html", context, status=403)
    request.session[NEW_READER] = {
        "provider": account.provider,
        "uid": account.uid,
        "email": email,
        "display_name": sociallogin.user.display_name,
        "next": sociallogin.state.get("next") or "",
        "expires": time.time() + NEW_READER_LIFETIME,
    }
    return redirect("provider_sign_up")
