"""Which comments are on a page of a thread: whole conversations in the chosen order, each with its first replies.

Reads only paths, so that long texts do not slow it down.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat
from django.http import Http404

from comments.models import MAX_PATH_LENGTH, STEP_LENGTH, Comment
from comments.models.comments import PATH
from truthlytics.web.types import AnyRows

# Comments on the article page, where few readers reach the last ones, and on further pages.
FIRST_PAGE_SIZE = 20
PAGE_SIZE = 50
# Replies shown of each conversation on a page with several. A page has at least one conversation.
REPLIES = 10

OLDEST, NEWEST, HELPFUL = "", "newest", "helpful"
SORTS = (OLDEST, NEWEST, HELPFUL)
# Sorts after every path.
LAST_PATH = "9" * (MAX_PATH_LENGTH + 1)
MAX_VOTES = 2**31 - 1
_CURSOR = re.compile(rf"(?:([0-9]{{1,9}})-)?({PATH.pattern})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after the conversation with this `path`, or if it is the path of a reply, after that reply.

    `votes` are those of the conversation when it was shown, if the thread is sorted by them.
    """

    sort: str = OLDEST
    path: str = ""
    votes: int = MAX_VOTES

    @property
    def is_first(self) -> bool:
        return not self.path

    @property
    def is_in_conversation(self) -> bool:
        return len(self.path) > STEP_LENGTH

    @property
    def root(self) -> str:
        return self.path[:STEP_LENGTH]

    @property
    def value(self) -> str:
        """The value of `?comments=`, "" for the first page."""
        return f"{self.votes}-{self.path}" if self.path and self.sort == HELPFUL else self.path


def parse_cursor(query: Mapping[str, str]) -> Cursor:
    """Return the page that `?comments=` and `?sort=` name. Raises Http404 for invalid ones."""
    value, sort = query.get("comments", ""), query.get("sort", OLDEST)
    match = _CURSOR.fullmatch(value)
    if sort not in SORTS or (value and not match):
        raise Http404("There is no such page of comments.")
    if not match:
        return Cursor(sort)
    votes, path = match.groups()
    if (votes is not None) != (sort == HELPFUL):
        raise Http404("There is no such page of comments.")
    return Cursor(sort, path, MAX_VOTES if votes is None else int(votes))


@dataclass(frozen=True, slots=True)
class Conversation:
    """The path of a comment that replies to none, those of its replies on this page, and whether it has more."""

    root: str
    replies: list[str]
    has_more: bool = False

    @property
    def paths(self) -> list[str]:
        return [self.root, *self.replies]


@dataclass(frozen=True, slots=True)
class Selection:
    """`next_cursor` is that of the next page, None on the last."""

    conversations: list[Conversation]
    next_cursor: Cursor | None = None

    @property
    def paths(self) -> set[str]:
        return {path for conversation in self.conversations for path in conversation.paths}


def select(article_id: int, user: object, cursor: Cursor) -> Selection:
    """Return the comments on the page after `cursor` that `user` sees in the thread. One query.

    Adds whole conversations up to the page size, and at least one.
    """
    if cursor.is_in_conversation:
        return _rest_of_conversation(article_id, user, cursor)
    size = FIRST_PAGE_SIZE if cursor.is_first else PAGE_SIZE
    found = list(_roots(article_id, user, cursor, size))
    conversations: list[Conversation] = []
    total = 0
    for root, _votes, joined in found:
        replies = sorted(joined.split(",")) if joined else []
        conversation = Conversation(root, replies[:REPLIES], has_more=len(replies) > REPLIES)
        total += len(conversation.paths)
        if conversations and total > size:
            break
        conversations.append(conversation)
    if len(conversations) == len(found):
        return Selection(conversations)
    last, votes, _joined = found[len(conversations) - 1]
    return Selection(conversations, Cursor(cursor.sort, last, votes))


def cursor_of(comment: Comment, user: Any) -> Cursor:
    """Return the cursor of the page with `comment` where conversations are in the order of their first comments."""
    if comment.path in select(comment.article_id, user, Cursor()).paths:
        return Cursor()
    paths = Comment.objects.filter(article=comment.article_id).shown_to(user).order_by("path")
    found = paths.values_list("path", flat=True)
    root = comment.path[:STEP_LENGTH]
    earlier = found.filter(path__gt=root, path__lt=comment.path)
    if (number := earlier.count()) >= REPLIES:
        skipped = REPLIES + (number - REPLIES) // PAGE_SIZE * PAGE_SIZE
        return Cursor(path=earlier[skipped - 1])
    return Cursor(path=found.filter(parent=None, path__lt=root).last() or "")


def select_all(comments: Collection[Comment], sort: str) -> Selection | None:
    """Return a page with all of these comments, which are in the order of their paths; None if they do not fit."""
    replies: dict[str, list[str]] = {}
    for comment in comments:
        if comment.path == comment.path[:STEP_LENGTH]:
            replies[comment.path] = []
        elif comment.path[:STEP_LENGTH] in replies:
            replies[comment.path[:STEP_LENGTH]].append(comment.path)
    if len(comments) > FIRST_PAGE_SIZE or any(len(paths) > REPLIES for paths in replies.values()):
        return None
    votes = {comment.path: comment.helpful_count for comment in comments}
    roots = sorted(replies, key=lambda path: (votes[path] if sort == HELPFUL else 0, path), reverse=sort != OLDEST)
    return Selection([Conversation(root, replies[root]) for root in roots])


def _rest_of_conversation(article_id: int, user: Any, cursor: Cursor) -> Selection:
    shown = Comment.objects.filter(article=article_id).shown_to(user)
    found = shown.filter(path__gt=cursor.path, path__lte=_end_of(cursor.root)).order_by("path")
    replies = list(found.values_list("path", flat=True)[: PAGE_SIZE + 1])
    rest = Conversation(cursor.root, replies[:PAGE_SIZE], has_more=len(replies) > PAGE_SIZE)
    return Selection([rest] if replies else [])


def _end_of(root: str) -> str:
    """Return a path after those of all replies in the conversation."""
    return root + LAST_PATH


def _roots(article_id: int, user: Any, cursor: Cursor, size: int) -> AnyRows:
    """The paths of conversations, their votes, and the paths of their first replies; one more than fit on a page."""
    shown = Comment.objects.filter(article=article_id).shown_to(user)
    within = Q(path__gt=OuterRef("path"), path__lte=Concat(OuterRef("path"), Value(LAST_PATH)))
    first_replies = shown.filter(within).order_by("path").values("path")[: REPLIES + 1]
    roots = shown.filter(parent=None)
    before = Q(path__lt=cursor.path or LAST_PATH)
    if cursor.sort == HELPFUL:
        # `helpful_count__lte` is redundant, but makes the databases use the index.
        after = Q(helpful_count__lt=cursor.votes) | Q(before, helpful_count=cursor.votes)
        roots = roots.filter(after, helpful_count__lte=cursor.votes).order_by("-helpful_count", "-path")
    elif cursor.sort == NEWEST:
        roots = roots.filter(before).order_by("-path")
    else:
        roots = roots.filter(path__gt=cursor.path).order_by("path")
    return roots.values_list("path", "helpful_count", JoinedPaths(first_replies))[: size + 1]


class JoinedPaths(Subquery):
    """The paths that a query finds for each row, joined by commas, in no particular order."""

    template = "(SELECT string_agg(path, ',') FROM (%(subquery)s) AS found)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: object) -> tuple[str, tuple[str | int, ...]]:
        # SQLite has `string_agg` from 3.44 on.
        template = self.template.replace("string_agg", "group_concat")
        return self.as_sql(compiler, connection, template=template, **context)
