"""The one place that says who may write under an article, and the one reason why somebody may not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format

from articles.access import Access, Gated, decide
from comments.models import Thread

Step = Literal["log_in", "verify", "subscribe", ""]


@dataclass(frozen=True, slots=True)
class Refusal:
    """`sentence` says why not; `step` is what would help, "" where nothing does."""

    sentence: str
    step: Step


_LOG_IN = Refusal("Only subscribers can comment. Log in to post.", "log_in")
_VERIFY = Refusal("Confirm your email address to post a comment.", "verify")
_SUBSCRIBE = Refusal("You don’t have a subscription. Only subscribers can comment.", "subscribe")
_OTHER_PLAN = Refusal("Your plan doesn’t include comments.", "subscribe")
_OTHER_LEVEL = Refusal(
    "Your plan doesn’t include this article, so you can’t comment on it.", "subscribe"
)
_BY_REASON = {"anonymous": _LOG_IN, "unverified": _VERIFY, "plan_without_comments": _OTHER_PLAN}


def why_not(
    version: Gated, access: Access, thread: Thread | None, now: datetime | None = None
) -> Refusal | None:
    """None where this reader may write under the article served as `version`; else the reason and the next step."""
    return refused(version, access, closed_sentence(thread, now) if thread else "")


def refused(version: Gated, access: Access, closed: str) -> Refusal | None:
    """`why_not`, where `closed_sentence` is known already."""
    if closed:
        return Refusal(closed, "")
    if not access.may_comment:
        return _BY_REASON.get(access.reason, _SUBSCRIBE)
    if not decide(version, access).allowed:
        return _OTHER_LEVEL
    return None


def closed_sentence(thread: Thread, now: datetime | None = None) -> str:
    """On which day it closed, and what the editors say about it; "" while it is open."""
    if thread.is_open(now or timezone.now()):
        return ""
    on = date_format(timezone.localtime(thread.closes_at), "j F Y")
    return f"Comments closed on {on}.  {thread.closed_message}".strip()
