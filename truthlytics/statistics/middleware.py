"""Counting the articles that Django answers itself."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

from truthlytics.statistics.counter import READ_COUNTER
from truthlytics.statistics.requests import STAFF, values_of
from truthlytics.web.read_counter import COUNTED_BY_CACHE, READ_OF


class ReadCounterMiddleware:
    """Counts the pages that Django sends itself, and leaves those that the page cache stores to the page cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        subject = getattr(response, "read_of", None)
        if subject is None or response.status_code != HTTPStatus.OK:
            return response
        if COUNTED_BY_CACHE in request.META:
            response.headers[READ_OF] = str(subject)
        else:
            READ_COUNTER.count(values_of(request.META, subject, STAFF if is_staff(request) else ""))
            READ_COUNTER.ensure_running()
        return response


def is_staff(request: HttpRequest) -> bool:
    """Return whether the request is by a member of staff: those are not counted."""
    return bool(getattr(getattr(request, "user", None), "is_staff", False))
