"""Remarks on a passage of a draft, their replies, and mentions of users."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.richtext.anchors import CONTEXT_LENGTH, MAX_QUOTE_LENGTH, Anchor
from truthlytics.web.users import User

MAX_NAME_LENGTH = 80
MAX_TEXT_LENGTH = 4000


class RemarkQuerySet(models.QuerySet["Remark"]):
    def top_level(self) -> Self:
        """Return the remarks without replies."""
        return self.filter(parent=None)

    def unresolved(self) -> Self:
        return self.top_level().filter(resolved_at=None)

    def unanswered_from_outside(self) -> Self:
        """Return the unresolved remarks of readers of a shared draft, newest first."""
        return self.unresolved().filter(link__isnull=False).order_by("-created_at", "-pk")

    def threads(self) -> Self:
        """Return the remarks with their replies, in two queries."""
        replies = Remark.objects.select_related("author").order_by("created_at", "pk")
        remarks = self.top_level().select_related("author", "link", "resolved_by")
        return remarks.prefetch_related(Prefetch("replies", queryset=replies))


class Remark(models.Model):
    """A remark on a passage of a draft, or (with `parent`) a reply to one.

    The passage is stored apart from the text: the `quote`, the text before and after it, and its position in the plain
    text. With `link`, it was written by a reader of that share link. The author's name is kept when the account is
    deleted.
    """

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="remarks")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    # Set by the form, so that a double click creates only one.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text = models.TextField(max_length=MAX_TEXT_LENGTH)
    quote = models.TextField(blank=True, max_length=MAX_QUOTE_LENGTH)
    prefix = models.CharField(max_length=CONTEXT_LENGTH, blank=True)
    suffix = models.CharField(max_length=CONTEXT_LENGTH, blank=True)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=MAX_NAME_LENGTH)
    link = models.ForeignKey("articles.ShareLink", models.CASCADE, null=True, blank=True, related_name="remarks")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")

    objects = RemarkQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent=None) | Q(quote="", resolved_at=None),
                name="remark_reply_has_no_quote",
                violation_error_message=_("A reply cannot have its own quote or be resolved on its own."),
            )
        ]

    def __str__(self) -> str:
        return gettext("Remark by %(name)s on article %(number)s") % {
            "name": self.author_name,
            "number": self.article_id,
        }

    @property
    def anchor(self) -> Anchor:
        return Anchor(self.quote, self.prefix, self.suffix, self.position)

    @property
    def from_outside(self) -> bool:
        return self.link_id is not None

    def is_last_in_thread(self) -> bool:
        """Return whether it is the last in its thread, and the thread is not resolved."""
        first = self.parent or self
        later = first.replies.filter(Q(created_at__gt=self.created_at) | Q(created_at=self.created_at, pk__gt=self.pk))
        return first.resolved_at is None and not later.exists()

    def audit_snapshot(self) -> dict[str, object]:
        """Return the whole text: once it is edited, only the audit log has it."""
        return {"text": self.text}

    def resolve(self, *, by: User | None) -> None:
        """Mark the thread as resolved. Safe to repeat."""
        Remark.objects.unresolved().filter(pk=self.pk).update(resolved_at=timezone.now(), resolved_by=by)
        self.refresh_from_db(fields=["resolved_at", "resolved_by"])

    def reopen(self) -> None:
        Remark.objects.filter(pk=self.pk).update(resolved_at=None, resolved_by=None)
        self.resolved_at = self.resolved_by = None
