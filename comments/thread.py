"""One page of a thread: a limited number of comments, arranged as a tree."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from comments.models import STEP_LENGTH, Comment
from comments.selection import Cursor, cursor_of, select
from comments.signals import collect_supporters
from truthlytics.web.compiled_queries import CompiledQuery, id_names, pad_ids
from truthlytics.web.fragments import add_tags

COLUMNS = (
    "pk", "parent", "path", "html", "status", "created_at", "edited_at", "removed_reason", "removed_by",
    "helpful_count", "picked_at", "picked_beside",
    "quote", "quote_prefix", "quote_number", "quote_is_gated", "quote_edited_from",
    "quote_version__required_level",
    "edit_requested_at", "edit_request",
    "author", "author__display_name", "author__is_staff", "author__member_since", "author__author",
    "author__author__slug",
)  # fmt: skip


class CommentRow(NamedTuple):
    """The `COLUMNS` of a comment. The last two are those of the author's public profile, if they have one."""

    pk: int
    parent_id: int | None
    path: str
    html: str
    status: str
    created_at: datetime
    edited_at: datetime | None
    removed_reason: str
    removed_by_id: int | None
    helpful_count: int
    picked_at: datetime | None
    picked_beside: bool
    quote: str
    quote_prefix: str
    quote_number: int
    quote_is_gated: bool
    quote_edited_from: datetime | None
    quote_level: int | None
    edit_requested_at: datetime | None
    edit_request: str
    author_id: int | None
    author_name: str | None
    author_is_staff: bool | None
    author_since: datetime | None
    profile_id: int | None
    profile_slug: str | None

    @property
    def is_visible(self) -> bool:
        return self.status == Comment.Status.VISIBLE

    @property
    def is_waiting(self) -> bool:
        return self.status == Comment.Status.WAITING

    @property
    def is_removed(self) -> bool:
        return self.status == Comment.Status.REMOVED

    @property
    def is_deleted_by_author(self) -> bool:
        # Both are None after the author has deleted the account.
        return self.is_removed and self.removed_by_id == self.author_id


@dataclass(slots=True)
class CommentNode:
    """A comment with its replies. `parent` is set where the page has to name it, because it is not directly above.

    `more` is the cursor of the page with the rest of its conversation, "" if this page has all of it.
    """

    row: CommentRow
    parent: CommentRow | None = None
    replies: list["CommentNode"] = field(default_factory=list)
    more: str = ""


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """`next_cursor` is that of the next page, None on the last; `author_ids` are the users who wrote the comments."""

    roots: list[CommentNode]
    next_cursor: Cursor | None
    author_ids: frozenset[int]
    ids: tuple[int, ...] = ()
    supporter_ids: frozenset[int] = frozenset()


def load_page(article_id: int, user: Any, cursor: Cursor) -> ThreadPage:
    """Return the page of comments after `cursor` as `user` sees it.

    Three queries for threads of any length; a fourth one if the page has replies to comments on an earlier page.
    What is rendered from it depends on the names and badges of those who wrote the comments.
    """
    selection = select(article_id, user, cursor)
    paths = chain.from_iterable(conversation.paths for conversation in selection.conversations)
    rows = sorted(load_rows([int(path[-STEP_LENGTH:]) for path in paths]), key=lambda row: row.path)
    by_id = {row.pk: row for row in rows}
    missing = {row.parent_id for row in rows if row.parent_id} - by_id.keys()
    by_id |= {row.pk: row for row in load_rows(missing)}
    trees = {node.row.path: node for node in build_tree(rows, by_id)}
    for conversation in selection.conversations:
        trees[conversation.root].more = conversation.replies[-1] if conversation.has_more else ""
    roots = [trees[conversation.root] for conversation in selection.conversations]
    authors = frozenset(row.author_id for row in by_id.values() if row.author_id)
    supporters: list[Any] = collect_supporters.send(sender=None, user_ids=authors) if authors else []
    return ThreadPage(
        roots,
        selection.next_cursor,
        authors,
        tuple(row.pk for row in rows),
        frozenset(pk for _receiver, ids in supporters for pk in ids),
    )


def load_rows(ids: Collection[int]) -> list[CommentRow]:
    """Return the comments with these ids, in any order, in one query. The page depends on their authors' names."""
    padded = pad_ids(ids)
    rows = [CommentRow(*row) for row in _rows_query(len(padded))(*padded)] if padded else []
    add_tags(
        *(f"user:{row.author_id}" for row in rows if row.author_id),
        *(f"author:{row.profile_id}" for row in rows if row.profile_id),
    )
    return rows


def build_tree(rows: Iterable[CommentRow], by_id: dict[int, CommentRow]) -> list[CommentNode]:
    """Arrange `rows`, sorted by path, as trees; `by_id` also has parents from earlier pages.

    Not recursive: each comment is shown under the nearest one above it in its path that is on this page.
    """
    roots: list[CommentNode] = []
    by_path: dict[str, CommentNode] = {}
    for row in rows:
        node = by_path[row.path] = CommentNode(row)
        ends = range(len(row.path) - STEP_LENGTH, 0, -STEP_LENGTH)
        above = next((by_path[row.path[:end]] for end in ends if row.path[:end] in by_path), None)
        (above.replies if above else roots).append(node)
        # Replies at the deepest level are shown beside their parent.
        if row.parent_id is not None and (above is None or above.row.pk != row.parent_id):
            node.parent = by_id[row.parent_id]
    return roots


def comment_url(comment: Comment, user: Any) -> str:
    """Return the URL of `comment` for this user: the article, the page of the thread, and the anchor."""
    cursor = cursor_of(comment, user).value
    query = f"?comments={cursor}" if cursor else ""
    return f"{comment.article.get_absolute_url()}{query}#comment-{comment.pk}"


@cache
def _rows_query(count: int) -> CompiledQuery:
    return CompiledQuery(lambda *ids: Comment.objects.filter(pk__in=ids).values_list(*COLUMNS), *id_names(count))
