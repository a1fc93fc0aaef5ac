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
from comments.models import Suspension, Thread
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication
from truthlytics.web.fragments import fragment
from truthlytics.web.users import User

Step = Literal["log_in", "verify", "subscribe", "appeal", ""]


@dataclass(frozen=True, slots=True)
class CommentRefusal:
    """The reason why a reader may not comment, and the `step` that would let them, "" if there is none.

    `has_no_plan`: a subscription is what they lack.
    """

    message: str | Promise
    step: Step
    has_no_plan: bool = False

    @property
    def keeps_draft(self) -> bool:
        """Whether the step leads back to the form."""
        return self.step not in {"", "appeal"}


_LOG_IN = CommentRefusal(_("Only subscribers can comment. Log in to post."), "log_in", has_no_plan=True)
_LOG_IN_AS_READER = CommentRefusal(_("Log in to comment."), "log_in")
_VERIFY = CommentRefusal(_("Confirm your email address to post a comment."), "verify")
_SUBSCRIBE = CommentRefusal(
    _("You don’t have a subscription. Only subscribers can comment."), "subscribe", has_no_plan=True
)
_PLAN_WITHOUT_COMMENTS = CommentRefusal(_("Your plan doesn’t include comments."), "subscribe")
_NO_ACCESS = CommentRefusal(_("Your plan doesn’t include this article, so you can’t comment on it."), "subscribe")
_SUPPORTERS = CommentRefusal(_("Only supporters can comment on this article."), "subscribe", has_no_plan=True)
_SUPPORTERS_LOG_IN = CommentRefusal(
    _("Only supporters can comment on this article. Log in to post."), "log_in", has_no_plan=True
)
_STAFF = CommentRefusal(_("Your role in the newsroom doesn’t include this article, so you can’t comment on it."), "")
_BY_REASON = {"anonymous": _LOG_IN, "unverified": _VERIFY, "plan_without_comments": _PLAN_WITHOUT_COMMENTS}


def comment_refusal(
    version: Gated, access: Access, closed: str, *, user: User, required_level: int | None = None
) -> CommentRefusal | None:
    """Return why `user`, with `access`, may not comment on the article served as `version`; None if they may.

    `closed` is the `closed_message` of its thread and `required_level` its level, None for that in the settings.
    """
    if closed:
        return CommentRefusal(closed, "")
    if (refusal := suspension_refusal(user)) is not None:
        return refusal
    refusal = _level_refusal(access, required_level)
    if refusal is None and not decide(version, access).allowed:
        refusal = _NO_ACCESS
    # Nothing is sold to the newsroom.
    is_sold_to_staff = refusal is not None and refusal.step == "subscribe" and user.is_authenticated and user.is_staff
    return _STAFF if is_sold_to_staff else refusal


def _level_refusal(access: Access, required_level: int | None) -> CommentRefusal | None:
    readers_may = get_publication().who_may_comment == Publication.WhoMayComment.READERS
    level = required_level or (Level.REGISTERED if readers_may else Level.SUBSCRIBER)
    is_reader = access.level >= Level.REGISTERED and access.reason != "unverified"
    if level <= Level.REGISTERED and (is_reader or access.may_comment):
        return None
    if access.may_comment and (level <= Level.SUBSCRIBER or access.level >= level):
        return None
    if level > Level.SUBSCRIBER and access.reason != "unverified":
        return _SUPPORTERS_LOG_IN if access.reason == "anonymous" else _SUPPORTERS
    if level <= Level.REGISTERED and access.reason == "anonymous":
        return _LOG_IN_AS_READER
    return _BY_REASON.get(access.reason, _SUBSCRIBE)


def suspension_refusal(user: User) -> CommentRefusal | None:
    """Return why and until when `user` is suspended; None if they are not.

    One query for suspended users. The ids of all suspended users are cached.
    """
    if not user.is_authenticated or user.pk not in fragment("suspended readers", make=_suspended, tags=["suspensions"]):
        return None
    suspension = Suspension.objects.in_force().filter(user=user.pk).first()
    return CommentRefusal(suspension_message(suspension), "appeal") if suspension else None


def suspension_message(suspension: Suspension) -> str:
    """Return the message to a suspended reader: until when, and why."""
    if suspension.until is None:
        message = gettext("You have been suspended from commenting. Reason: %(reason)s")
        return message % {"reason": suspension.reason}
    until = date_format(timezone.localtime(suspension.until), gettext("j F Y, H:i"))
    message = gettext("You have been suspended from commenting until %(until)s. Reason: %(reason)s")
    return message % {"until": until, "reason": suspension.reason}


def _suspended() -> frozenset[int]:
    return frozenset(Suspension.objects.in_force().order_by().values_list("user", flat=True))


def closing_time(thread: Thread | None, published_at: datetime | None) -> datetime | None:
    """Return when comments close: as set for the article, else so many days after publication as in the settings."""
    if thread is not None and thread.closes_at is not None:
        return thread.closes_at
    days = get_publication().comments_close_after_days
    return published_at + timedelta(days=days) if days and published_at else None


def closed_message(thread: Thread | None, published_at: datetime | None, now: datetime | None = None) -> str:
    """Return since when comments are closed, followed by the editors' message; "" while they are open."""
    if thread is not None and thread.is_off:
        return gettext("There are no comments on this article.")
    closed_at = closing_time(thread, published_at)
    if closed_at is None or closed_at > (now or timezone.now()):
        return ""
    if published_at and closed_at <= published_at:
        closed = gettext("Comments are closed.")
    else:
        closed = gettext("Comments closed on %(date)s.") % {"date": date_format(timezone.localtime(closed_at))}
    return f"{closed} {thread.closed_message if thread else ''}".strip()
