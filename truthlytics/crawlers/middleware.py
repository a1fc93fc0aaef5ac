"""A link to the licence in the headers of public pages, for machines."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from truthlytics.crawlers.views import RSL
from truthlytics.publication import get_publication


class LicenseMiddleware:
    """Inside of the page cache, which keeps the header with the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        headers = response.headers
        is_page = headers.get("Content-Type", "").startswith("text/html")
        is_public = response.status_code == 200 and headers.get("Cache-Control", "").startswith("public")
        if is_page and is_public and get_publication().offers_license:
            link = f'<{reverse("license")}>; rel="license"; type="{RSL}"'
            headers["Link"] = f"{headers['Link']}, {link}" if "Link" in headers else link
        return response
