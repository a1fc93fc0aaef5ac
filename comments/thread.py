"""A page of a thread: a bounded slice of the comments in reading order, hung under one another again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404

from comments.models import LEVEL, Comment
from comments.models.comments import PATH

SIZE = 50


@dataclass(slots=True)
class Node:
    """A comment, what hangs under it on this page, and whether it must say whom it answers."""

    comment: Comment
    names_parent: bool = False
    replies: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """`after` is the cursor of the next page, "" on the last."""

    roots: list[Node]
    after: str


def cursor(value: str) -> str:
    """The path in `value`, "" for the first page. Raises Http404 for what no page led to."""
    if value and not PATH.fullmatch(value):
        raise Http404("This conversation has no such page.")
    return value


def page(article_id: int, user: Any, after: str = "") -> ThreadPage:
    """One page of what this reader sees under the article: one query, whatever the length of the thread."""
    rows = list(_shown(article_id, user).drawn().in_order(after)[: SIZE + 1])
    more = len(rows) > SIZE
    return ThreadPage(hang(rows[:SIZE]), rows[SIZE - 1].path if more else "")


def hang(comments: Iterable[Comment]) -> list[Node]:
    """`comments`, in the order of their paths, as trees. Nothing recurses: a path says where a comment hangs."""
    roots: list[Node] = []
    by_path: dict[str, Node] = {}
    for comment in comments:
        node = by_path[comment.path] = Node(comment)
        above = by_path.get(comment.path[:-LEVEL])
        (above.replies if above else roots).append(node)
        # Beside what it answers (as deep as threads go), or first on a page that its parent is not on.
        node.names_parent = comment.parent_id is not None and (above is None or above.comment.pk != comment.parent_id)
    return roots


def address(comment: Comment, user: Any) -> str:
    """Where `comment` stands for this reader: its article, the page of the thread, and the anchor."""
    before = _shown(comment.article_id, user).filter(path__lt=comment.path)
    start = before.count() // SIZE * SIZE
    last = before.order_by("path").values_list("path", flat=True)[start - 1] if start else ""
    query = f"?comments={last}" if last else ""
    return f"{comment.article.get_absolute_url()}{query}#comment-{comment.pk}"


def _shown(article_id: int, user: Any) -> Any:
    return Comment.objects.filter(article=article_id).shown_to(user)
