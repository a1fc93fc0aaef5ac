"""Check whether the page of a source is still online.

The URLs are untrusted: see public_http.py. Only the status and the headers of a response are read.
"""

import errno
import socket
from collections.abc import Callable
from enum import Enum
from http.client import HTTPException
from urllib.parse import urljoin

from truthlytics.web.public_http import (
    MAX_REDIRECTS,
    REDIRECTS,
    Connect,
    RefusedError,
    Resolve,
    Target,
    open_response,
    resolve_host,
    target_of,
)

# The page may be online, but does not answer this request, or not now.
INCONCLUSIVE = {401, 402, 403, 405, 407, 408, 425, 429, 451, 501, 503}
# Errors of this server or its network.
OUR_ERRORS = {errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH, errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL}


class Outcome(Enum):
    FOUND = "found"
    MISSING = "missing"
    UNKNOWN = "unknown"


def check(
    url: str,
    *,
    user_agent: str,
    wait: Callable[[str], None] = lambda host: None,
    resolve: Resolve = resolve_host,
    connect: Connect = socket.create_connection,
) -> Outcome:
    """Return whether the page at `url` is online. Makes a HEAD request, and a GET request if that fails.

    `wait` is called with the host before each request.
    """
    try:
        for _redirect in range(MAX_REDIRECTS + 1):
            target = target_of(url)
            try:
                status, location = _request("HEAD", target, user_agent, wait, resolve, connect)
            except (ConnectionError, HTTPException):  # from servers that do not support HEAD
                status, location = 501, None
            if status >= 400:
                status, location = _request("GET", target, user_agent, wait, resolve, connect)
            if status in REDIRECTS and location:
                url = urljoin(url, location)
                continue
            return _outcome(status)
    except RefusedError:
        return Outcome.UNKNOWN
    except socket.gaierror as error:
        return Outcome.MISSING if error.errno in {socket.EAI_NONAME, socket.EAI_NODATA} else Outcome.UNKNOWN
    except (OSError, HTTPException, ValueError) as error:
        return Outcome.UNKNOWN if getattr(error, "errno", None) in OUR_ERRORS else Outcome.MISSING
    return Outcome.UNKNOWN


def _request(
    method: str, target: Target, user_agent: str, wait: Callable[[str], None], resolve: Resolve, connect: Connect
) -> tuple[int, str | None]:
    """Return the status and the location of the response."""
    wait(target.host)
    with open_response(method, target, user_agent=user_agent, resolve=resolve, connect=connect) as response:
        return response.status, response.headers.get("Location")


def _outcome(status: int) -> Outcome:
    if status < 400:
        return Outcome.FOUND if status < 300 else Outcome.UNKNOWN
    return Outcome.UNKNOWN if status in INCONCLUSIVE else Outcome.MISSING
