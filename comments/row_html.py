"""The HTML of a page of comments, through compiled partials."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comments.initials import colour, initials
from comments.models.comments import EDIT_WINDOW, can_moderate
from comments.thread import CommentNode, CommentRow, ThreadPage
from truthlytics.web.compiled_partials import CompiledPartial


class Variant(NamedTuple):
    """Everything that determines how a comment looks except its values.

    `state` is "", "waiting" or "removed"; `withheld` means its text is not shown. `badge` is "author", "staff",
    "reader" or "" for a former reader. `in_reply_to` is "named", "unnamed" or "". `reply` to `moderate` are the actions
    offered to this user; `own_pending` explains to its author that it awaits review.
    `deleted` comments were removed by their authors.
    """

    state: str
    withheld: bool
    badge: str
    in_reply_to: str
    reply: bool
    edit: bool
    delete: bool
    deleted: bool
    report: bool
    moderate: bool
    edited: bool
    own_pending: bool
    replies: bool
    footer: bool


_comment = CompiledPartial(
    "comments/_comment.html",
    "pk", "name", "initials", "colour", "since", "url", "datetime", "written", "parent_url", "parent_name",
    "text", "reason", "edited_at", "write_url", "edit_url", "delete_url", "report_url",
    "moderate_url", "nested_replies",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Viewer:
    """The user who reads the comments, and what they may do. URLs contain `%d` for the id of a comment."""

    user_id: int | None
    is_authenticated: bool
    may_write: bool
    can_moderate: bool
    author_slugs: frozenset[str]
    now: datetime
    zone: tzinfo
    comment_url: str
    write_url: str
    edit_url: str
    delete_url: str
    report_url: str
    moderate_url: str


def render_page(
    page: ThreadPage, slug: str, user: Any, *, may_write: bool, author_slugs: frozenset[str] = frozenset()
) -> SafeString:
    """Render the comments of `page` under the article `slug`, and the link to the next page.

    `author_slugs` are those of the article's authors, whose comments have a badge.
    """
    known, moderator = user.is_authenticated, can_moderate(user)
    viewer = Viewer(
        user_id=user.pk if known else None,
        is_authenticated=known,
        may_write=may_write,
        can_moderate=moderator,
        author_slugs=author_slugs,
        now=timezone.now(),
        zone=timezone.get_current_timezone(),
        comment_url=_url_pattern("comments:comment"),
        write_url=reverse("comments:write", args=[slug]),
        edit_url=_url_pattern("comments:edit") if known else "",
        delete_url=_url_pattern("comments:delete") if known else "",
        report_url=_url_pattern("comments:report") if known else "",
        moderate_url=_url_pattern("admin:comments_comment_change") if moderator else "",
    )
    comments = SafeString("".join([_render_node(node, viewer) for node in page.roots]))
    return render_to_string("comments/_page.html", {"comments": comments, "next_cursor": page.next_cursor})


def _render_node(node: CommentNode, viewer: Viewer) -> str:
    row, variant = node.row, _variant(node, viewer)
    created_at = row.created_at.astimezone(viewer.zone)
    values = {
        "pk": row.pk,
        "name": escape(row.author_name or ""),
        "initials": escape(initials(row.author_name or "")),
        "colour": colour(row.author_name or ""),
        "since": row.author_since.astimezone(viewer.zone).year if row.author_since else "",
        "url": viewer.comment_url % row.pk,
        "datetime": created_at.isoformat(timespec="minutes"),
        "written": f"{_format(created_at)} {created_at:%Z}",
        "text": row.html,
        "write_url": viewer.write_url,
        "nested_replies": "".join([_render_node(reply, viewer) for reply in node.replies]),
    }
    if variant.withheld:
        values["reason"] = escape(row.removed_reason)
    if row.edited_at:
        values["edited_at"] = _format(row.edited_at.astimezone(viewer.zone))
    if viewer.is_authenticated:
        values["edit_url"] = viewer.edit_url % row.pk
        values["delete_url"] = viewer.delete_url % row.pk
        values["report_url"] = viewer.report_url % row.pk
    if viewer.can_moderate:
        values["moderate_url"] = viewer.moderate_url % row.pk
    if node.parent:
        values["parent_url"] = viewer.comment_url % node.parent.pk
        values["parent_name"] = escape(node.parent.author_name or "")
    return _comment.render(variant, values)


def _variant(node: CommentNode, viewer: Viewer) -> Variant:
    row = node.row
    own = viewer.user_id is not None and row.author_id == viewer.user_id
    withheld = row.is_removed or (row.is_waiting and not own and not viewer.can_moderate)
    return Variant(
        state="" if row.is_visible else row.status,
        withheld=withheld,
        badge=_badge(row, viewer),
        in_reply_to=_in_reply_to(node.parent),
        reply=viewer.may_write and row.is_visible,
        edit=own and not row.is_removed and viewer.now < row.created_at + EDIT_WINDOW,
        delete=own and not row.is_removed,
        deleted=row.is_deleted_by_author,
        report=viewer.is_authenticated and not own and row.is_visible,
        moderate=viewer.can_moderate,
        edited=row.edited_at is not None,
        own_pending=own and row.is_waiting,
        replies=bool(node.replies),
        footer=not withheld and (viewer.is_authenticated or row.edited_at is not None),
    )


def _badge(row: CommentRow, viewer: Viewer) -> str:
    if row.author_id is None or row.is_removed:
        return ""
    if row.profile_slug in viewer.author_slugs:
        return "author"
    return "staff" if row.author_is_staff else "reader"


def _in_reply_to(parent: CommentRow | None) -> str:
    if parent is None:
        return ""
    return "named" if parent.is_visible and parent.author_id else "unnamed"


def _format(time: datetime) -> str:
    """Format a local time as the filter `date:_("j F Y, H:i")` does."""
    return _format_minute(time.replace(second=0, microsecond=0, tzinfo=None), get_language())


@lru_cache(1024)
def _format_minute(time: datetime, language: str | None) -> str:
    return date_format(time, _("j F Y, H:i"))


def _url_pattern(name: str) -> str:
    """Return the URL called `name` with `%d` for the id: reversing it for each comment would double the cost."""
    before, _, after = reverse(name, args=[0]).rpartition("0")
    return f"{before}%d{after}"
