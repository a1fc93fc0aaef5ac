"""Turning off the email with statistics by the link in it, without a login."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from subscriptions.models import User
from truthlytics.newsroom.readership import weekly_email


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """POST turns the emails off; GET asks first, or confirms that they are off. Needs no login."""
    user = _user_or_404(token)
    if request.method == "POST":
        weekly_email.stop(user)
        return redirect("statistics_emails:stop", token)
    return render(request, "account/stop_statistics.html", {"wanted": weekly_email.wants_emails(user)})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_at_once(request: HttpRequest, token: str) -> HttpResponse:
    """Turn the emails off for a mail program that sends the request itself (RFC 8058). GET redirects to the page.

    Such a request has no cookies and cannot follow a redirect. The signed token identifies the user.
    """
    user = _user_or_404(token)
    if request.method != "POST":
        return redirect("statistics_emails:stop", token)
    weekly_email.stop(user)
    return HttpResponse(_("You no longer get these emails."), content_type="text/plain; charset=utf-8")


def _user_or_404(token: str) -> User:
    user = weekly_email.user_of_token(token)
    if user is None:
        raise Http404("No emails belong to this link.")
    return user
