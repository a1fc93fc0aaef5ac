"""Robots, and what is shown when there is nothing or too much."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.metadata import absolute
from comments.views import shown_again
from truthlytics.web.kept import from_here, keep
from truthlytics.web.pages import public_page

NOT_FOR_ROBOTS = ("/admin/", "/accounts/", "/account/", "/cart/", "/checkout/", "/comments/")


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


def csrf_failure(request: ReaderRequest, reason: str = "") -> HttpResponse:
    """What somebody wrote comes back in its page; every other form says what to do."""
    if page := shown_again(request):
        return page
    newsroom = request.path.startswith(reverse("admin:index"))
    if newsroom and request.method == "POST" and from_here(request) and keep(request):
        return redirect(request.path)
    return render(request, "403.html", {"token_failed": True}, status=403)
