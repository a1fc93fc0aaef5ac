"""Permission to comment on an article, and the next step for readers without it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.access import Access, Gated, decide
from comments.models import Thread

Step = Literal["log_in", "verify", "subscribe", ""]


@dataclass(frozen=True, slots=True)
class CommentRefusal:
    """The reason why a reader may not comment, and the `step` that would let them, "" if there is none.

    `has_no_plan`: a subscription is what they lack.
    """

    message: str
    step: Step
    has_no_plan: bool = False


_LOG_IN = CommentRefusal(_("Only subscribers can comment. Log in to post."), "log_in", has_no_plan=True)
_VERIFY = CommentRefusal(_("Confirm your email address to post a comment."), "verify")
_SUBSCRIBE = CommentRefusal(
    _("You don’t have a subscription. Only subscribers can comment."), "subscribe", has_no_plan=True
)
_PLAN_WITHOUT_COMMENTS = CommentRefusal(_("Your plan doesn’t include comments."), "subscribe")
_NO_ACCESS = CommentRefusal(_("Your plan doesn’t include this article, so you can’t comment on it."), "subscribe")
_BY_REASON = {"anonymous": _LOG_IN, "unverified": _VERIFY, "plan_without_comments": _PLAN_WITHOUT_COMMENTS}


def comment_refusal(version: Gated, access: Access, closed: str) -> CommentRefusal | None:
    """Return why a reader with `access` may not comment on the article served as `version`; None if they may.

    `closed` is the `closed_message` of its thread.
    """
    if closed:
        return CommentRefusal(closed, "")
    if not access.may_comment:
        return _BY_REASON.get(access.reason, _SUBSCRIBE)
    if not decide(version, access).allowed:
        return _NO_ACCESS
    return None


def closed_message(thread: Thread | None, now: datetime | None = None) -> str:
    """Return since when comments are closed, followed by the editors' message; "" while they are open."""
    if thread is None or thread.closes_at is None or thread.is_open(now or timezone.now()):
        return ""
    closed = gettext("Comments closed on %(date)s.") % {"date": date_format(timezone.localtime(thread.closes_at))}
    return f"{closed} {thread.closed_message}".strip()
