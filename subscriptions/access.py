"""What a reader may do, read once a request from the spans of time that were granted to them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """`level`: 0 nobody, 1 verified account, 10 subscriber, 20 supporter, 100 staff who may view articles.

    `may_comment` says whether a running grant (or staff) allows it; `reason` says why not, as one of
    "anonymous", "unverified", "no_plan", "plan_without_comments", or "" where it is allowed.
    """

    level: int
    may_comment: bool
    reason: str


NOBODY = Access(level=0, may_comment=False, reason="anonymous")
