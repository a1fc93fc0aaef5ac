"""A page of a thread: a bounded slice of the comments in reading order, hung under one another again."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import MONTHS

from comments.models import LEVEL, Comment
from comments.models.comments import PATH, moderates
from truthlytics.web.compiled_queries import CompiledObjectQuery

# So many on the article's own page, which most readers leave before the last of them; more on those that follow.
FIRST = 20
SIZE = 50


@dataclass(slots=True)
class Node:
    """A comment as this reader sees it, with its words made once: a template would ask for each piece many times.

    `state` is "", "waiting" or "removed"; `withheld` says that its text is not shown; `author` is None for a removed
    comment and for a writer who left; `badge` is "author", "staff" or ""; `since` their first year.
    """

    comment: Comment
    state: str
    withheld: bool
    author: Any
    badge: str
    since: str
    url: str
    stamp: str
    written: str
    names_parent: bool = False
    replies: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """`after` is the cursor of the next page, "" on the last; `writers` are the ids of who wrote what it shows."""

    roots: list[Node]
    after: str
    writers: frozenset[int]


def cursor(value: str) -> str:
    """The path in `value`, "" for the first page. Raises Http404 for what no page led to."""
    if value and not PATH.fullmatch(value):
        raise Http404("This conversation has no such page.")
    return value


def page(article_id: int, user: Any, after: str = "", bylines: Collection[str] = ()) -> ThreadPage:
    """One page of what this reader sees under the article: one query, whatever the length of the thread.

    On a page that begins with answers it is two: what they answer stands on the one before.

    `bylines` are the slugs of the article's authors.
    """
    size = SIZE if after else FIRST
    if user.pk:
        rows = list(_shown(article_id, user).drawn().in_order(after)[: size + 1])
    else:
        rows = _for_all[size](article_id, after)
    _bring_parents(rows)
    more = len(rows) > size
    writers = frozenset(row.author_id for row in rows if row.author_id)
    return ThreadPage(hang(rows[:size], user, bylines), rows[size - 1].path if more else "", writers)


def _bring_parents(rows: list[Comment]) -> None:
    """Let each know what it answers. Most of that is among them: an answer comes after it."""
    known = {row.pk: row for row in rows}
    missing = {row.parent_id for row in rows if row.parent_id} - known.keys()
    if missing:
        known |= Comment.objects.drawn().in_bulk(missing)
    for row in rows:
        if row.parent_id:
            row.parent = known[row.parent_id]


def _prepared(size: int) -> CompiledObjectQuery[Comment]:
    """A page of so many as it is seen by whoever has written nothing there, and one more."""
    nobody = AnonymousUser()
    return CompiledObjectQuery(
        lambda article, after: _shown(article, nobody).drawn().in_order(after)[: size + 1], "article", "after"
    )


_for_all = {size: _prepared(size) for size in (FIRST, SIZE)}


def hang(comments: Iterable[Comment], user: Any, bylines: Collection[str] = ()) -> list[Node]:
    """`comments`, in the order of their paths, as trees. Nothing recurses: a path says where a comment hangs."""
    roots: list[Node] = []
    by_path: dict[str, Node] = {}
    sees_waiting = moderates(user)
    place = address_with("comments:comment")
    for comment in comments:
        own = user.is_authenticated and comment.author_id == user.pk
        withheld = comment.is_removed or (comment.is_waiting and not own and not sees_waiting)
        node = by_path[comment.path] = _node(comment, place % comment.pk, withheld, bylines)
        above = by_path.get(comment.path[:-LEVEL])
        (above.replies if above else roots).append(node)
        # Beside what it answers (as deep as threads go), or first on a page that its parent is not on.
        node.names_parent = comment.parent_id is not None and (above is None or above.comment.pk != comment.parent_id)
    return roots


def _node(comment: Comment, url: str, withheld: bool, bylines: Collection[str]) -> Node:
    author = None if comment.is_removed else comment.author
    person = getattr(author, "author", None)
    badge = "author" if person and person.slug in bylines else "staff" if author and author.is_staff else ""
    at = timezone.localtime(comment.created_at)
    return Node(
        comment=comment,
        state="" if comment.is_visible else comment.status,
        withheld=withheld,
        author=author,
        badge=badge,
        since=f"{timezone.localtime(author.member_since):%Y}" if author else "",
        url=url,
        stamp=f"{at:%Y-%m-%d %H:%M%z}",
        written=said(at),
    )


def written(moment: Any) -> str:
    """Day and time as readers see them: what the filter `date` says, at a tenth of its price."""
    return said(timezone.localtime(moment))


def said(at: datetime) -> str:
    """The same of what is in the reader's zone already."""
    return f"{at.day} {MONTHS[at.month]} {at:%Y, %H:%M}"


def address_with(name: str) -> str:
    """The address `name` of any comment, `%d` for its number: to look each up would cost as much as to draw it."""
    before, _, behind = reverse(name, args=[0]).rpartition("0")
    return f"{before}%d{behind}"


def address(comment: Comment, user: Any) -> str:
    """Where `comment` stands for this reader: its article, the page of the thread, and the anchor."""
    before = _shown(comment.article_id, user).filter(path__lt=comment.path)
    count = before.count()
    start = FIRST + (count - FIRST) // SIZE * SIZE if count >= FIRST else 0
    last = before.order_by("path").values_list("path", flat=True)[start - 1] if start else ""
    query = f"?comments={last}" if last else ""
    return f"{comment.article.get_absolute_url()}{query}#comment-{comment.pk}"


def _shown(article_id: Any, user: Any) -> Any:
    return Comment.objects.filter(article=article_id).shown_to(user)
