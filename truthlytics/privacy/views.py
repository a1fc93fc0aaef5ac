"""Pages on which readers download their data and delete their account."""

import json
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from comments.models import Comment
from subscriptions.models import Order, Subscription, User
from subscriptions.recent_login import recent_login_required
from truthlytics.privacy.deletion import CannotDelete, delete_account
from truthlytics.privacy.export import export_data
from truthlytics.web.rate_limits import allow

KEEP, REMOVE = "keep", "remove"


class DeletionForm(forms.Form):
    comments = forms.ChoiceField(
        label=gettext_lazy("Your comments"),
        choices=[(KEEP, gettext_lazy("Keep their text, without my name")), (REMOVE, gettext_lazy("Delete their text"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what happens to your comments.")},
    )
    confirmed = forms.BooleanField(
        label=gettext_lazy("I want to delete my account for good"),
        error_messages={"required": gettext_lazy("Tick the box to delete your account.")},
    )

    def __init__(self, *args: Any, has_comments: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_comments:
            del self.fields["comments"]


@require_safe
@login_required
def data(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/data.html")


@require_http_methods(["GET", "HEAD", "POST"])
@recent_login_required
def export(request: HttpRequest) -> HttpResponse:
    """POST downloads everything as JSON. GET, after the login was confirmed, offers the button again."""
    if request.method != "POST":
        return render(request, "privacy/data.html")
    if not allow(request, "export", per_account=5, per_address=20, seconds=3600):
        messages.error(request, _("You have downloaded your data several times in the last hour. Try again later."))
        return render(request, "privacy/data.html", status=429)
    user = _reader(request)
    text = json.dumps(export_data(user), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="account-{timezone.now():%Y-%m-%d}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@recent_login_required
def deletion(request: HttpRequest) -> HttpResponse:
    """GET explains what is deleted and what stays, POST deletes."""
    user = _reader(request)
    has_comments = Comment.objects.filter(author=user).exists()
    form = DeletionForm(request.POST if request.method == "POST" else None, has_comments=has_comments)
    if request.method == "POST" and form.is_valid():
        try:
            delete_account(user=user, keep_comments=form.cleaned_data.get("comments") != REMOVE)
        except CannotDelete:
            return redirect("privacy:deletion")
        logout(request)
        messages.success(request, _("Your account is deleted. We have confirmed it by email."))
        return redirect("articles:front")
    context = {
        "form": form,
        "subscription": Subscription.objects.live().filter(user=user).first(),
        "order": Order.objects.filter(user=user, status=Order.Status.OPEN).first(),
        "has_orders": Order.objects.filter(user=user).exists(),
    }
    return render(request, "privacy/deletion.html", context, status=422 if form.errors else 200)


def _reader(request: HttpRequest) -> User:
    """Return the logged-in user; views here require login."""
    return User.objects.get(pk=cast(User, request.user).pk)
