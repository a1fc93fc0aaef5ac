"""The corrections of articles that a reader knows, and turning off the emails about them without a login."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from articles.presenters.corrections import by_month
from subscriptions.models import User
from truthlytics.contrib.correction_notices import services


@require_safe
@login_required
def corrections(request: HttpRequest) -> HttpResponse:
    """List the corrections and withdrawals of the last month of articles that the reader knows."""
    now = timezone.now()
    context = {
        "months": by_month(services.entries_for(cast(User, request.user), now)),
        "since": now - services.SHOWN_FOR,
    }
    return render(request, "account/corrections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """POST turns the emails off; GET asks first, or confirms that they are off. Needs no login."""
    reader = _reader_or_404(token)
    if request.method == "POST":
        services.stop(reader)
        return redirect("correction_notices:stop", token)
    return render(request, "account/stop_corrections.html", {"wanted": services.wants_emails(reader)})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_at_once(request: HttpRequest, token: str) -> HttpResponse:
    """Turn the emails off for a mail program that sends the request itself (RFC 8058). GET redirects to the page.

    Such a request has no cookies and cannot follow a redirect. The signed token identifies the reader.
    """
    reader = _reader_or_404(token)
    if request.method != "POST":
        return redirect("correction_notices:stop", token)
    services.stop(reader)
    return HttpResponse(_("You no longer get these emails."), content_type="text/plain; charset=utf-8")


def _reader_or_404(token: str) -> User:
    reader = services.reader_of(token)
    if reader is None:
        raise Http404("No emails belong to this link.")
    return reader
