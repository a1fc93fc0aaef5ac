"""Views that need a recent login, also of readers who have no password."""

import time
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from subscriptions.services.accounts import SIGNED_UP_AT

# In seconds. A form that was opened in time can still be sent for as long again.
RECENT = 10 * 60

View = Callable[..., HttpResponse]


def recent_login_required(view: View) -> View:
    """Ask readers to confirm who they are unless they logged in within ten minutes.

    For anything that opens the account to someone else: an old session proves only that someone logged in once.
    Readers with a password or a second factor confirm it. Others log in again with a code that is sent to their present
    address.
    """

    @login_required
    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if logged_in_recently(request):
            return view(request, *args, **kwargs)
        if methods := get_adapter().get_reauthentication_methods(request.user):
            return redirect(f"{methods[0]['url']}?{urlencode({'next': request.path})}")
        again = f"{reverse('account_request_login_code')}?{urlencode({'next': request.path})}"
        return render(request, "subscriptions/log_in_again.html", {"again": again}, status=403)

    return wrapper


def logged_in_recently(request: HttpRequest) -> bool:
    """Return whether this session belongs to someone who logged in, signed up or confirmed it a short time ago."""
    records = get_authentication_records(request, request.user)
    latest: float = max([request.session.get(SIGNED_UP_AT, 0), *(record["at"] for record in records)])
    return time.time() - latest < (2 * RECENT if request.method == "POST" else RECENT)
