"""Comments as `comments/_comment.html` shows them to one reader."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from comments.initials import colour, initials
from comments.models import Comment
from comments.models.comments import can_moderate
from comments.quotes import Quotation, quotation_of
from truthlytics.web.dates import zone_name

# The labels of all badges but that of readers, which has the year.
BADGES = {
    "author": gettext_noop("Author"),
    "staff": gettext_noop("Staff"),
    "supporter": gettext_noop("Supporter"),
    "imported": gettext_noop("Imported comment"),
}


class ThreadArticle(Protocol):
    """The article that the comments are on. Comments by the authors with these slugs have a badge."""

    @property
    def pk(self) -> int: ...
    @property
    def slug(self) -> str: ...
    @property
    def required_level(self) -> int: ...
    @property
    def author_slugs(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Viewer:
    """A user who reads the comments, and what they may do.

    `may_read`: they have access to all of the article's text, and so to what comments quote from it.
    """

    user: Any
    may_write: bool
    may_read: bool

    @property
    def is_authenticated(self) -> bool:
        return bool(self.user.is_authenticated)

    @property
    def can_moderate(self) -> bool:
        return can_moderate(self.user)


@dataclass(slots=True)
class ShownComment:
    """A comment with what the template cannot read from it, and its replies.

    `state` is "waiting", "removed", or "" for a visible comment. `badge` is "author", "staff", "supporter", "reader",
    "imported", or "" for a former reader. `written` and `edited` are local times as text. `is_withheld`: the reader may
    not see its text. `is_voted`: the reader finds it helpful. `parent` is set where the page has to name it, because it
    is not directly above. `more` is the cursor of the page with the rest of its conversation, "" if this page has all
    of it.
    """

    comment: Comment
    badge: str
    badge_label: str
    name: str
    state: str
    is_picked: bool
    initials: str
    colour: int
    url: str
    datetime: str
    written: str
    edited: str
    quotation: Quotation | None
    is_own: bool
    is_withheld: bool
    is_voted: bool
    has_footer: bool
    parent: Comment | None = None
    replies: list["ShownComment"] = field(default_factory=list)
    more: str = ""


def present(
    comments: Collection[Comment],
    article: ThreadArticle,
    viewer: Viewer,
    *,
    supporters: Collection[int] = (),
    voted: Collection[int] = (),
) -> list[ShownComment]:
    """Return `comments`, with their authors, as `viewer` sees them. `supporters` are users, `voted` comments."""
    zone, moderates, shown = timezone.get_current_timezone(), viewer.can_moderate, []
    knows_reader = viewer.is_authenticated
    for comment in comments:
        author, created_at = comment.author, comment.created_at.astimezone(zone)
        name = comment.writer_name
        is_own = author is not None and author.pk == viewer.user.pk
        badge = _badge(comment, article, supporters)
        is_withheld = comment.is_removed or (comment.is_waiting and not is_own and not moderates)
        shown.append(
            ShownComment(
                comment=comment,
                badge=badge,
                badge_label=_badge_label(badge, author.member_since.astimezone(zone).year if author else 0),
                name=name,
                state="" if comment.is_visible else comment.status,
                is_picked=comment.picked_at is not None and comment.is_visible,
                initials=initials(name),
                colour=colour(name),
                url=comment.get_absolute_url(),
                datetime=created_at.isoformat(timespec="minutes").replace("+00:00", "Z"),
                written=f"{_format(created_at)} {zone_name(created_at)}",
                edited=_format(comment.edited_at.astimezone(zone)) if comment.edited_at else "",
                quotation=None if is_withheld else _quotation(comment, article, viewer),
                is_own=is_own,
                is_withheld=is_withheld,
                is_voted=comment.pk in voted,
                has_footer=knows_reader or comment.edited_at is not None or comment.helpful_count > 0,
            )
        )
    return shown


def _badge(comment: Comment, article: ThreadArticle, supporters: Collection[int]) -> str:
    author = comment.author
    if comment.is_removed:
        return ""
    if author is None:
        return "imported" if comment.is_imported else ""
    profile = getattr(author, "author", None)
    if profile is not None and profile.slug in article.author_slugs:
        return "author"
    if author.is_staff:
        return "staff"
    return "supporter" if author.pk in supporters else "reader"


def _badge_label(badge: str, since: int) -> str:
    if badge == "reader":
        return _("Reader since %(since)s") % {"since": since}
    return _(BADGES[badge]) if badge else ""


def _quotation(comment: Comment, article: ThreadArticle, viewer: Viewer) -> Quotation | None:
    return quotation_of(comment, article.slug, required_level=article.required_level, may_read=viewer.may_read)


def _format(time: datetime) -> str:
    """Format a local time as the filter `date:_("j F Y, H:i")` does."""
    return _format_minute(time.replace(second=0, microsecond=0, tzinfo=None), get_language())


@lru_cache(1024)
def _format_minute(time: datetime, language: str | None) -> str:
    return date_format(time, _("j F Y, H:i"))
