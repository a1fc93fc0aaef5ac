"""What readers write. A comment is never deleted: it waits, is visible, or is removed with a reason."""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from articles.models import Article

LEVEL = 10
DEEPEST = 4
# The longest path: a reply to a comment that has it stands beside that comment.
FLAT = LEVEL * DEEPEST
PATH = re.compile(rf"(?:[0-9]{{{LEVEL}}}){{1,{DEEPEST}}}")
EDIT_FOR = timedelta(minutes=5)

# All that a thread draws; the text as it was typed stays in the database.
DRAWN = (
    "article", "author", "parent", "path", "html", "status", "created_at", "edited_at", "approved_at",
    "removed_reason",
    "author__display_name", "author__is_staff", "author__member_since", "author__author__slug",
)  # fmt: skip


class CommentQuerySet(models.QuerySet["Comment"]):
    def on_published(self, now: datetime | None = None) -> Self:
        """Comments of articles that the public may know of."""
        return self.filter(article__in=Article.objects.published(now).order_by().values("pk"))

    def visible(self) -> Self:
        return self.filter(status=Comment.Status.VISIBLE)

    def waiting(self) -> Self:
        return self.filter(status=Comment.Status.WAITING)

    def shown_to(self, user: Any) -> Self:
        """What has a place in the thread for this reader.

        What was visible once keeps its place, so that replies never lose what they answer. What still waits for
        its first approval is seen by its writer and by those who approve.
        """
        placed = Q(status=Comment.Status.VISIBLE) | Q(approved_at__isnull=False)
        if not user.pk:
            return self.filter(placed)
        waiting = Q(status=Comment.Status.WAITING)
        return self.filter(placed | (waiting if moderates(user) else waiting & Q(author=user)))

    def drawn(self) -> Self:
        """With everything that a thread draws of a comment and of who wrote it, in the one query."""
        return self.select_related("author__author").only(*DRAWN)

    def in_order(self, after: str = "") -> Self:
        """Threads in reading order, going on behind the path `after`."""
        return self.filter(path__gt=after).order_by("path")

    def editable_by(self, user: Any) -> Self:
        """One's own comments that nobody removed. For how long is `Comment.may_change`."""
        return self.filter(author=user).exclude(status=Comment.Status.REMOVED)


class Comment(models.Model):
    class Status(models.TextChoices):
        VISIBLE = "visible", "Visible"
        WAITING = "waiting", "Pending review"
        REMOVED = "removed", "Removed"

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="comments")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replies")
    # Fixed-width ids of the ancestors and itself: digits only, so that every collation sorts it alike.
    path = models.CharField(max_length=FLAT, editable=False)
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    text = models.TextField()
    # Made from `text` when it is written; comments.text.render escapes everything that is not ours.
    html = models.TextField(editable=False)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    created_at = models.DateTimeField("written", default=timezone.now)
    edited_at = models.DateTimeField("edited", null=True, blank=True)
    # When it became visible, or a moderator last let it stay: from then on it has a place in the thread.
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    removed_reason = models.CharField(max_length=300, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        permissions = [("moderate_comment", "Can approve and remove comments")]
        indexes = [
            models.Index(fields=["article", "path"], name="comment_in_thread"),
            models.Index(fields=["status", "-created_at"], name="comment_by_status"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "author", "key"],
                name="comment_once_per_form",
                violation_error_message="This comment has been posted already.",
            ),
            models.CheckConstraint(
                condition=~Q(status="removed") | (Q(removed_at__isnull=False) & ~Q(removed_reason="")),
                name="removed_comment_says_why",
                violation_error_message="A removal needs a reason.",
            ),
            models.CheckConstraint(
                condition=~Q(status="visible") | Q(approved_at__isnull=False),
                name="visible_comment_has_its_time",
                violation_error_message="A visible comment needs the time from which it was.",
            ),
        ]

    def __str__(self) -> str:
        return f"Comment {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("comments:comment", args=[self.pk])

    @property
    def is_visible(self) -> bool:
        return self.status == self.Status.VISIBLE

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    @property
    def is_removed(self) -> bool:
        return self.status == self.Status.REMOVED

    def place_under(self, parent: "Comment | None") -> None:
        """Set the path: under `parent`, or beside it where it is as deep as threads go. Needs a primary key."""
        above = "" if parent is None else parent.path[: FLAT - LEVEL]
        self.path = f"{above}{self.pk:0{LEVEL}d}"

    @property
    def is_changeable(self) -> bool:
        return self.may_change()

    def may_change(self, now: datetime | None = None) -> bool:
        """Whether its writer may still edit it."""
        return not self.is_removed and (now or timezone.now()) < self.created_at + EDIT_FOR


class Revision(models.Model):
    """What a comment said before it was edited: for those who moderate."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="revisions")
    text = models.TextField()
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-replaced_at", "-pk"]

    def __str__(self) -> str:
        return f"Comment {self.comment_id} until {self.replaced_at}"


def moderates(user: Any) -> bool:
    """Whether this person may see and decide what waits. Without a query for readers."""
    return bool(user.is_authenticated and user.is_staff and user.has_perm("comments.moderate_comment"))
