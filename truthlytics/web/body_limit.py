"""Limit the size of requests."""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase


class BodyLimitMiddleware:
    """Reject requests with a larger body than their address accepts, before reading them.

    Django's DATA_UPLOAD_MAX_MEMORY_SIZE does not count files, which anyone can send to any form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and (len(length) > 15 or int(length) > largest_body(request.META)):
            raise RequestDataTooBig(f"The request is too large ({length[:20]} bytes).")
        return self.get_response(request)


def largest_body(environ: Mapping[str, str]) -> int:
    """Return the accepted size in bytes: `LARGEST_UPLOAD` for a form with files at one of the `UPLOAD_PATHS`."""
    has_files = environ.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data")
    if has_files and environ["PATH_INFO"].startswith(settings.UPLOAD_PATHS):
        return settings.LARGEST_UPLOAD
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE
