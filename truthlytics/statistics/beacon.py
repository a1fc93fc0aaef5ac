"""`/read`, to which the page of an article reports that its middle was seen for two seconds.

It is answered around Django, without a thread of the site, as many readers send it. It has no cookie, no session and no
identifier, and changes nothing but sums, so it needs no token against forged requests; those of other sites are refused
by the headers that browsers send. A reader counts once a day, as with pages (`seen.py`), however often it is sent.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from truthlytics.statistics.counter import READ_COUNTER, ReadCounter
from truthlytics.statistics.requests import HALF, MAX_REFERRER, values_of

Environ = dict[str, Any]

READ = "/read"
# In bytes, of the query: there is no body.
MAX_SIZE = 1024
# `id` is the article, `r` the host of the page with the link, and the rest the query of the page.
_QUERY = re.compile(r"id=([1-9]\d{0,9})&r=([\w.:-]{0,100})(?:&(.*))?", re.ASCII)
HEADERS = [("Content-Length", "0"), ("Cache-Control", "private, no-store"), ("X-Content-Type-Options", "nosniff")]


class Beacon:
    """Answers `/read`. What is accepted is decided when it is counted, so senders do not learn whether it was."""

    def __init__(self, counter: ReadCounter = READ_COUNTER) -> None:
        self.counter = counter

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING", "")
        match = _QUERY.fullmatch(query) if len(query) <= MAX_SIZE else None
        if environ["REQUEST_METHOD"] != "POST":
            start_response("405 Method Not Allowed", [*HEADERS, ("Allow", "POST")])
        elif match is None:
            start_response("400 Bad Request", HEADERS)
        elif not is_same_origin(environ):
            start_response("403 Forbidden", HEADERS)
        else:
            referrer = f"https://{match[2]}/"[:MAX_REFERRER] if match[2] else ""
            of_page = {**environ, "HTTP_REFERER": referrer, "QUERY_STRING": match[3] or ""}
            self.counter.count(values_of(of_page, int(match[1]), HALF))
            self.counter.ensure_running()
            start_response("204 No Content", HEADERS[1:])
        return []


def is_same_origin(environ: Environ) -> bool:
    """Return whether a browser says that a page of this site sends the request. All say it of a POST."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    origin = environ.get("HTTP_ORIGIN", "").partition("://")[2]
    own = {urlsplit(settings.SITE_URL).netloc, environ.get("HTTP_HOST", "")}
    return site in {None, "same-origin"} and bool(origin) and origin in own
