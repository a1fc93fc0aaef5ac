"""A page of comments as HTML: each is poured into the mould of its shape."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from comments.models.comments import moderates
from comments.thread import Node, ThreadPage, address_with, written
from truthlytics.web.compiled_partials import CompiledPartial


class Shape(NamedTuple):
    """All that decides how a comment looks but its words.

    `state` and `withheld` are the node's; `writer` is "author", "staff", "reader" or "" for one who left; `answers` is
    "named" or "another" where it says whom it answers. The next four are what this reader may do with it; `mine` says
    that it waits, and that only they and the moderators see it.
    """

    state: str
    withheld: bool
    writer: str
    answers: str
    reply: bool
    edit: bool
    report: bool
    moderate: bool
    edited: bool
    mine: bool
    replies: bool
    foot: bool


_comment = CompiledPartial(
    "comments/_comment.html",
    "pk", "name", "since", "url", "stamp", "written", "parent_url", "parent_name", "text", "reason", "edited_at",
    "write_url", "edit_url", "report_url", "moderate_url", "replies_html",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Looker:
    """Whoever looks at the comments, what they may do with all of them, and where; `%d` is a comment's number."""

    person: Any
    writes: bool
    moderates: bool
    write_url: str
    edit_url: str
    report_url: str
    moderate_url: str


def drawn(page: ThreadPage, slug: str, reader: Any, *, writes: bool) -> SafeString:
    """The comments of `page` under the article `slug`, and the way to those that follow."""
    known, rules = reader.is_authenticated, moderates(reader)
    looker = _Looker(
        person=reader,
        writes=writes,
        moderates=rules,
        write_url=reverse("comments:write", args=[slug]),
        edit_url=address_with("comments:edit") if known else "",
        report_url=address_with("comments:report") if known else "",
        moderate_url=address_with("admin:comments_comment_change") if rules else "",
    )
    rows = mark_safe("".join([_row(node, looker) for node in page.roots]))  # noqa: S308
    return render_to_string("comments/_comment_list.html", {"rows": rows, "after": page.after})


def _row(node: Node, looker: _Looker) -> str:
    comment, shape = node.comment, _shape(node, looker)
    words = {
        "pk": comment.pk,
        "name": escape(node.author.display_name) if node.author else "",
        "since": node.since,
        "url": node.url,
        "stamp": node.stamp,
        "written": node.written,
        "text": comment.html,
        "write_url": looker.write_url,
        "replies_html": "".join([_row(reply, looker) for reply in node.replies]),
    }
    if shape.withheld:
        words["reason"] = escape(comment.removed_reason)
    if shape.edited:
        words["edited_at"] = written(comment.edited_at)
    if shape.edit:
        words["edit_url"] = looker.edit_url % comment.pk
    if shape.report:
        words["report_url"] = looker.report_url % comment.pk
    if shape.moderate:
        words["moderate_url"] = looker.moderate_url % comment.pk
    if shape.answers:
        parent: Any = comment.parent
        words["parent_url"] = parent.get_absolute_url()
        words["parent_name"] = escape(parent.author.display_name) if parent.author else ""
    return _comment.filled(shape, words)


def _shape(node: Node, looker: _Looker) -> Shape:
    comment, reader = node.comment, looker.person
    own = reader.is_authenticated and comment.author_id == reader.pk
    return Shape(
        state=node.state,
        withheld=node.withheld,
        writer=(node.badge or "reader") if node.author else "",
        answers=_answers(node),
        reply=looker.writes and comment.is_visible,
        edit=own and comment.is_changeable,
        report=reader.is_authenticated and not own and comment.is_visible,
        moderate=looker.moderates,
        edited=comment.edited_at is not None,
        mine=own and comment.is_waiting,
        replies=bool(node.replies),
        foot=not node.withheld and (reader.is_authenticated or comment.edited_at is not None),
    )


def _answers(node: Node) -> str:
    if not node.names_parent:
        return ""
    parent: Any = node.comment.parent
    return "named" if parent.is_visible and parent.author else "another"
