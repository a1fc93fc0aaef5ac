"""Workflow stages of an article and the transitions between them. Pure."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """Workflow stage. PUBLISHED means the workflow is closed until a new step reopens it."""

    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("In review")
    READY = "ready", _("Ready")
    PUBLISHED = "published", _("Published")


class WorkflowAction(models.TextChoices):
    """Actions recorded as workflow steps; the labels are in the past tense, for the history."""

    SENT = "sent", _("Sent to review")
    WITHDRAWN = "withdrawn", _("Withdrawn from review")
    RETURNED = "returned", _("Sent back")
    READY = "ready", _("Marked ready")
    ASSIGNED = "assigned", _("Assigned")
    PUBLISHED = "published", _("Published")
    UNSCHEDULED = "unscheduled", _("Unscheduled")


@dataclass(frozen=True, slots=True)
class Transition:
    """The stages an action is allowed in, the stage it leads to, and whether it requires the publish permission."""

    before: frozenset[Stage]
    after: Stage
    for_editors: bool
    needs_message: bool = False


ALL_STAGES = frozenset(Stage)
# Assigning, publishing and unscheduling have services of their own.
TRANSITIONS: dict[WorkflowAction, Transition] = {
    WorkflowAction.SENT: Transition(frozenset({Stage.DRAFT, Stage.PUBLISHED}), Stage.REVIEW, for_editors=False),
    WorkflowAction.WITHDRAWN: Transition(frozenset({Stage.REVIEW}), Stage.DRAFT, for_editors=False),
    WorkflowAction.RETURNED: Transition(
        frozenset({Stage.REVIEW, Stage.READY}), Stage.DRAFT, for_editors=True, needs_message=True
    ),
    WorkflowAction.READY: Transition(ALL_STAGES - {Stage.READY}, Stage.READY, for_editors=True),
}


def allowed_actions(stage: str, *, editor: bool) -> list[WorkflowAction]:
    """Return the actions available in `stage` to a writer of the article or, with `editor`, to a publisher."""
    return [
        action
        for action, transition in TRANSITIONS.items()
        if stage in transition.before and (editor or not transition.for_editors)
    ]
