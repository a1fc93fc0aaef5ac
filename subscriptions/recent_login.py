"""Views that need a recent login, also of readers who have no password."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

# In seconds.
RECENT = 10 * 60

View = Callable[..., HttpResponse]


def recent_login_required(view: View) -> View:
    """Ask readers to confirm who they are unless they logged in within ten minutes.

    Readers with a password or a second factor confirm it. Others log in again with a code by email.
    """

    @login_required
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if logged_in_recently(request):
            return view(request, *args, **kwargs)
        if methods := get_adapter().get_reauthentication_methods(request.user):
            return redirect(f"{methods[0]['url']}?{urlencode({'next': request.path})}")
        again = f"{reverse('account_request_login_code')}?{urlencode({'next': request.path})}"
        return render(request, "subscriptions/log_in_again.html", {"again": again}, status=403)

    return wrapper


def logged_in_recently(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < RECENT
