"""What the application said of its response, and what of it may be kept."""

from collections.abc import Callable
from typing import Any

from truthlytics.cache.compression import Headers
from truthlytics.cache.middleware import EXPIRES, TAGS
from truthlytics.web.read_counter import READ_OF

# Not 404: whoever asks for what never was can ask for endlessly much.
KEPT = ("200", "301", "410")


class Answer:
    def __init__(self) -> None:
        self.status = "500 Internal Server Error"
        self.headers: Headers = []
        self.more: tuple[Any, ...] = ()

    def start(self, status: str, headers: Headers, *more: Any) -> Callable[[bytes], Any]:
        self.status, self.headers, self.more = status, headers, more
        return lambda data: None

    def get(self, name: str) -> str | None:
        return next((value for header, value in self.headers if header.lower() == name.lower()), None)

    def may_be_kept(self) -> bool:
        """Only what a view called public, without a cookie, and with the time at which it ends."""
        if not self.status.startswith(KEPT) or self.get(EXPIRES) is None or self.get("Set-Cookie") is not None:
            return False
        return "cookie" not in (self.get("Vary") or "").lower()

    def read_of(self) -> int:
        """The id of what a reader of this answer reads; 0 where nobody counts."""
        return int(self.get(READ_OF) or 0)

    def instructions(self) -> tuple[list[str], float]:
        return (self.get(TAGS) or "").split(), float(self.get(EXPIRES) or 0)

    def public_headers(self) -> Headers:
        """Without those that a form of the page has of its own, and those that are between us."""
        ours = {READ_OF.lower()}
        if self.get(EXPIRES) is not None:
            ours |= {EXPIRES.lower(), "content-length", "vary", "etag"}
        return [(name, value) for name, value in self.headers if name.lower() not in ours]
