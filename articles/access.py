"""The one gate. Views, templates, feeds and comments ask `decide`, and nothing else decides."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from django.db import models
from django.http import HttpRequest


class Level(models.IntegerChoices):
    """What a reader must have to read all of an article. A tier of plans stands for 10 or 20."""

    EVERYBODY = 0, "Everybody"
    REGISTERED = 1, "Registered readers"
    SUBSCRIBER = 10, "Subscribers"
    SUPPORTER = 20, "Supporters"


class Access(Protocol):
    """What this reader may do; `request.access` satisfies it (see docs/architecture.md)."""

    @property
    def level(self) -> int: ...
    @property
    def may_comment(self) -> bool: ...
    @property
    def reason(self) -> str: ...


class ReaderRequest(HttpRequest):
    """A request as the middleware leaves it."""

    access: Access
    user: Any


class Gated(Protocol):
    @property
    def required_level(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason`: "public" or "level" where allowed; "register" or "subscribe", the next step, where not."""

    allowed: bool
    reason: Literal["public", "level", "register", "subscribe"]


def decide(version: Gated, access: Access) -> Decision:
    """Whether the reader with `access` may read the gated part of `version`."""
    if version.required_level == Level.EVERYBODY:
        return Decision(allowed=True, reason="public")
    if access.level >= version.required_level:
        return Decision(allowed=True, reason="level")
    if version.required_level == Level.REGISTERED:
        return Decision(allowed=False, reason="register")
    return Decision(allowed=False, reason="subscribe")
