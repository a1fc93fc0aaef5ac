"""Fetch an image or another file from an address on the web."""

import io
import time
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from typing import IO
from urllib.parse import unquote, urljoin, urlsplit

from truthlytics.web.public_http import (
    MAX_REDIRECTS,
    REDIRECTS,
    Connect,
    RefusedError,
    Resolve,
    open_response,
    target_of,
)
from truthlytics.web.text import strip_control_characters

# For all requests of one image, in seconds: a thread of the server waits for it.
MAX_SECONDS = 15.0
ACCEPT = "image/jpeg,image/png,image/webp"
_CHUNK = 64 * 1024


class FetchError(Exception):
    """The file could not be fetched. `status` is that of the response, `retry_after` what it says in seconds or ""."""

    def __init__(self, reason: str, *, status: int = 0, retry_after: str = "") -> None:
        super().__init__(reason)
        self.status, self.retry_after = status, retry_after


def path_of(url: str) -> str:
    """Return the path of `url`, or "" if it is not a URL."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def file_name_in(url: str) -> str:
    """Return the file name that `url` ends with, for search."""
    return strip_control_characters(unquote(path_of(url)).rsplit("/", 1)[-1])[:200]


def fetch(url: str, *, user_agent: str, max_bytes: int, resolve: Resolve, connect: Connect) -> bytes:
    """Return what is at `url`. Raises FetchError, see `fetch_into`."""
    file = io.BytesIO()
    fetch_into(file, url, user_agent=user_agent, max_bytes=max_bytes, resolve=resolve, connect=connect)
    return file.getvalue()


def fetch_into(
    file: IO[bytes],
    url: str,
    *,
    user_agent: str,
    max_bytes: int,
    resolve: Resolve,
    connect: Connect,
    accept: str = ACCEPT,
    seconds: float | None = None,
    redirects: int = MAX_REDIRECTS,
    is_allowed: Callable[[str], bool] = lambda host: True,
) -> None:
    """Write what is at `url` to `file`. Follows redirects, and requests public addresses only (see public_http.py).

    Raises FetchError if there is nothing, if it has more than `max_bytes`, if it takes longer than `seconds`, by
    default MAX_SECONDS, or if a host is not allowed. Part of the file may then have been written.
    """
    deadline = time.monotonic() + (MAX_SECONDS if seconds is None else seconds)
    try:
        for _redirect in range(redirects + 1):
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                break
            target = target_of(url)
            if not is_allowed(target.host):
                raise FetchError(f"redirects to {target.host}")
            with open_response(
                "GET", target, user_agent=user_agent, accept=accept, seconds=remaining, resolve=resolve, connect=connect
            ) as response:
                location = response.headers.get("Location")
                if response.status in REDIRECTS and location:
                    url = urljoin(url, location)
                    continue
                if response.status != 200:
                    retry_after = response.headers.get("Retry-After", "")
                    raise FetchError(f"status {response.status}", status=response.status, retry_after=retry_after)
                return _read(response, file, max_bytes, deadline)
    except (RefusedError, OSError, HTTPException, ValueError) as error:
        raise FetchError(str(error)) from error
    raise FetchError("too many redirects, or too slow")


def _read(response: HTTPResponse, file: IO[bytes], max_bytes: int, deadline: float) -> None:
    if (response.length or 0) > max_bytes:
        raise FetchError("too large")
    size = 0
    while chunk := response.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise FetchError("too large")
        file.write(chunk)
    # A connection that was cut off ends like a complete one.
    if response.length or time.monotonic() >= deadline:
        raise FetchError("incomplete")
