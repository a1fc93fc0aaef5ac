"""One page of a thread: a bounded slice of the comments in reading order, arranged as a tree."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404

from comments.models import STEP_LENGTH, Comment
from comments.models.comments import PATH
from truthlytics.web.compiled_queries import CompiledQuery
from truthlytics.web.fragments import add_tags

# Comments on the article page, which most readers leave before the last of them, and on the pages after it.
FIRST_PAGE_SIZE = 20
PAGE_SIZE = 50

COLUMNS = (
    "pk", "parent", "path", "html", "status", "created_at", "edited_at", "removed_reason", "removed_by",
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
    """A comment with its replies. `parent` is set where the page has to name it, because it is not directly above."""

    row: CommentRow
    parent: CommentRow | None = None
    replies: list["CommentNode"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """`next_cursor` is that of the next page, "" on the last; `author_ids` are the users who wrote the comments."""

    roots: list[CommentNode]
    next_cursor: str
    author_ids: frozenset[int]


def parse_cursor(value: str) -> str:
    """Return the path in `value`, "" for the first page. Raises Http404 for anything else."""
    if value and not PATH.fullmatch(value):
        raise Http404("There is no such page of comments.")
    return value


def load_page(article_id: int, user: Any, cursor: str = "") -> ThreadPage:
    """Return the page of comments after `cursor` as `user` sees it.

    One query for threads of any length; a second one if a page begins with replies to comments on an earlier page.
    What is rendered from it depends on the names and badges of those who wrote the comments.
    """
    size = PAGE_SIZE if cursor else FIRST_PAGE_SIZE
    if user.pk:
        found: Iterable[Any] = _visible_rows(article_id, user, cursor, size)
    else:
        found = _anonymous_pages[size](article_id, cursor)
    rows = [CommentRow(*row) for row in found]
    by_id = {row.pk: row for row in rows}
    missing = {row.parent_id for row in rows if row.parent_id} - by_id.keys()
    if missing:
        parents = Comment.objects.filter(pk__in=missing).values_list(*COLUMNS)
        by_id |= {row.pk: row for row in (CommentRow(*row) for row in parents)}
    authors = frozenset(row.author_id for row in by_id.values() if row.author_id)
    add_tags(
        *(f"user:{pk}" for pk in authors), *(f"author:{row.profile_id}" for row in by_id.values() if row.profile_id)
    )
    end = page_end([row.path for row in rows], size)
    next_cursor = rows[end - 1].path if len(rows) > end else ""
    return ThreadPage(build_tree(rows[:end], by_id), next_cursor, authors)


def page_end(paths: Sequence[str], size: int) -> int:
    """Return how many of `paths` are on a page of at most `size`.

    A comment is on the same page as its replies, unless they are more than a page.
    """
    if len(paths) <= size:
        return len(paths)
    return next((end for end in range(size, 0, -1) if len(paths[end]) == STEP_LENGTH), size)


def build_tree(rows: Iterable[CommentRow], by_id: dict[int, CommentRow]) -> list[CommentNode]:
    """Arrange `rows`, sorted by path, as trees; `by_id` also has parents from earlier pages.

    Not recursive: the path of a comment says which one it is shown under.
    """
    roots: list[CommentNode] = []
    by_path: dict[str, CommentNode] = {}
    for row in rows:
        node = by_path[row.path] = CommentNode(row)
        above = by_path.get(row.path[:-STEP_LENGTH])
        (above.replies if above else roots).append(node)
        # Replies at the deepest level are shown beside their parent, and a page can begin with a reply.
        if row.parent_id is not None and (above is None or above.row.pk != row.parent_id):
            node.parent = by_id[row.parent_id]
    return roots


def comment_url(comment: Comment, user: Any) -> str:
    """Return the URL of `comment` for this user: the article, the page of the thread, and the anchor."""
    cursor = _cursor_of(comment, user)
    query = f"?comments={cursor}" if cursor else ""
    return f"{comment.article.get_absolute_url()}{query}#comment-{comment.pk}"


def _cursor_of(comment: Comment, user: Any) -> str:
    """Return the cursor of a page with `comment`: the first page, or one that begins with its conversation."""
    shown = Comment.objects.filter(article=comment.article_id).shown_to(user)
    paths = shown.order_by("path").values_list("path", flat=True)
    first = list(paths[: FIRST_PAGE_SIZE + 1])
    end = page_end(first, FIRST_PAGE_SIZE)
    if end == len(first) or comment.path <= first[end - 1]:
        return ""
    root = comment.path[:STEP_LENGTH]
    before = paths.filter(path__lt=root).last() or first[end - 1]
    # In a conversation longer than a page, count the pages of it.
    skipped = paths.filter(path__gt=before, path__lt=comment.path).count() // PAGE_SIZE * PAGE_SIZE
    return paths.filter(path__gt=before)[skipped - 1] if skipped else before


def _visible_rows(article_id: Any, user: Any, cursor: Any, size: int) -> QuerySet[Any, Any]:
    """The rows of a page, and one more that tells whether there is another."""
    shown = Comment.objects.filter(article=article_id).shown_to(user).in_order(cursor)
    return shown.values_list(*COLUMNS)[: size + 1]


def _compile_page(size: int) -> CompiledQuery:
    return CompiledQuery(
        lambda article, cursor: _visible_rows(article, AnonymousUser(), cursor, size), "article", "cursor"
    )


_anonymous_pages = {size: _compile_page(size) for size in (FIRST_PAGE_SIZE, PAGE_SIZE)}
