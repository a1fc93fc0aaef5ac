"""Which emails a user gets, and undoing a change of the address by the link that the old one gets, without a login."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from subscriptions.forms.emails import EmailsForm
from subscriptions.models import User
from subscriptions.services.email_changes import AddressTaken, change_for, undo_change


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def emails(request: HttpRequest) -> HttpResponse:
    """Say which emails are always sent, and let the user turn off the others."""
    user = cast(User, request.user)
    form = EmailsForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("subscriptions:emails")
    status = 422 if form.errors else 200
    return render(request, "subscriptions/emails.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def undo_email_change(request: HttpRequest, token: str) -> HttpResponse:
    """Ask before the change is undone; POST undoes it and leads to the login with a code."""
    change = change_for(token)
    if change is None:
        return render(request, "subscriptions/email_undo_expired.html", status=410)
    status, error = 200, ""
    if request.method == "POST":
        try:
            undo_change(change=change)
        except AddressTaken:
            status, error = 409, _("Another account uses this address by now, so nothing was changed. Contact us.")
        else:
            logout(request)
            text = _("%(email)s is the address of your account again. Log in with a code to see that all is well.")
            messages.success(request, text % {"email": change.old_email})
            return redirect("account_request_login_code")
    return render(request, "subscriptions/email_undo.html", {"change": change, "error": error}, status=status)
