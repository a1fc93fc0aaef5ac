"""Error pages."""

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from articles.access import ReaderRequest
from articles.views import report_error
from comments.views import CSRF_FAILED, redisplay_form
from truthlytics.publication.current import last_known
from truthlytics.publication.language import last_known_language
from truthlytics.publication.unavailable import is_disk_full, unavailable
from truthlytics.web.form_recovery import mark_saved, save_form
from truthlytics.web.hosts import is_same_origin
from truthlytics.web.pages import public_page
from truthlytics.web.request_ids import current_request_id


@public_page(tags=["sections"])
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Status 400, or 413 for a request that is too large.

    Unlike Django's view, this one doesn't use a request context: its CSRF token would parse the invalid form again.
    """
    too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    with last_known_language():
        page = render_to_string("400.html", {"too_much": too_large, "publication": last_known()})
    return HttpResponse(page, status=413 if too_large else 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Status 500, 503 without the database or space on the disk, or 400 for input that the database rejects.

    Doesn't use the session, which may be the cause.
    """
    error = sys.exception()
    disk_is_full = is_disk_full(error)
    if disk_is_full or isinstance(error, OperationalError | InterfaceError):
        return unavailable(request, disk_is_full=disk_is_full)
    if isinstance(error, DataError):
        return bad_request(request, error)
    with last_known_language():
        context = {"publication": last_known(), "request_id": current_request_id()}
        page = render_to_string("500.html", context)
    return HttpResponse(page, status=500)


def csrf_failure(request: ReaderRequest, reason: str = "") -> HttpResponse:
    """Show a rejected comment or error report in its form again, and save newsroom forms until after login.

    For other requests, explain the failure.
    """
    if page := redisplay_form(request):
        return page
    match = request.resolver_match
    if match and match.view_name == "articles:report_error":
        return report_error(request, **match.kwargs, error=str(CSRF_FAILED))
    newsroom = request.path.startswith(reverse("admin:index")) and request.accepts("text/html")
    if newsroom and request.method == "POST" and is_same_origin(request) and save_form(request):
        response = redirect(request.path)
        mark_saved(response)
        return response
    return render(request, "403.html", {"token_failed": True}, status=403)
