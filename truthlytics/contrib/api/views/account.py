"""The page of the account with the reader's own keys."""

from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from subscriptions.models import User
from subscriptions.recent_login import recent_login_required
from truthlytics.contrib.api.models import MAX_NAME_LENGTH, Key
from truthlytics.contrib.api.services import MAX_KEYS, CannotIssue, issue_to_reader
from truthlytics.web.rate_limits import allow


class KeyForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("What the key is for"),
        help_text=gettext_lazy("Such as the name of the program that reads with it."),
        max_length=MAX_NAME_LENGTH,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@recent_login_required
def keys(request: HttpRequest) -> HttpResponse:
    """GET lists the keys; POST makes one and shows it on the page that answers, and nowhere else."""
    reader, new_key = cast(User, request.user), ""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if not allow(request, "new-api-key", per_account=20, per_address=100, seconds=3600):
            return render(request, "429.html", status=429)
        try:
            new_key, form = issue_to_reader(reader=reader, name=form.cleaned_data["name"]), KeyForm()
        except CannotIssue:
            form.add_error(None, _("You have five keys. Revoke one of them first."))
    own = list(Key.objects.of_reader(reader))
    context = {"keys": own, "form": form, "new_key": new_key, "is_full": len(own) >= MAX_KEYS}
    return render(request, "api/keys.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke a key of the reader; 404 if it is someone else’s."""
    key = get_object_or_404(Key.objects.of_reader(cast(User, request.user)), pk=pk)
    key.revoke(timezone.now())
    messages.success(request, _("“%(name)s” does not work any more.") % {"name": key.name})
    return redirect("keys:keys")
