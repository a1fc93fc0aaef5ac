"""A page that differs from reader to reader in a few words only: kept once for all, with places for those words.

It is drawn with a `Likeness` in place of the request, from which nothing of anybody's can be learnt.
"""

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.utils.safestring import SafeString

Fill = Callable[[Any], str]
# No text of ours or of a reader's holds a NUL, or knows the number.
_NUMBER = secrets.token_hex(8)
_PLACE = re.compile(f"\x00{_NUMBER}:([0-9]+)\x00")


class Likeness:
    """What `user` and `access` stand for is the same for all who are drawn so; there is no cookie and no session."""

    def __init__(self, user: Any, access: Any) -> None:
        self.user = user
        self.access = access
        self.GET: dict[str, str] = {}
        self.COOKIES: dict[str, str] = {}
        self.session: dict[str, Any] = {}
        self.fills: list[Fill] = []

    def place(self, fill: Fill) -> SafeString:
        self.fills.append(fill)
        return SafeString(f"\x00{_NUMBER}:{len(self.fills) - 1}\x00")

    def parts(self, html: str) -> tuple[str | Fill, ...]:
        """What was drawn with it, cut at its places."""
        cut = _PLACE.split(html)
        return tuple(self.fills[int(part)] if number % 2 else str(part) for number, part in enumerate(cut))


def own(request: Any, fill: Fill) -> str:
    """What `fill` makes for this request, as HTML; the place for it where a page for many is drawn.

    `fill` is asked again for each of them, so it must know nothing but the request that it is given.
    """
    return request.place(fill) if isinstance(request, Likeness) else fill(request)


def filled(parts: tuple[str | Fill, ...], request: Any) -> SafeString:
    """The page of whoever sends `request`."""
    return SafeString("".join([part if isinstance(part, str) else part(request) for part in parts]))
