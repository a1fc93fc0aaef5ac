"""Logging out one of one’s own devices. The list of them, and “everywhere else”, are allauth’s.

The link in emails about logging in leads to a page that says what the reader can do.
"""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from subscriptions.devices import device_name
from truthlytics.web import known_devices


@require_POST
@login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a session of the reader; 404 if it is someone else’s. Ending the current one logs out."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user.pk)
    if session.session_key == request.session.session_key:
        logout(request)
        session.delete()
        return redirect("/")
    session.end()
    messages.success(request, _("%(device)s is logged out.") % {"device": device_name(session.user_agent)})
    return redirect("usersessions_list")


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
