"""Logging out one of one’s own devices. The list of them, and “everywhere else”, are allauth’s."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from subscriptions.devices import device_name


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
