"""Comments and their earlier texts. Comments are never deleted: they are waiting, visible, or removed with a reason."""

import re
import uuid
from datetime import datetime, timedelta
from functools import cache
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from articles.richtext.anchors import CONTEXT_LENGTH, MAX_QUOTE_LENGTH, Anchor
from truthlytics.web.users import User

# A path is the zero-padded ids of a comment's ancestors and itself: so many digits each, and at most so many ids.
STEP_LENGTH = 10
MAX_DEPTH = 4
# A reply to a comment with a path of this length is shown beside that comment.
MAX_PATH_LENGTH = STEP_LENGTH * MAX_DEPTH
PATH = re.compile(rf"(?:[0-9]{{{STEP_LENGTH}}}){{1,{MAX_DEPTH}}}")
EDIT_WINDOW = timedelta(minutes=5)


class CommentQuerySet(models.QuerySet["Comment"]):
    def on_published(self, now: datetime | None = None) -> Self:
        """Comments on published articles, without those where the editors turned comments off."""
        published = Article.objects.published(now).exclude(thread__is_off=True)
        return self.filter(article__in=published.order_by().values("pk"))

    def lock(self) -> Self:
        """Lock the comments. Replies, votes and reports, which refer to them, can still be added."""
        return self.select_for_update(of=("self",), no_key=True)

    def visible(self) -> Self:
        return self.filter(status=Comment.Status.VISIBLE)

    def waiting(self) -> Self:
        return self.filter(status=Comment.Status.WAITING)

    def shown_to(self, user: User) -> Self:
        """The comments that have a place in the thread as this user sees it.

        A comment that was once visible keeps its place after it is removed or edited, so that replies to it still make
        sense. Comments waiting for their first approval are shown to their author and to moderators.
        """
        placed = Q(status=Comment.Status.VISIBLE) | Q(approved_at__isnull=False)
        if not user.pk:
            return self.filter(placed)
        waiting = Q(status=Comment.Status.WAITING)
        return self.filter(placed | (waiting if can_moderate(user) else waiting & Q(author=user)))

    def with_authors(self) -> Self:
        """Fetch the authors and their public profiles in the same query."""
        return self.select_related("author__author")

    def with_quote_level(self) -> Self:
        """Fetch `quote_level`, the level of the version that the comment quotes, in the same query."""
        return self.annotate(quote_level=F("quote_version__required_level"))

    def editable_by(self, user: User) -> Self:
        """The user's own comments that were not removed. `Comment.is_editable` checks the time limit."""
        return self.filter(author=user).exclude(status=Comment.Status.REMOVED)


class Comment(models.Model):
    class Status(models.TextChoices):
        VISIBLE = "visible", _("Visible")
        WAITING = "waiting", _("Pending review")
        REMOVED = "removed", _("Removed")

    class Hold(models.TextChoices):
        """Why a comment waits for a moderator."""

        FIRST = "first", _("First comment by this reader")
        LINK = "link", _("Contains a link")
        WORD = "word", _("Contains a blocked word")
        EDITED = "edited", _("Edited")
        IMPORTED = "imported", _("Not approved on the old site")

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="comments")
    # The writer's name on the site that the comment was imported from. They have no account here.
    imported_name = models.CharField(max_length=80, blank=True, default="", db_default="", editable=False)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replies")
    # Digits only, so that every collation sorts it in the same order.
    path = models.CharField(max_length=MAX_PATH_LENGTH, editable=False)
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    text = models.TextField()
    # Rendered from `text` by comments.text.render, which escapes everything that is not comment markup.
    html = models.TextField(editable=False)
    # A quoted passage of the article, in the version that the writer had read.
    quote = models.TextField(blank=True, max_length=MAX_QUOTE_LENGTH)
    quote_prefix = models.CharField(max_length=CONTEXT_LENGTH, blank=True)
    quote_suffix = models.CharField(max_length=CONTEXT_LENGTH, blank=True)
    quote_position = models.PositiveIntegerField(default=0)
    quote_version = models.ForeignKey("articles.Version", models.PROTECT, null=True, blank=True, related_name="+")
    # The number of that version as readers see it, and since when the passage has been edited.
    quote_number = models.PositiveIntegerField(default=0, editable=False)
    quote_edited_from = models.DateTimeField(null=True, blank=True, editable=False)
    # Whether the passage is in the gated part of the article.
    quote_is_gated = models.BooleanField(default=False, editable=False)
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    hold = models.CharField(_("reason to wait"), max_length=8, choices=Hold, blank=True)
    # Set when a moderator asks the writer to edit it, and cleared by the edit, which returns it to the queue.
    edit_requested_at = models.DateTimeField(null=True, blank=True)
    edit_request = models.CharField(max_length=300, blank=True)
    # The number of votes, updated by `manage.py tick` so that a vote does not invalidate pages.
    helpful_count = models.PositiveIntegerField(_("helpful"), default=0, editable=False)
    # Editors' pick: shown first, and beside the text if `picked_beside`.
    picked_at = models.DateTimeField(null=True, blank=True)
    picked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    picked_beside = models.BooleanField(_("beside the text"), default=False)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    # When it became visible, or was last approved by a moderator. From then on it has a place in the thread.
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    removed_reason = models.CharField(max_length=300, blank=True)

    objects = CommentQuerySet.as_manager()
    # Set by `with_quote_level`.
    quote_level: int | None

    class Meta:
        permissions = [("moderate_comment", _("Can approve and remove comments"))]
        indexes = [
            models.Index(fields=["article", "path"], name="comment_in_thread"),
            models.Index(fields=["status", "-created_at"], name="comment_by_status"),
            models.Index(fields=["-created_at", "-id"], name="comment_by_date"),
            models.Index(fields=["status", "edit_requested_at", "id", "hold"], name="comment_in_queue"),
            # First comments of conversations only, so that long conversations do not slow down the query.
            models.Index(fields=["article", "path"], name="comment_conversation", condition=Q(parent=None)),
            models.Index(
                fields=["article", "-helpful_count", "-path"], name="comment_by_helpfulness", condition=Q(parent=None)
            ),
            models.Index(fields=["article"], name="comment_picked", condition=Q(picked_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "author", "key"],
                name="comment_once_per_form",
                violation_error_message=_("This comment has already been posted."),
            ),
            models.CheckConstraint(
                condition=~Q(status="removed") | (Q(removed_at__isnull=False) & ~Q(removed_reason="")),
                name="removed_comment_has_reason",
                violation_error_message=_("Give a reason for the removal."),
            ),
            models.CheckConstraint(
                condition=~Q(status="visible") | Q(approved_at__isnull=False),
                name="visible_comment_has_approval_time",
                violation_error_message=_("A visible comment needs an approval time."),
            ),
        ]

    def __str__(self) -> str:
        return gettext("Comment %(number)s") % {"number": self.pk}

    def get_absolute_url(self) -> str:
        return _url_template(get_script_prefix()) % self.pk

    @property
    def is_visible(self) -> bool:
        return self.status == self.Status.VISIBLE

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING

    @property
    def is_removed(self) -> bool:
        return self.status == self.Status.REMOVED

    @property
    def writer_name(self) -> str:
        """The name to show: of the account, or of the writer on the old site; "" for a former reader."""
        return str(self.author.display_name) if self.author else self.imported_name

    @property
    def is_imported(self) -> bool:
        """Whether it came from another site and no reader has claimed it."""
        return self.author_id is None and bool(self.imported_name)

    @property
    def is_deleted_by_author(self) -> bool:
        # Both are None after the author has deleted the account.
        return self.is_removed and self.removed_by_id == self.author_id and not self.is_imported

    @property
    def edited_token(self) -> str:
        """What identifies the present text, for forms that decide about the text that a moderator saw."""
        return self.edited_at.isoformat() if self.edited_at else ""

    @property
    def anchor(self) -> Anchor:
        """The quoted passage and its position."""
        return Anchor(self.quote, self.quote_prefix, self.quote_suffix, self.quote_position)

    def clear_pick(self) -> None:
        """Stop being an editors' pick. Does not save."""
        self.picked_at, self.picked_by, self.picked_beside = None, None, False

    def clear_quote(self) -> None:
        """Remove the quoted passage. Does not save."""
        self.quote = self.quote_prefix = self.quote_suffix = ""
        self.quote_position = self.quote_number = 0
        self.quote_version = self.quote_edited_from = None
        self.quote_is_gated = False

    def set_path(self, parent: "Comment | None") -> None:
        """Place the comment under `parent`, or beside it at the maximum depth. Needs a primary key."""
        above = "" if parent is None else parent.path[: MAX_PATH_LENGTH - STEP_LENGTH]
        self.path = f"{above}{self.pk:0{STEP_LENGTH}d}"

    def is_editable(self, now: datetime | None = None) -> bool:
        """Return whether the author may still edit it: for five minutes, or because a moderator asked for it."""
        if self.is_removed:
            return False
        return self.edit_requested_at is not None or (now or timezone.now()) < self.created_at + EDIT_WINDOW


@cache
def _url_template(prefix: str) -> str:
    """Return a comment's URL with `%d` for its id. Reversing each would double the cost of preparing a thread."""
    before, _, after = reverse("comments:comment", args=[0]).rpartition("0")
    return f"{before}%d{after}"


class Revision(models.Model):
    """The text of a comment before an edit, for moderators."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="revisions")
    text = models.TextField()
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-replaced_at", "-pk"]

    def __str__(self) -> str:
        return f"Comment {self.comment_id} until {self.replaced_at}"


def is_own(writer_id: int | None, moderator: User | None) -> bool:
    """Return whether `moderator` wrote what they would decide about. Then another moderator has to decide."""
    return writer_id is not None and moderator is not None and writer_id == moderator.pk


def can_moderate(user: User) -> bool:
    """Return whether the user may approve and remove comments. No query unless they are staff."""
    return bool(user.is_authenticated and user.is_staff and user.has_perm("comments.moderate_comment"))
