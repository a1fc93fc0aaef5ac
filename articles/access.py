"""The paywall. `decide` is the only place that decides whether a reader may read gated text."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    """What a reader needs to read all of an article. Plans grant level 10 or 20."""

    EVERYONE = 0, _("Everyone")
    REGISTERED = 1, _("Registered readers")
    SUBSCRIBER = 10, _("Subscribers")
    SUPPORTER = 20, _("Supporters")


class Access(Protocol):
    """The rights of the current reader, as `request.access` (see docs/architecture.md)."""

    @property
    def level(self) -> int: ...
    @property
    def may_comment(self) -> bool: ...
    @property
    def reason(self) -> str: ...


class ReaderRequest(HttpRequest):
    """A request with the attributes that the middleware adds."""

    access: Access
    user: Any


class Gated(Protocol):
    @property
    def required_level(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is "public", "level" or "gift" if allowed, else the reader's next step: "register" or "subscribe"."""

    allowed: bool
    reason: Literal["public", "level", "gift", "register", "subscribe"]


def decide(version: Gated, access: Access, *, gift_level: int = 0) -> Decision:
    """Decide whether a reader with `access` may read the gated part of `version`.

    `gift_level` is the level of a valid gift link to this article with which the reader opened it.
    """
    if version.required_level == Level.EVERYONE:
        return Decision(allowed=True, reason="public")
    if access.level >= version.required_level:
        return Decision(allowed=True, reason="level")
    if gift_level >= version.required_level:
        return Decision(allowed=True, reason="gift")
    if version.required_level == Level.REGISTERED:
        return Decision(allowed=False, reason="register")
    return Decision(allowed=False, reason="subscribe")


def may_give(version: Gated, access: Access) -> bool:
    """Decide whether a reader may create a gift link: a subscriber who can read this gated article."""
    return decide(version, access).reason == "level" and access.level >= Level.SUBSCRIBER
