"""The editorial workflow of an article: one row per step, with user, time and message."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Expression, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.workflow.stages import Stage, WorkflowAction
from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet
from truthlytics.web.types import AnyRows
from truthlytics.web.users import User

if TYPE_CHECKING:
    from articles.models.articles import (
        Article,  # noqa: F401 - named as a string below
    )

MESSAGE_LENGTH = 1000


class WorkflowQuerySet(models.QuerySet["Article"]):
    """Workflow queries. None of them checks permissions; combine them with `visible_to`."""

    def in_review(self) -> Self:
        """Return the articles that wait for an editor."""
        return self.filter(stage=Stage.REVIEW)

    def ready(self) -> Self:
        """Return the articles that are approved and wait to be published."""
        return self.filter(stage=Stage.READY)

    def assigned_to(self, user: User) -> Self:
        return self.filter(assignee=user.pk)

    def unfinished(self) -> Self:
        """Return the articles that the index `article_unfinished` has. Their conditions alone find no index on SQLite.

        An imported archive has neither assignees nor creators, which its statistics mistake for many rows of each.
        """
        return self.exclude(stage=Stage.PUBLISHED)

    def to_be_finished_by(self, user: User) -> Self:
        """Return what is assigned to `user`, and their own unassigned drafts (created by them or with their byline).

        Articles that an editor sent back come first, published ones included.
        """
        unfinished = self.unfinished()
        own = unfinished.filter(
            Q(created_by=user.pk) | Q(bylines__author__user=user.pk), stage=Stage.DRAFT, assignee=None
        )
        drafts = own.filter(live=None, upcoming=None)
        sent_back = own.with_last_step().filter(last_action=WorkflowAction.RETURNED)
        assigned = unfinished.assigned_to(user)
        pks = (rows.order_by().values("pk") for rows in (assigned, drafts, sent_back))
        return self.filter(pk__in=next(pks).union(*pks)).with_last_step()

    def with_last_step(self) -> Self:
        """Annotate `last_action`, `remark`, `last_actor` (a name) and `last_step_at`, leaving out assignments."""
        steps = WorkflowStep.objects.filter(article=OuterRef("pk")).exclude(action=WorkflowAction.ASSIGNED)
        last = steps.order_by("-number")
        return self.annotate(
            last_action=Subquery(last.values("action")[:1]),
            remark=Subquery(last.values("message")[:1]),
            last_actor=Subquery(last.values("created_by__display_name")[:1]),
            last_step_at=Subquery(last.values("created_at")[:1]),
        )

    def assignees(self) -> AnyRows:
        """Return the ids of the users that articles are assigned to."""
        return self.filter(assignee__isnull=False).order_by().values("assignee").distinct()

    def overdue(self, now: datetime | None = None) -> Self:
        """Return the articles due before today, in the newsroom's time zone."""
        return self.filter(due_on__lt=timezone.localdate(now))

    def most_urgent_first(self, *before: Expression) -> Self:
        """Order by the expressions in `before`, then by due date, articles without one last."""
        return self.order_by(*before, F("due_on").asc(nulls_last=True), "-updated_at", "-pk")


class WorkflowStep(AppendOnly):
    """A step in the workflow. Never changed. `revision_number` is the revision the user had in front of them."""

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

    objects = AppendOnlyQuerySet["WorkflowStep"].as_manager()

    class Meta:
        ordering = ["article", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"],
                name="workflow_step_number_unique",
                violation_error_message=_("Another user took this step in the meantime."),
            ),
            models.CheckConstraint(
                condition=Q(before__in=Stage.values, after__in=Stage.values, action__in=WorkflowAction.values),
                name="workflow_step_valid",
            ),
            models.CheckConstraint(
                condition=~Q(action=WorkflowAction.RETURNED) | ~Q(message=""),
                name="workflow_step_return_has_message",
                violation_error_message=_("Say what needs to change."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} (step {self.number} of article {self.article_id})"
