"""The work on an article: a row for each step, with who, when and what they said; never a bare flag."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from articles.models.versions import AppendOnlyError
from articles.workflow.stages import Stage, WorkflowAction

if TYPE_CHECKING:
    from articles.models.articles import (
        Article,  # noqa: F401 - named as a string below
    )

OPEN = Q(stage__in=[Stage.REVIEW, Stage.READY]) | Q(assignee__isnull=False) | Q(due_on__isnull=False)
MESSAGE_LENGTH = 1000


class WorkflowQuerySet(models.QuerySet["Article"]):
    """What the newsroom asks about the work on articles. Beside `visible_to`: none of these looks at who asks."""

    def in_review(self) -> Self:
        """Sent to an editor, who has not answered yet."""
        return self.filter(stage=Stage.REVIEW)

    def ready(self) -> Self:
        """Read and found good: it waits to be published."""
        return self.filter(stage=Stage.READY)

    def in_progress(self) -> Self:
        """In review, ready, in somebody's hands or due on a day."""
        return self.filter(OPEN)

    def assigned_to(self, user: Any) -> Self:
        """What is in this person's hands."""
        return self.filter(assignee=user.pk)

    def to_be_finished_by(self, user: Any) -> Self:
        """In this person's hands; or their own draft, begun or signed by them, that is in nobody else's."""
        drafts = self.filter(stage=Stage.DRAFT, live=None, upcoming=None)
        own = drafts.filter(Q(created_by=user.pk) | Q(bylines__author__user=user.pk))
        in_hands = self.assigned_to(user).exclude(stage=Stage.PUBLISHED)
        pks = in_hands.order_by().values("pk").union(own.filter(assignee=None).order_by().values("pk"))
        return self.filter(pk__in=pks)

    def assignees(self) -> models.QuerySet[Any, Any]:
        """The ids of those who have work in their hands."""
        return self.filter(assignee__isnull=False).order_by().values("assignee").distinct()

    def overdue(self, now: datetime | None = None) -> Self:
        """Due on a day before today, by the newsroom's clocks."""
        return self.filter(due_on__lt=timezone.localdate(now))

    def due_by(self, last: Any) -> Self:
        """Due on the day `last` at the latest."""
        return self.filter(due_on__lte=last)

    def most_urgent_first(self) -> Self:
        """What is due first comes first, what has no day last."""
        return self.order_by(F("due_on").asc(nulls_last=True), "-updated_at", "-pk")


class WorkflowStep(models.Model):
    """One step of the work, never changed. `revision_number` is the revision the user had in front of them."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    action = models.CharField(max_length=20, choices=WorkflowAction)
    before = models.CharField(max_length=10, choices=Stage)
    after = models.CharField(max_length=10, choices=Stage)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    revision_number = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=MESSAGE_LENGTH, blank=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["article", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"],
                name="step_once_per_article",
                violation_error_message="Somebody took this step in the meantime.",
            ),
            models.CheckConstraint(
                condition=Q(before__in=Stage.values, after__in=Stage.values, action__in=WorkflowAction.values),
                name="step_leads_somewhere",
            ),
            models.CheckConstraint(
                condition=~Q(action=WorkflowAction.RETURNED) | ~Q(message=""),
                name="sent_back_with_words",
                violation_error_message="Say what is missing.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} (step {self.number} of article {self.article_id})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError("A step that was taken is not changed: take another.")
        super().save(*args, **kwargs)
