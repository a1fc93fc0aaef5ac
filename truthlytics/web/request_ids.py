"""A number for each request, in the lines that it logs and on the page that tells a reader of an error."""

import secrets
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING

# The supervisor logs, too, and imports nothing of Django.
if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

_current: ContextVar[str] = ContextVar("request id", default="")


def current_request_id() -> str:
    """Return the number of the request that this thread answers, or ""."""
    return _current.get()


class RequestIdMiddleware:
    def __init__(self, get_response: "Callable[[HttpRequest], HttpResponseBase]") -> None:
        self.get_response = get_response

    def __call__(self, request: "HttpRequest") -> "HttpResponseBase":
        token = _current.set(secrets.token_hex(4))
        try:
            return self.get_response(request)
        finally:
            _current.reset(token)
