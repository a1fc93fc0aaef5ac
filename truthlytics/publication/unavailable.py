"""The page of a site that cannot save anything now. It returns what was typed, so that no text is lost."""

import errno
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views.debug import SafeExceptionReporterFilter

from truthlytics.publication.current import last_known
from truthlytics.publication.language import last_known_language
from truthlytics.web.hosts import is_same_origin

# A key of the WSGI environ, with which the server asks for this page. Requests cannot set it.
SERVER_IS_BUSY = "truthlytics.busy"
RETRY_AFTER = 10
# The name of the main field of short forms; other fields are shown if they contain several words.
TEXT = "text"
# Fields that forms of such a text need and that are no secrets of the reader, although their names look like it.
SENT_AGAIN = {"csrfmiddlewaretoken", "key"}
# What SQLite and PostgreSQL say.
DISK_FULL = ("disk is full", "no space left")
# In characters: browsers keep longer forms, and the newsroom saves them while they are edited.
MAX_LENGTH = 500_000


class BusyMiddleware:
    """Answer requests for which the server has no thread, without the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SERVER_IS_BUSY in request.META:
            return unavailable(request)
        return self.get_response(request)


def is_disk_full(error: BaseException | None) -> bool:
    """Return whether there is no space left for files, or in the database's words for it."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error, OperationalError) and any(words in str(error).lower() for words in DISK_FULL)


def unavailable(request: HttpRequest, *, disk_is_full: bool = False) -> HttpResponse:
    """Return the page, with status 503. Uses neither the database nor a request context.

    A header tells scripts that the disk is full: they would say that there is no connection.
    """
    texts = typed_texts(request)
    context = {
        "texts": texts,
        "action": request.get_full_path(),
        "fields": fields_to_send_again(request) if texts else [],
        "publication": last_known(),
    }
    with last_known_language():
        page = render_to_string("503.html", context)
    problem = {"X-Problem": "disk-full"} if disk_is_full else {}
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)} | problem)


def typed_texts(request: HttpRequest) -> list[str]:
    """Return the texts in a form that one of our own pages sent, without passwords and the like."""
    fields = [(name, value.strip()) for name, value in _posted(request)]
    secret = SafeExceptionReporterFilter.hidden_settings
    texts = [
        value
        for name, value in fields
        if value and not secret.search(name) and (name == TEXT or len(value.split()) > 1)
    ]
    return texts if sum(map(len, texts)) <= MAX_LENGTH else []


def fields_to_send_again(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields of a short form such as that of a comment, for a button that sends it again.

    Empty for other forms. A comment's `key` keeps it from being posted twice, should it have been stored after all.
    """
    fields, secret = _posted(request), SafeExceptionReporterFilter.hidden_settings
    names = {name for name, _value in fields}
    if TEXT not in names or any(secret.search(name) for name in names - SENT_AGAIN):
        return []
    return fields


def _posted(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the fields that one of our own pages sent, in their order."""
    try:
        if not is_same_origin(request):
            return []
        return [(name, str(value)) for name, values in request.POST.lists() for value in values]
    except Exception:  # noqa: BLE001 - the page must appear for any fault of the form
        return []
