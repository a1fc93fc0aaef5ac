"""Logging in with another account: to the provider and back, a new account, and the page that lists what is connected.

Where nothing is configured, these pages do not exist.
"""

import time
from urllib.parse import urlencode

from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from requests import RequestException

from subscriptions.forms import SignupForm
from subscriptions.identity import oidc
from subscriptions.identity.adapter import NEW_READER, failed
from subscriptions.models import LoginProvider, User
from subscriptions.recent_login import recent_login_required
from subscriptions.services import connected as services
from subscriptions.services.accounts import SIGNED_UP_AT
from subscriptions.services.signals import form_accepted
from truthlytics.web.rate_limits import allow
from truthlytics.web.types import JsonObject
from truthlytics.web.users import user_of

# Logins that one address may begin, and answers that it may bring back, in ten minutes. An office shares an address.
PER_ACCOUNT, PER_ADDRESS, SECONDS = 20, 60, 600
# What a provider sends back.
ANSWER = ("code", "state", "error")


def _offered(slug: str) -> LoginProvider:
    provider = LoginProvider.objects.offered_as(slug)
    if provider is None:
        raise Http404("There is no such provider.")
    return provider


@require_POST
@never_cache
def log_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a login."""
    provider = _offered(slug)
    if request.user.is_authenticated:
        return redirect(get_next_redirect_url(request) or "subscriptions:account")
    return _leave(request, provider, AuthProcess.LOGIN)


@require_http_methods(["GET", "HEAD", "POST"])
@recent_login_required
def connect(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin to connect another account. After a fresh login, the browser returns by GET."""
    provider = _offered(slug)
    if request.method != "POST":
        return redirect("provider_connections")
    return _leave(request, provider, AuthProcess.CONNECT)


def _leave(request: HttpRequest, provider: LoginProvider, process: str) -> HttpResponse:
    """Answer with a page that leads on to the provider.

    A redirect would need its host in the content security policy of every page with such a form: browsers apply
    `form-action` to redirects, too.
    """
    if not allow(request, "provider-login", per_account=PER_ACCOUNT, per_address=PER_ADDRESS, seconds=SECONDS):
        return render(request, "429.html", status=429)
    ours = get_adapter().get_provider(request, provider.slug)
    try:
        response = ours.redirect(request, process, next_url=get_next_redirect_url(request))
    except (OAuth2Error, RequestException) as error:
        return failed(request, str(provider), error)
    return render(request, "subscriptions/provider_leave.html", {"provider": provider, "url": response["Location"]})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """End a login with what the provider has sent: Apple by a form, without the cookies of this site."""
    provider = _offered(provider_id)
    if request.method == "POST":
        if provider_id != "apple":
            return HttpResponseNotAllowed(["GET", "HEAD"])
        answer = {name: request.POST[name] for name in ANSWER if name in request.POST}
        return redirect(f"{request.path}?{urlencode(answer)}")
    if not allow(request, "provider-answer", per_account=PER_ACCOUNT, per_address=PER_ADDRESS, seconds=SECONDS):
        return render(request, "429.html", status=429)
    try:
        view = OAuth2CallbackView.adapter_view(oidc.Adapter(request, provider_id))
        response: HttpResponse = view(request)
    # The last one: another request has just connected the same account.
    except (OAuth2Error, RequestException, IntegrityError) as error:
        return failed(request, str(provider), error)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask a reader whom a provider has confirmed for a display name, and begin the account."""
    pending: JsonObject = request.session.get(NEW_READER, {})
    if request.user.is_authenticated or pending.get("expires", 0) < time.time():
        return redirect("account_login")
    provider = _offered(pending["provider"])
    initial = {"display_name": pending["display_name"]}
    form = SignupForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        form_accepted.send("registration", request=request)
        return _create(request, pending, form.cleaned_data["display_name"])
    context = {"form": form, "provider": provider, "email": pending["email"]}
    return render(request, "subscriptions/provider_sign_up.html", context, status=422 if form.is_bound else 200)


def _create(request: HttpRequest, pending: JsonObject, display_name: str) -> HttpResponse:
    values = {name: pending[name] for name in ("provider", "uid", "email")}
    del request.session[NEW_READER]
    try:
        user = services.create_with(**values, display_name=display_name, password=make_password(None))
    except services.AddressTaken:
        messages.error(request, _("There’s already an account with this address."))
        return redirect("account_login")
    response: HttpResponse = perform_login(request, user, redirect_url=pending["next"] or None, signup=True)
    request.session[SIGNED_UP_AT] = timezone.now().timestamp()
    return response


@require_safe
@recent_login_required
def connected(request: HttpRequest) -> HttpResponse:
    """List the other accounts that open this one, and the providers that could."""
    offered = LoginProvider.objects.offered()
    if not offered:
        raise Http404("There is no provider.")
    reader: User = user_of(request)
    rows = SocialAccount.objects.filter(user=reader).order_by("date_joined", "pk")
    names = {provider.slug: str(provider) for provider in LoginProvider.objects.configured()}
    context = {
        "connected": [(row, names.get(row.provider, row.provider)) for row in rows],
        "others": [provider for provider in offered if provider.slug not in {row.provider for row in rows}],
    }
    return render(request, "subscriptions/connected.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@recent_login_required
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one; 404 if it is someone else’s. After a fresh login, the browser returns by GET."""
    reader: User = user_of(request)
    row = get_object_or_404(SocialAccount, pk=pk, user=reader)
    if request.method == "POST":
        try:
            services.remove(connected=row, user=reader)
        except services.StillRequired:
            messages.error(request, _("Your role in the newsroom logs in with this account, so it can’t be removed."))
        else:
            messages.success(request, _("The account is no longer connected. You can log in with a code by email."))
    return redirect("provider_connections")
