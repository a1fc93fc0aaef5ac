"""Robots, and what is shown when there is nothing or too much."""

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.seo.meta import absolute
from comments.views import shown_again
from truthlytics.web.form_recovery import from_here, keep
from truthlytics.web.pages import public_page

NOT_FOR_ROBOTS = ("/admin/", "/accounts/", "/account/", "/cart/", "/checkout/", "/comments/", "/search/")


@public_page()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    sitemaps = (reverse("articles:sitemap"), reverse("articles:sitemap_news"))
    lines += ["", *(f"Sitemap: {absolute(path)}" for path in sitemaps), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@public_page(tags=["sections"])
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for too much. Django's own reads the form once more to find a token, and breaks on it again."""
    too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    page = render_to_string("400.html", {"too_much": too_much})
    return HttpResponse(page, status=413 if too_much else 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 while the database is away. Asks nothing of the request, which may be what broke."""
    away = isinstance(sys.exception(), OperationalError | InterfaceError)
    headers = {"Retry-After": "10"} if away else {}
    return HttpResponse(render_to_string("500.html"), status=503 if away else 500, headers=headers)


def csrf_failure(request: ReaderRequest, reason: str = "") -> HttpResponse:
    """What somebody wrote comes back in its page; every other form says what to do."""
    if page := shown_again(request):
        return page
    newsroom = request.path.startswith(reverse("admin:index")) and request.accepts("text/html")
    if newsroom and request.method == "POST" and from_here(request) and keep(request):
        return redirect(request.path)
    return render(request, "403.html", {"token_failed": True}, status=403)
