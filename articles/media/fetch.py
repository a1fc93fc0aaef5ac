"""Fetch an image from an address on the web."""

import time
from http.client import HTTPException, HTTPResponse
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
    """The image could not be fetched."""


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
    """Return what is at `url`. Follows redirects, and requests public addresses only (see public_http.py).

    Raises FetchError if there is nothing, if it has more than `max_bytes`, or if it takes longer than MAX_SECONDS.
    """
    deadline = time.monotonic() + MAX_SECONDS
    try:
        for _redirect in range(MAX_REDIRECTS + 1):
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                break
            with open_response(
                "GET",
                target_of(url),
                user_agent=user_agent,
                accept=ACCEPT,
                seconds=remaining,
                resolve=resolve,
                connect=connect,
            ) as response:
                location = response.headers.get("Location")
                if response.status in REDIRECTS and location:
                    url = urljoin(url, location)
                    continue
                if response.status != 200:
                    raise FetchError(f"status {response.status}")
                return _read(response, max_bytes, deadline)
    except (RefusedError, OSError, HTTPException, ValueError) as error:
        raise FetchError(str(error)) from error
    raise FetchError("too many redirects, or too slow")


def _read(response: HTTPResponse, max_bytes: int, deadline: float) -> bytes:
    if (response.length or 0) > max_bytes:
        raise FetchError("too large")
    data = bytearray()
    while chunk := response.read(_CHUNK):
        data += chunk
        if len(data) > max_bytes:
            raise FetchError("too large")
    # A connection that was cut off ends like a complete one.
    if response.length or time.monotonic() >= deadline:
        raise FetchError("incomplete")
    return bytes(data)
