"""Which emails a user gets."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from subscriptions.forms.emails import EmailsForm
from subscriptions.models import User


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
