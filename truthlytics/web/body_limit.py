"""Limit the size of requests."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase


class BodyLimitMiddleware:
    """Reject requests larger than `LARGEST_BODY` bytes before reading them.

    Django's DATA_UPLOAD_MAX_MEMORY_SIZE does not count files, which anyone can send to any form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and (len(length) > 15 or int(length) > settings.LARGEST_BODY):
            raise RequestDataTooBig(f"The request is too large ({length[:20]} bytes).")
        return self.get_response(request)
