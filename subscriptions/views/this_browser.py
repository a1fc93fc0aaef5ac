"""The page of the link in emails about logging in: a person who opens it reads the mailbox."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from truthlytics.web import known_devices


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def this_browser(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, since some mail programs open links before readers do. POST makes the browser known and opens the login.

    It logs no one in: a password, a code or a passkey is still needed.
    """
    digest = known_devices.digest_in(token)
    if not digest:
        return render(request, "subscriptions/this_browser.html", {"is_expired": True}, status=410)
    if request.method != "POST":
        return render(request, "subscriptions/this_browser.html", {"is_expired": False})
    messages.success(request, _("You can log in in this browser now, whatever others have tried."))
    response = redirect("account_login")
    known_devices.remember(request, response, digest)
    return response
