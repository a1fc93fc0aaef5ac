"""Steps of the work on an article. Each is a row; letters go out once it is committed; readers see none of it."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from articles.models import Article, WorkflowStep
from articles.models.workflow import MESSAGE_LENGTH
from articles.workflow import notifications
from articles.workflow.stages import TRANSITIONS, Stage, WorkflowAction, allowed_actions
from truthlytics.web.text import strip_control_characters


class WorkflowConflict(Exception):
    """Somebody else moved the work first; `step` is the last one there is now, None where there is none."""

    def __init__(self, step: WorkflowStep | None) -> None:
        super().__init__("The work was moved in the meantime.")
        self.step = step


class MessageRequiredError(Exception):
    """Who sends a text back has to say why."""


def may_publish(person: Any) -> bool:
    return bool(person.has_perm("articles.publish_article"))


def last_step(article: Article) -> WorkflowStep | None:
    return article.steps.select_related("created_by", "assignee").order_by("-number").first()


def available_actions(article: Article, person: Any) -> list[WorkflowAction]:
    """The deeds that this person may do now, who may change `article`."""
    return allowed_actions(article.stage, editor=may_publish(person))


@transaction.atomic
def perform(
    *, article: Article, action: WorkflowAction, by: Any, message: str = "", seen: int | None = None
) -> WorkflowStep:
    """Take the step `action` for `by`, who looked at the step number `seen` (0: none yet; None: whatever is there).

    Sends the letters that it calls for. Raises WorkflowConflict where the work is somewhere else by now, MessageRequiredError where a
    reason is missing, PermissionDenied for a action that is an editor's. `article` itself is refreshed.
    """
    way = TRANSITIONS[action]
    if way.for_editors and not may_publish(by):
        raise PermissionDenied("Only who may publish does this.")
    message = _tidy(message)
    if way.needs_message and not message:
        raise MessageRequiredError
    locked, last = _locked(article, seen)
    if locked.stage not in way.before:
        raise WorkflowConflict(last)
    step = _take(locked, last, action=action, by=by, message=message, after=way.after)
    notifications.notify(step)
    article.refresh_from_db(fields=["stage", "assignee", "due_on"])
    return step


@transaction.atomic
def assign(
    *, article: Article, by: Any, to: Any | None, due_on: date | None, message: str = "", seen: int | None = None
) -> WorkflowStep | None:
    """Lay the work in the hands of `to` (None: nobody's), due on a day; None where that is so already.

    The one who gets it has a letter. Raises as `move` does.
    """
    if not may_publish(by):
        raise PermissionDenied("Only who may publish does this.")
    locked, last = _locked(article, seen)
    before = locked.assignee_id
    if before == (to.pk if to else None) and locked.due_on == due_on:
        return None
    locked.assignee, locked.due_on = to, due_on
    step = _take(locked, last, action=WorkflowAction.ASSIGNED, by=by, message=_tidy(message), after=locked.stage)
    if to is not None and to.pk != before:
        notifications.notify(step)
    article.refresh_from_db(fields=["stage", "assignee", "due_on"])
    return step


def close(*, article: Article, by: Any) -> WorkflowStep | None:
    """Publication ends the work on `article`, whose row is locked; None where none was open."""
    if article.stage == Stage.PUBLISHED and article.assignee_id is None and article.due_on is None:
        return None
    article.assignee, article.due_on = None, None
    return _take(article, last_step(article), action=WorkflowAction.PUBLISHED, by=by, message="", after=Stage.PUBLISHED)


def reopen(*, article: Article, by: Any) -> WorkflowStep | None:
    """The plan of a first publication was given up: the text is ready as before. The row is locked."""
    if article.stage != Stage.PUBLISHED:
        return None
    return _take(article, last_step(article), action=WorkflowAction.UNSCHEDULED, by=by, message="", after=Stage.READY)


def _locked(article: Article, seen: int | None) -> tuple[Article, WorkflowStep | None]:
    locked = Article.objects.select_for_update().defer("body").get(pk=article.pk)
    last = last_step(locked)
    if seen is not None and seen != (last.number if last else 0):
        raise WorkflowConflict(last)
    return locked, last


def _take(
    article: Article, last: WorkflowStep | None, *, action: WorkflowAction, by: Any, message: str, after: str
) -> WorkflowStep:
    step = WorkflowStep(
        article=article, number=last.number + 1 if last else 1, action=action, before=article.stage, after=after,
        created_at=_after(last), created_by=by, revision_number=article.revision_number, message=message, assignee=article.assignee,
        due_on=article.due_on,
    )  # fmt: skip
    step.save()
    article.stage = after
    # Not `save()`: nothing of this is on a page that readers see, so none has to be made anew.
    Article.objects.filter(pk=article.pk).update(stage=after, assignee=article.assignee, due_on=article.due_on)
    return step


def _after(last: WorkflowStep | None) -> datetime:
    """Now, and never before the step that it follows."""
    return max(timezone.now(), last.created_at) if last else timezone.now()


def _tidy(message: str) -> str:
    return strip_control_characters(message).strip()[:MESSAGE_LENGTH]
