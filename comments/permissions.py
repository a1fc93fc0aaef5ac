"""Permission to comment on an article, and the next step for readers without it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.access import Access, Gated, Level, decide
from comments.models import Thread
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication

Step = Literal["log_in", "verify", "subscribe", ""]


@dataclass(frozen=True, slots=True)
class CommentRefusal:
    """The reason why a reader may not comment, and the `step` that would let them, "" if there is none.

    `has_no_plan`: a subscription is what they lack.
    """

    message: str | Promise
    step: Step
    has_no_plan: bool = False


_LOG_IN = CommentRefusal(_("Only subscribers can comment. Log in to post."), "log_in", has_no_plan=True)
_LOG_IN_AS_READER = CommentRefusal(_("Log in to comment."), "log_in")
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
    if not access.may_comment and not _may_comment_as_reader(access):
        if access.reason == "anonymous" and _readers_may_comment():
            return _LOG_IN_AS_READER
        return _BY_REASON.get(access.reason, _SUBSCRIBE)
    if not decide(version, access).allowed:
        return _NO_ACCESS
    return None


def _readers_may_comment() -> bool:
    return get_publication().who_may_comment == Publication.WhoMayComment.READERS


def _may_comment_as_reader(access: Access) -> bool:
    """Return whether the publication lets every reader with a confirmed account comment, and this is one."""
    return access.level >= Level.REGISTERED and access.reason != "unverified" and _readers_may_comment()


def closing_time(thread: Thread | None, published_at: datetime | None) -> datetime | None:
    """Return when comments close: as set for the article, else so many days after publication as in the settings."""
    if thread is not None and thread.closes_at is not None:
        return thread.closes_at
    days = get_publication().comments_close_after_days
    return published_at + timedelta(days=days) if days and published_at else None


def closed_message(thread: Thread | None, published_at: datetime | None, now: datetime | None = None) -> str:
    """Return since when comments are closed, followed by the editors' message; "" while they are open."""
    closed_at = closing_time(thread, published_at)
    if closed_at is None or closed_at > (now or timezone.now()):
        return ""
    if published_at and closed_at <= published_at:
        closed = gettext("Comments are closed.")
    else:
        closed = gettext("Comments closed on %(date)s.") % {"date": date_format(timezone.localtime(closed_at))}
    return f"{closed} {thread.closed_message if thread else ''}".strip()
