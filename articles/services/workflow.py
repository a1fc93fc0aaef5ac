"""The editorial workflow of articles. Each step is a row; emails are sent after commit."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, WorkflowStep
from articles.models.workflow import MESSAGE_LENGTH
from articles.workflow import notifications
from articles.workflow.stages import TRANSITIONS, Stage, WorkflowAction, allowed_actions
from truthlytics.web.text import strip_control_characters
from truthlytics.web.users import User


class WorkflowConflict(Exception):
    """Another user took a step first. `step` is now the last one, or None."""

    def __init__(self, step: WorkflowStep | None) -> None:
        super().__init__(_("Another user changed the status in the meantime."))
        self.step = step


class MessageRequiredError(Exception):
    """Sending an article back requires a message."""


def may_publish(user: User) -> bool:
    return bool(user.has_perm("articles.publish_article"))


def last_step(article: Article) -> WorkflowStep | None:
    return article.steps.select_related("created_by", "assignee").order_by("-number").first()


def available_actions(article: Article, user: User) -> list[WorkflowAction]:
    """Return the actions available to `user`, who can change `article`."""
    return allowed_actions(article.stage, editor=may_publish(user))


@transaction.atomic
def perform(
    *, article: Article, action: WorkflowAction, by: User, message: str = "", seen: int | None = None
) -> WorkflowStep:
    """Perform a workflow action for `by`, send its emails, and refresh `article`.

    `seen` is the number of the last step that the user saw (0: none; None: do not check). Raises WorkflowConflict if
    there is a newer one, MessageRequiredError, or PermissionDenied for an action that only publishers may perform.
    """
    transition = TRANSITIONS[action]
    if transition.for_editors and not may_publish(by):
        raise PermissionDenied("Requires the publish permission.")
    message = _clean(message)
    if transition.needs_message and not message:
        raise MessageRequiredError
    locked, last = _lock(article, seen)
    if locked.stage not in transition.before:
        raise WorkflowConflict(last)
    step = _create_step(locked, last, action=action, by=by, message=message, after=transition.after)
    notifications.notify(step)
    article.refresh_from_db(fields=["stage", "assignee", "due_on"])
    return step


@transaction.atomic
def assign(
    *, article: Article, by: User, to: User | None, due_on: date | None, message: str = "", seen: int | None = None
) -> WorkflowStep | None:
    """Assign `article` to the user `to` (or None), due on a date, and email them. None if nothing changes.

    Raises like `perform`.
    """
    if not may_publish(by):
        raise PermissionDenied("Requires the publish permission.")
    locked, last = _lock(article, seen)
    before = locked.assignee_id
    if before == (to.pk if to else None) and locked.due_on == due_on:
        return None
    locked.assignee, locked.due_on = to, due_on
    step = _create_step(
        locked, last, action=WorkflowAction.ASSIGNED, by=by, message=_clean(message), after=locked.stage
    )
    if to is not None and to.pk != before:
        notifications.notify(step)
    article.refresh_from_db(fields=["stage", "assignee", "due_on"])
    return step


def close(*, article: Article, by: User | None) -> WorkflowStep | None:
    """Close the workflow of the locked `article` when it is published. None if it was closed already."""
    if article.stage == Stage.PUBLISHED and article.assignee_id is None and article.due_on is None:
        return None
    article.assignee, article.due_on = None, None
    return _create_step(
        article, last_step(article), action=WorkflowAction.PUBLISHED, by=by, message="", after=Stage.PUBLISHED
    )


def close_new(*, articles: Sequence[Article]) -> None:
    """Close the workflow of many articles that no one has worked on, when they are published."""
    WorkflowStep.objects.bulk_create(
        _next_step(article, None, action=WorkflowAction.PUBLISHED, by=None, message="", after=Stage.PUBLISHED)
        for article in articles
    )
    for article in articles:
        article.stage = Stage.PUBLISHED
    Article.objects.filter(pk__in=[article.pk for article in articles]).update(stage=Stage.PUBLISHED)


def reopen(*, article: Article, by: User | None) -> WorkflowStep | None:
    """Reopen the workflow of the locked `article` when its first publication is unscheduled."""
    if article.stage != Stage.PUBLISHED:
        return None
    return _create_step(
        article, last_step(article), action=WorkflowAction.UNSCHEDULED, by=by, message="", after=Stage.READY
    )


def _lock(article: Article, seen: int | None) -> tuple[Article, WorkflowStep | None]:
    locked = Article.objects.select_for_update().defer("body").get(pk=article.pk)
    last = last_step(locked)
    if seen is not None and seen != (last.number if last else 0):
        raise WorkflowConflict(last)
    return locked, last


def _create_step(
    article: Article, last: WorkflowStep | None, *, action: WorkflowAction, by: User | None, message: str, after: str
) -> WorkflowStep:
    step = _next_step(article, last, action=action, by=by, message=message, after=after)
    step.save()
    article.stage = after
    # Not `save()`, which would invalidate cached pages: readers see none of this.
    Article.objects.filter(pk=article.pk).update(stage=after, assignee=article.assignee, due_on=article.due_on)
    return step


def _next_step(
    article: Article, last: WorkflowStep | None, *, action: WorkflowAction, by: User | None, message: str, after: str
) -> WorkflowStep:
    return WorkflowStep(
        article=article, number=last.number + 1 if last else 1, action=action, before=article.stage, after=after,
        created_at=_time_after(last), created_by=by, revision_number=article.revision_number, message=message,
        assignee=article.assignee, due_on=article.due_on,
    )  # fmt: skip


def _time_after(last: WorkflowStep | None) -> datetime:
    """Return the current time, but never before the previous step."""
    return max(timezone.now(), last.created_at) if last else timezone.now()


def _clean(message: str) -> str:
    return strip_control_characters(message).strip()[:MESSAGE_LENGTH]
