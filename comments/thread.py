"""One page of a thread: a limited number of comments, arranged as a tree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from comments.models import STEP_LENGTH, Comment, Vote
from comments.models.comments import CommentQuerySet
from comments.presenters import ShownComment, ThreadArticle, Viewer, present
from comments.selection import FIRST_PAGE_SIZE, Cursor, Selection, cursor_of, select, select_all
from comments.signals import collect_supporters
from truthlytics.web.fragments import add_tags, fragment


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """`next_cursor` is that of the next page, None on the last; `author_ids` are the users who wrote the comments."""

    roots: list[ShownComment]
    next_cursor: Cursor | None = None
    author_ids: frozenset[int] = frozenset()
    ids: tuple[int, ...] = ()


def load_page(article: ThreadArticle, viewer: Viewer, cursor: Cursor, *, count: int) -> ThreadPage:
    """Return the page of comments after `cursor` as `viewer` sees it. `count` is the number of visible comments.

    Three queries for threads of any length, and a fourth one for the votes of a user. Another one if the page has
    replies to comments on an earlier page.
    """
    comments, selection = _load_short(article.pk, viewer, cursor) if count <= FIRST_PAGE_SIZE else ([], None)
    if selection is None:
        selection = select(article.pk, viewer.user, cursor)
        comments = _load(Comment.objects.filter(pk__in=[int(path[-STEP_LENGTH:]) for path in selection.paths]))
    by_id = {comment.pk: comment for comment in comments}
    missing = {comment.parent_id for comment in comments if comment.parent_id} - by_id.keys()
    if missing:
        by_id |= {comment.pk: comment for comment in _load(Comment.objects.filter(pk__in=missing))}
    authors = frozenset(comment.author_id for comment in by_id.values() if comment.author_id)
    ids = tuple(comment.pk for comment in comments)
    shown = present(comments, article, viewer, supporters=_supporters(authors), voted=Vote.objects.by(viewer.user, ids))
    trees = {root.comment.path: root for root in build_tree(shown, by_id)}
    for conversation in selection.conversations:
        trees[conversation.root].more = conversation.replies[-1] if conversation.has_more else ""
    roots = [trees[conversation.root] for conversation in selection.conversations]
    return ThreadPage(roots, selection.next_cursor, authors, ids)


def build_tree(shown: Iterable[ShownComment], by_id: Mapping[int, Comment]) -> list[ShownComment]:
    """Arrange comments, sorted by path, as trees; `by_id` also has parents from earlier pages.

    Not recursive: each comment is shown under the nearest one above it in its path that is on this page.
    """
    roots: list[ShownComment] = []
    by_path: dict[str, ShownComment] = {}
    for node in shown:
        path, parent_id = node.comment.path, node.comment.parent_id
        by_path[path] = node
        ends = range(len(path) - STEP_LENGTH, 0, -STEP_LENGTH)
        above = next((by_path[path[:end]] for end in ends if path[:end] in by_path), None)
        (above.replies if above else roots).append(node)
        # Replies at the deepest level are shown beside their parent.
        if parent_id is not None and (above is None or above.comment.pk != parent_id):
            node.parent = by_id[parent_id]
    return roots


def _load_short(article_id: int, viewer: Viewer, cursor: Cursor) -> tuple[list[Comment], Selection | None]:
    """Return the comments of a short thread, which are all on its first page, in one query; None if they are not."""
    if not cursor.is_first:
        return [], None
    shown = Comment.objects.filter(article=article_id).shown_to(viewer.user)
    comments = _load(shown.order_by("path")[: FIRST_PAGE_SIZE + 1])
    return comments, select_all(comments, cursor.sort)


def _load(rows: CommentQuerySet) -> list[Comment]:
    """Return these comments in reading order, in one query. The page depends on their authors."""
    comments = sorted(rows.with_authors().with_quote_level(), key=lambda comment: comment.path)
    authors = [comment.author for comment in comments if comment.author]
    profiles = [author.author for author in authors if hasattr(author, "author")]
    add_tags(*(f"user:{author.pk}" for author in authors), *(f"author:{profile.pk}" for profile in profiles))
    return comments


def _supporters(user_ids: frozenset[int]) -> frozenset[int]:
    """Return which of these users have the badge of supporters. Cached, because comments do not change it."""
    if not user_ids:
        return frozenset()
    tags = [f"user:{pk}" for pk in user_ids]
    return fragment("supporters", *sorted(user_ids), make=partial(_ask_for_supporters, user_ids), tags=tags)


def _ask_for_supporters(user_ids: frozenset[int]) -> frozenset[int]:
    answers: list[Any] = collect_supporters.send(sender=None, user_ids=user_ids)
    return frozenset(pk for _receiver, ids in answers for pk in ids)


def comment_url(comment: Comment, user: object) -> str:
    """Return the URL of `comment` for this user: the article, the page of the thread, and the anchor."""
    cursor = cursor_of(comment, user).value
    query = f"?comments={cursor}" if cursor else ""
    return f"{comment.article.get_absolute_url()}{query}#comment-{comment.pk}"
