"""What a reader may do, computed once per request from their grants."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """`level`: 0 anonymous, 1 verified account, 10 subscriber, 20 supporter, 100 staff who can view articles.

    `may_comment` is True if a running grant allows it, and for staff; otherwise `reason` is one of
    "anonymous", "unverified", "no_plan" or "plan_without_comments" (else "").
    """

    level: int
    may_comment: bool
    reason: str


NOBODY = Access(level=0, may_comment=False, reason="anonymous")
