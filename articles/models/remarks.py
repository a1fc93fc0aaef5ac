"""What is said about a text while it is made: remarks on a passage, their replies, who is called by name."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone

from articles.richtext.anchors import CONTEXT_LENGTH, MAX_QUOTE_LENGTH, Anchor

LONGEST_NAME = 80
LONGEST_TEXT = 4000


class RemarkQuerySet(models.QuerySet["Remark"]):
    def top_level(self) -> Self:
        """The remarks themselves, without the replies to them."""
        return self.filter(parent=None)

    def unresolved(self) -> Self:
        return self.top_level().filter(resolved_at=None)

    def unanswered_from_outside(self) -> Self:
        """What readers of a shared draft said, and nobody has resolved, newest first."""
        return self.unresolved().filter(link__isnull=False).order_by("-created_at", "-pk")

    def threads(self) -> Self:
        """The openings with their replies: two queries, however many there are."""
        replies = Remark.objects.select_related("author").order_by("created_at", "pk")
        found = self.top_level().select_related("author", "link", "resolved_by")
        return found.prefetch_related(Prefetch("replies", queryset=replies))


class Remark(models.Model):
    """A remark on words of an article's draft, or (with `opening`) a reply to one.

    The words are named from outside: `quote`, what stood before and after, and where it began, in characters of the
    plain text. Nothing of it is in the text. With `link` it came from outside, by that link. Names outlive accounts.
    """

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="remarks")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    # Named by the form that sends it, so that a double click leaves one.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text = models.TextField(max_length=LONGEST_TEXT)
    quote = models.TextField(blank=True, max_length=MAX_QUOTE_LENGTH)
    prefix = models.CharField(max_length=CONTEXT_LENGTH, blank=True)
    suffix = models.CharField(max_length=CONTEXT_LENGTH, blank=True)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=LONGEST_NAME)
    link = models.ForeignKey("articles.ShareLink", models.CASCADE, null=True, blank=True, related_name="remarks")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")

    objects = RemarkQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent=None) | Q(quote="", resolved_at=None), name="reply_stands_under_its_remark",
                violation_error_message="A reply has no place of its own and is not resolved by itself.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"remark of {self.author_name} on article {self.article_id}"

    @property
    def anchor(self) -> Anchor:
        return Anchor(self.quote, self.prefix, self.suffix, self.position)

    @property
    def from_outside(self) -> bool:
        return self.link_id is not None

    def is_last_word(self) -> bool:
        """Nobody has answered it, or said anything after it in its thread, and the thread is open."""
        opening = self.parent or self
        later = opening.replies.filter(
            Q(created_at__gt=self.created_at) | Q(created_at=self.created_at, pk__gt=self.pk)
        )
        return opening.resolved_at is None and not later.exists()

    def audit_snapshot(self) -> dict[str, Any]:
        """All of its words: they stand nowhere else once they are changed."""
        return {"text": self.text}

    def resolve(self, *, by: Any) -> None:
        """It is dealt with. Doing it twice changes nothing."""
        Remark.objects.unresolved().filter(pk=self.pk).update(resolved_at=timezone.now(), resolved_by=by)
        self.refresh_from_db(fields=["resolved_at", "resolved_by"])

    def reopen(self) -> None:
        Remark.objects.filter(pk=self.pk).update(resolved_at=None, resolved_by=None)
        self.resolved_at = self.resolved_by = None
