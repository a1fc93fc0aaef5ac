"""Accepting an invitation to the newsroom, by the link in the email. Logs in."""

from typing import Any

from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from subscriptions.models import User
from subscriptions.services.accounts import SIGNED_UP_AT
from subscriptions.services.invitations import AcceptedError, accept, invited_user


class AcceptForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Without one, you log in with a code that we email to you."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if "\x00" in password:
            raise ValidationError(_("Null characters are not allowed."))
        if password:
            validate_password(password, self.user)
        return password


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Offer to set a password; POST logs in and opens the newsroom. GET changes nothing: some programs open links."""
    user = invited_user(token)
    if user is None:
        return _expired(request)
    form = AcceptForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            accepted = accept(user=user, password=form.cleaned_data["password"])
        except AcceptedError:
            return _expired(request)
        if request.user.is_authenticated:
            logout(request)
        messages.success(request, _("Welcome, %(name)s.") % {"name": accepted.display_name})
        response: HttpResponse = perform_login(request, accepted, redirect_url=reverse("admin:index"), signup=True)
        request.session[SIGNED_UP_AT] = timezone.now().timestamp()
        return response
    context = {"form": form, "invited": user, "roles": ", ".join(user.groups.values_list("name", flat=True))}
    return render(request, "subscriptions/invitation.html", context, status=422 if form.is_bound else 200)


def _expired(request: HttpRequest) -> HttpResponse:
    return render(request, "subscriptions/invitation_expired.html", status=410)
