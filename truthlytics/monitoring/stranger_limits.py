"""Keeps what strangers store within its ceilings, at every address."""

from collections.abc import Callable
from threading import Lock
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from truthlytics.monitoring.strangers import full_kind_at, shrink_unless_locked
from truthlytics.publication.unavailable import typed_texts
from truthlytics.server.body_buffer import SAFE_METHODS, content_length

# After so many requests of strangers, or bytes that they sent, a process looks at what is stored.
REQUESTS, SIZE = 200, 2 * 1024 * 1024
# Characters of a session of a visitor without a login: five long comments that wait for one.
LARGEST_SESSION = 256 * 1024


class Sent:
    """What strangers have sent to this process since it last looked at what is stored."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests = self._size = 0

    def is_due(self, size: int) -> bool:
        """Count a request, and return whether to look."""
        with self._lock:
            self._requests, self._size = self._requests + 1, self._size + size
            if self._requests < REQUESTS and self._size < SIZE:
                return False
            self._requests = self._size = 0
            return True


_sent = Sent()


class StrangerLimitsMiddleware:
    """Refuses what is full, limits sessions without a login, and has others deleted from time to time.

    Other middleware knows the user by then, and saves the session afterwards.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # Who it is has not been asked where no session was read, as for programs.
        if request.method in SAFE_METHODS or (request.session.accessed and request.user.is_authenticated):
            return response
        if request.session.modified and is_too_large(request):
            request.session.modified = False
            raise RequestDataTooBig("More than a session without a login can keep.")
        if _sent.is_due(content_length(request.META)):
            shrink_unless_locked()
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Refuse what strangers have filled, with what was typed. Readers with an account still write."""
        match = request.resolver_match
        if request.method in SAFE_METHODS or match is None or full_kind_at(match.view_name) is None:
            return None
        if request.user.is_authenticated:
            return None
        return render(request, "full.html", {"texts": typed_texts(request)}, status=503)


def is_too_large(request: HttpRequest) -> bool:
    return len(request.session.encode(dict(request.session.items()))) > LARGEST_SESSION
