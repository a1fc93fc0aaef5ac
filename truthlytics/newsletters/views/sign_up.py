"""Signing up for newsletters, and confirming an address."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from subscriptions.visitor_cart import safe_return_path
from truthlytics.newsletters.forms import AskForm, CodeForm, SignUpForm
from truthlytics.newsletters.models import Address
from truthlytics.newsletters.rendering import token_of
from truthlytics.newsletters.services import sign_up as services
from truthlytics.newsletters.views.readers import confirmed_reader
from truthlytics.web import budgets
from truthlytics.web.budgets import Reason
from truthlytics.web.hosts import is_same_origin
from truthlytics.web.rate_limits import allow, consume_once
from truthlytics.web.types import JsonObject

SESSION_KEY = "newsletter_sign_up"
MAX_TRIES = 3


@csrf_exempt
@require_POST
def sign_up(request: HttpRequest) -> HttpResponse:
    """Sign up a reader who is logged in; send anyone else the email that asks for confirmation.

    The form is on pages that are cached for all visitors, so it has no CSRF token. Visitors need none: nothing changes
    before the owner of the address confirms it. Readers who are logged in do.
    """
    if request.user.is_authenticated:
        return _sign_up_known(request)
    if "Origin" in request.headers and not _is_own(request):
        return render(request, "403.html", {"token_failed": True}, status=403)
    return _sign_up(request)


def _is_own(request: HttpRequest) -> bool:
    return is_same_origin(request) or request.headers["Origin"] in settings.CSRF_TRUSTED_ORIGINS


def _sign_up(request: HttpRequest) -> HttpResponse:
    reader = confirmed_reader(request)
    form = SignUpForm(request.POST, reader=reader)
    if not form.is_valid():
        return render(request, "newsletters/sign_up.html", {"form": form}, status=422)
    if reader is None:
        return ask(request, form, newsletters=list(form.cleaned_data["newsletters"]), source=form.chosen_source)
    if not allow(request, "newsletters", per_account=60, per_address=200, seconds=3600):
        return render(request, "429.html", status=429)
    ids = tuple(row.pk for row in form.cleaned_data["newsletters"])
    now = timezone.now()
    services.sign_up(services.Request(reader.email, ids, form.chosen_source, now.timestamp()), now)
    messages.success(request, _("You are signed up."))
    return redirect("subscriptions:emails")


_sign_up_known = csrf_protect(_sign_up)


def ask(request: HttpRequest, form: AskForm, **wanted: Any) -> HttpResponse:
    """Send the email that asks for confirmation. The response is the same for every address.

    `wanted` are the arguments of `services.sign_up.ask` but for the address and the code.
    """
    email = form.cleaned_data["email"]
    refusal = budgets.refusal_of_email(request, email)
    if refusal is not None and refusal.reason is not Reason.MAILBOX:
        return render(request, "429.html", status=429)
    if not form.is_from_a_program and budgets.may_send(request, email):
        code = get_random_string(6, "0123456789")
        asked = services.ask(email=email, code=code, **wanted)
        request.session[SESSION_KEY] = {
            "token": asked.token,
            "code": code,
            "sent": timezone.now().timestamp(),
            "back": _page_before(request),
        }
    return redirect("newsletters:confirm_code")


def _page_before(request: HttpRequest) -> str:
    """Return the path of the page with the form; "" if the browser doesn't say, or it is another site's."""
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    return safe_return_path(request, page.path) if page.netloc == request.get_host() else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the email, for those who read it on another device."""
    pending: JsonObject | None = request.session.get(SESSION_KEY)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        is_right = (
            pending is not None
            and _is_current(pending)
            and constant_time_compare(form.cleaned_data["code"], pending["code"])
        )
        asked = services.read_request(pending["token"]) if pending and is_right else None
        if asked is not None:
            return _signed_up(request, services.sign_up(asked, timezone.now(), by_email=True))
        form.add_error("code", _("This code is wrong or has expired. Use the link in the email, or sign up again."))
    return render(request, "newsletters/confirm_code.html", {"form": form}, status=422 if form.errors else 200)


def _is_current(pending: JsonObject) -> bool:
    """Count a try of the code, which expires with time or tries.

    The session would miss tries in requests at the same time.
    """
    age, lifetime = timezone.now().timestamp() - pending["sent"], services.CODE_LIFETIME.total_seconds()
    return bool(
        age < lifetime and consume_once("newsletter-code", pending["token"], limit=MAX_TRIES, seconds=int(lifetime))
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask to confirm, since some mail programs open links before readers do. POST confirms."""
    asked = services.read_request(token)
    if asked is None:
        return render(request, "newsletters/expired.html", status=410)
    if request.method == "POST":
        return _signed_up(request, services.sign_up(asked, timezone.now(), by_email=True))
    return render(request, "newsletters/confirm.html", {"labels": asked.labels, "email": asked.email})


def _signed_up(request: HttpRequest, address: Address | None) -> HttpResponse:
    """Show what the address gets, its latest issues and, in the browser that asked for it, the way back.

    Without an address, it was deleted after this was asked for.
    """
    if address is None:
        return render(request, "newsletters/expired.html", status=410)
    messages.success(request, _("Your email address is confirmed."))
    pending = request.session.pop(SESSION_KEY, {})
    query = urlencode({"welcome": 1, "back": pending.get("back", "")})
    return redirect(f"{reverse('newsletters:choices', args=[token_of(address.uuid.hex)])}?{query}")
