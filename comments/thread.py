"""One page of a thread: a bounded slice of the comments in reading order, arranged as a tree."""

from collections.abc import Iterable
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
    "pk", "parent", "path", "html", "status", "created_at", "edited_at", "removed_reason",
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
    next_cursor = rows[size - 1].path if len(rows) > size else ""
    return ThreadPage(build_tree(rows[:size], by_id), next_cursor, authors)


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
    before = Comment.objects.filter(article=comment.article_id, path__lt=comment.path).shown_to(user)
    count = before.count()
    start = FIRST_PAGE_SIZE + (count - FIRST_PAGE_SIZE) // PAGE_SIZE * PAGE_SIZE if count >= FIRST_PAGE_SIZE else 0
    last = before.order_by("path").values_list("path", flat=True)[start - 1] if start else ""
    query = f"?comments={last}" if last else ""
    return f"{comment.article.get_absolute_url()}{query}#comment-{comment.pk}"


def _visible_rows(article_id: Any, user: Any, cursor: Any, size: int) -> QuerySet[Any, Any]:
    """The rows of a page, and one more that tells whether there is another."""
    shown = Comment.objects.filter(article=article_id).shown_to(user).in_order(cursor)
    return shown.values_list(*COLUMNS)[: size + 1]


def _compile_page(size: int) -> CompiledQuery:
    return CompiledQuery(
        lambda article, cursor: _visible_rows(article, AnonymousUser(), cursor, size), "article", "cursor"
    )


_anonymous_pages = {size: _compile_page(size) for size in (FIRST_PAGE_SIZE, PAGE_SIZE)}
