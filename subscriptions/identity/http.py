"""Requests to providers. The operator has set their addresses, so they may be in a private network.

Slow answers, large ones and redirects count as no answer.
"""

import time
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

# In seconds: for one step, and to read an answer.
STEP_TIMEOUT, READ_TIMEOUT = 5, 10
MAX_BYTES = 256 * 1024
LOCAL = {"localhost", "127.0.0.1", "::1"}


class LimitedSession(requests.Session):
    """The session that allauth uses. Raises RequestException for every failure."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        if not is_safe(request.url or ""):
            raise requests.exceptions.InvalidURL("The provider names an address that is not encrypted.")
        deadline = time.monotonic() + READ_TIMEOUT
        response = super().send(request, **kwargs | {"timeout": STEP_TIMEOUT, "allow_redirects": False, "stream": True})
        content = b""
        try:
            for chunk in response.raw.stream(16 * 1024, decode_content=True):
                content += chunk
                if len(content) > MAX_BYTES or time.monotonic() > deadline:
                    raise requests.exceptions.Timeout("The answer of the provider is too long or too slow.")
        except HTTPError as error:
            raise requests.exceptions.ConnectionError("The answer of the provider is incomplete.") from error
        finally:
            response.raw.close()
        response.raw = BytesIO(content)
        response.headers.setdefault("content-type", "")
        return response


def is_safe(url: str) -> bool:
    """Return whether `url` is encrypted, or of this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)
