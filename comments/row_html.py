"""The HTML of a page of comments, rendered with a compiled partial."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple, Protocol

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comments.initials import colour, initials
from comments.models.comments import EDIT_WINDOW, can_moderate
from comments.quotes import quotation_html
from comments.thread import CommentNode, CommentRow, ThreadPage
from truthlytics.web.compiled_partials import CompiledPartial


class Variant(NamedTuple):
    """Everything that determines how a comment looks except its values.

    `state` is "", "waiting" or "removed"; `withheld` means its text is not shown. `badge` is "author", "staff",
    "supporter", "reader" or "" for a former reader. `in_reply_to` is "named", "unnamed" or "". `vote` to `moderate`
    are the actions offered to this user; `pick` to a moderator, "" to others: "no", "thread" or "beside" as it is
    picked. `helpful`: it has votes. `own_pending` explains to its author that it awaits review, and
    `edit_requested` that a moderator asked for an edit. `deleted` comments were removed by their authors. `more`: its
    conversation continues on another page.
    """

    state: str
    withheld: bool
    badge: str
    in_reply_to: str
    is_picked: bool
    vote: bool
    helpful: bool
    reply: bool
    edit: bool
    delete: bool
    deleted: bool
    report: bool
    moderate: bool
    pick: str
    edited: bool
    own_pending: bool
    edit_requested: bool
    replies: bool
    more: bool
    footer: bool


_comment = CompiledPartial(
    "comments/_comment.html",
    "pk", "name", "initials", "colour", "since", "url", "datetime", "written", "parent_url", "parent_name",
    "quotation", "text", "reason", "edited_at", "vote_url", "helpful_count", "write_url", "edit_url", "delete_url",
    "edit_request", "report_url", "pick_url", "moderate_url", "nested_replies", "more_cursor",
)  # fmt: skip


class ThreadArticle(Protocol):
    """The article that the comments are on. Comments by the authors with these slugs have a badge."""

    @property
    def slug(self) -> str: ...
    @property
    def required_level(self) -> int: ...
    @property
    def author_slugs(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Viewer:
    """The user who reads the comments, and what they may do. URLs contain `%d` for the id of a comment."""

    article: ThreadArticle
    user_id: int | None
    is_authenticated: bool
    may_write: bool
    may_read: bool
    can_moderate: bool
    supporter_ids: frozenset[int]
    now: datetime
    zone: tzinfo
    comment_url: str
    vote_url: str
    write_url: str
    edit_url: str
    delete_url: str
    report_url: str
    pick_url: str
    moderate_url: str


def render_page(page: ThreadPage, article: ThreadArticle, user: Any, *, may_write: bool, may_read: bool) -> SafeString:
    """Render the comments of `page`, and the link to the next page.

    `may_read`: the reader has access to all of the article's text, and so to what comments quote from it.
    """
    known, moderator = user.is_authenticated, can_moderate(user)
    viewer = Viewer(
        article=article,
        user_id=user.pk if known else None,
        is_authenticated=known,
        may_write=may_write,
        may_read=may_read,
        can_moderate=moderator,
        supporter_ids=page.supporter_ids,
        now=timezone.now(),
        zone=timezone.get_current_timezone(),
        comment_url=_url_pattern("comments:comment"),
        vote_url=_url_pattern("comments:vote") if may_write else "",
        write_url=reverse("comments:write", args=[article.slug]),
        edit_url=_url_pattern("comments:edit") if known else "",
        delete_url=_url_pattern("comments:delete") if known else "",
        report_url=_url_pattern("comments:report") if known else "",
        pick_url=_url_pattern("comments:pick") if moderator else "",
        moderate_url=_url_pattern("admin:comments_queue_comment") if moderator else "",
    )
    comments = SafeString("".join([_render_node(node, viewer) for node in page.roots]))
    return render_to_string("comments/_page.html", {"comments": comments, "next": page.next_cursor})


def mark_votes(html: SafeString, comment_ids: Iterable[int]) -> SafeString:
    """Mark the buttons of these comments as pressed, in HTML that was rendered for all readers."""
    pattern = _url_pattern("comments:vote")
    for pk in comment_ids:
        button = f'formaction="{pattern % pk}" aria-pressed='
        html = SafeString(html.replace(f'{button}"false"', f'{button}"true"'))
    return html


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
        "datetime": created_at.isoformat(timespec="minutes").replace("+00:00", "Z"),
        "written": f"{_format(created_at)} {created_at:%Z}",
        "quotation": _quotation(row, viewer),
        "text": row.html,
        "helpful_count": row.helpful_count,
        "write_url": viewer.write_url,
        "nested_replies": "".join([_render_node(reply, viewer) for reply in node.replies]),
        "more_cursor": node.more,
    }
    if variant.withheld:
        values["reason"] = escape(row.removed_reason)
    if variant.edit_requested:
        values["edit_request"] = escape(row.edit_request)
    if row.edited_at:
        values["edited_at"] = _format(row.edited_at.astimezone(viewer.zone))
    if viewer.is_authenticated:
        values["edit_url"] = viewer.edit_url % row.pk
        values["delete_url"] = viewer.delete_url % row.pk
        values["report_url"] = viewer.report_url % row.pk
    if variant.vote:
        values["vote_url"] = viewer.vote_url % row.pk
    if viewer.can_moderate:
        values["pick_url"] = viewer.pick_url % row.pk
        values["moderate_url"] = viewer.moderate_url % row.pk
    if node.parent:
        values["parent_url"] = viewer.comment_url % node.parent.pk
        values["parent_name"] = escape(node.parent.author_name or "")
    return _comment.render(variant, values)


def _variant(node: CommentNode, viewer: Viewer) -> Variant:
    row = node.row
    own = viewer.user_id is not None and row.author_id == viewer.user_id
    withheld = row.is_removed or (row.is_waiting and not own and not viewer.can_moderate)
    helpful = row.helpful_count > 0
    edit_requested = row.is_waiting and row.edit_requested_at is not None
    return Variant(
        state="" if row.is_visible else row.status,
        withheld=withheld,
        badge=_badge(row, viewer),
        in_reply_to=_in_reply_to(node.parent),
        is_picked=row.picked_at is not None and row.is_visible,
        vote=viewer.may_write and row.is_visible and not own,
        helpful=helpful,
        reply=viewer.may_write and row.is_visible,
        edit=own and not row.is_removed and (edit_requested or viewer.now < row.created_at + EDIT_WINDOW),
        delete=own and not row.is_removed,
        deleted=row.is_deleted_by_author,
        report=viewer.is_authenticated and not own and row.is_visible,
        moderate=viewer.can_moderate,
        pick=_pick(row) if viewer.can_moderate and row.is_visible else "",
        edited=row.edited_at is not None,
        own_pending=own and row.is_waiting and not edit_requested,
        edit_requested=own and edit_requested,
        replies=bool(node.replies),
        more=bool(node.more),
        footer=not withheld and (viewer.is_authenticated or row.edited_at is not None or helpful),
    )


def _badge(row: CommentRow, viewer: Viewer) -> str:
    if row.author_id is None or row.is_removed:
        return ""
    if row.profile_slug in viewer.article.author_slugs:
        return "author"
    if row.author_is_staff:
        return "staff"
    return "supporter" if row.author_id in viewer.supporter_ids else "reader"


def _pick(row: CommentRow) -> str:
    if row.picked_at is None:
        return "no"
    return "beside" if row.picked_beside else "thread"


def _quotation(row: CommentRow, viewer: Viewer) -> str:
    article = viewer.article
    return quotation_html(
        row, article.slug, required_level=article.required_level, may_read=viewer.may_read, now=viewer.now
    )


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
