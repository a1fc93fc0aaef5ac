"""A response of the application, and what of it the cache may store."""

from collections.abc import Callable
from typing import Any

from truthlytics.cache.compression import Headers
from truthlytics.cache.middleware import EXPIRES, NEXT_CHANGE, TAGS
from truthlytics.web.read_counter import READ_OF

# Not 404: there is no limit to the URLs that do not exist.
CACHEABLE = ("200", "301", "410")


class CapturedResponse:
    """The status and headers passed to `start_response`."""

    def __init__(self) -> None:
        self.status = "500 Internal Server Error"
        self.headers: Headers = []
        self.exc_info: tuple[Any, ...] = ()

    def start_response(self, status: str, headers: Headers, *exc_info: Any) -> Callable[[bytes], object]:
        self.status, self.headers, self.exc_info = status, headers, exc_info
        return lambda data: None

    def get(self, name: str) -> str | None:
        return next((value for header, value in self.headers if header.lower() == name.lower()), None)

    def is_cacheable(self) -> bool:
        """Return whether a view declared the page public: it has an expiry, sets no cookie and does not vary by one."""
        if not self.status.startswith(CACHEABLE) or self.get(EXPIRES) is None or self.get("Set-Cookie") is not None:
            return False
        return "cookie" not in (self.get("Vary") or "").lower()

    def read_of(self) -> int:
        """Return the id of the article that this page counts as read, or 0."""
        return int(self.get(READ_OF) or 0)

    def tags(self) -> list[str]:
        return (self.get(TAGS) or "").split()

    def expires(self) -> float:
        return float(self.get(EXPIRES) or 0)

    def next_change(self) -> float:
        return float(self.get(NEXT_CHANGE) or 0)

    def public_headers(self) -> Headers:
        """Return the headers to send, without internal ones and without those that depend on the encoding.

        `Vary` stays: a header of the same name is added for the encoding."""
        internal = {READ_OF.lower()}
        if self.get(EXPIRES) is not None:
            internal |= {EXPIRES.lower(), NEXT_CHANGE.lower(), "content-length", "etag"}
        return [(name, value) for name, value in self.headers if name.lower() not in internal]
