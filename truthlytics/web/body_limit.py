"""How much may be sent at once. The server's memory and disk are for everybody."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase


class BodyLimitMiddleware:
    """Refuses what says of itself that it is larger than `LARGEST_BODY` bytes, before any of it is read.

    Django's own limits do not count files, which anybody may send to any form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and (len(length) > 15 or int(length) > settings.LARGEST_BODY):
            raise RequestDataTooBig(f"A request of {length[:20]} bytes.")
        return self.get_response(request)
