"""Workflow page of an article: its stage, the steps so far, the next step and the assignment."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item
from articles.admin.editing.checks import check_results
from articles.admin.formatting import badge, badges, display_name, time_or_date
from articles.forms.workflow import AssignmentForm, StepForm
from articles.models import Article, WorkflowStep
from articles.services import publishing, revisions, workflow
from articles.services.reviews import add_review
from articles.workflow.stages import Stage, WorkflowAction
from truthlytics.web.dates import recent_date
from truthlytics.web.users import User, user_of

MAX_STEPS = 50
# Button labels. The first available action is the primary button.
BUTTONS = {
    WorkflowAction.READY: gettext_lazy("Mark as ready"),
    WorkflowAction.RETURNED: gettext_lazy("Send back"),
    WorkflowAction.SENT: gettext_lazy("Send to review"),
    WorkflowAction.WITHDRAWN: gettext_lazy("Withdraw from review"),
}
SUCCESS_MESSAGES = {
    WorkflowAction.SENT: gettext_lazy("Sent to review. The editors have been notified by email."),
    WorkflowAction.WITHDRAWN: gettext_lazy("Withdrawn from review. The article is a draft again."),
    WorkflowAction.RETURNED: gettext_lazy("Sent back. The writers have been notified by email."),
    WorkflowAction.READY: gettext_lazy("Marked as ready. The writers have been notified by email."),
}
LABELS_WITH_PAGE = {
    WorkflowAction.READY: gettext_lazy("Mark as ready…"),
    WorkflowAction.RETURNED: gettext_lazy("Send back…"),
    WorkflowAction.SENT: gettext_lazy("Send to review…"),
    WorkflowAction.WITHDRAWN: gettext_lazy("Withdraw from review…"),
}
SENTENCES = {
    WorkflowAction.SENT: gettext_lazy("%(by)s sent it to review"),
    WorkflowAction.WITHDRAWN: gettext_lazy("%(by)s withdrew it from review"),
    WorkflowAction.RETURNED: gettext_lazy("%(by)s sent it back"),
    WorkflowAction.READY: gettext_lazy("%(by)s marked it ready"),
    WorkflowAction.PUBLISHED: gettext_lazy("%(by)s published it"),
    WorkflowAction.UNSCHEDULED: gettext_lazy("%(by)s unscheduled it"),
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """A workflow step as the templates show it: what who has done, and when."""

    step: WorkflowStep
    sentence: str
    at: str


@dataclass(frozen=True, slots=True)
class WorkflowPanel:
    """Workflow panel of the editor. `button` leads to the workflow page; `main` makes it the primary button.

    `since` is the history key of the text that was submitted, if the text was edited since.
    """

    stage: str
    badge: str
    last: StepLine | None
    since: str
    overdue: bool
    button: str
    main: bool


def step_line(step: WorkflowStep) -> StepLine:
    return StepLine(step, _sentence(step), time_or_date(step.created_at))


def _sentence(step: WorkflowStep) -> str:
    """Return who has done what, such as “Ines assigned it to Tomasz, due 3 Dec”."""
    values = {"by": display_name(step.created_by), "to": display_name(step.assignee)}
    if step.action != WorkflowAction.ASSIGNED:
        return str(SENTENCES[WorkflowAction(step.action)]) % values
    if step.due_on is None:
        return (_("%(by)s assigned it to %(to)s") if step.assignee else _("%(by)s unassigned it")) % values
    values["day"] = recent_date(step.due_on, "j M")
    text = _("%(by)s assigned it to %(to)s, due %(day)s") if step.assignee else _("%(by)s unassigned it, due %(day)s")
    return text % values


def workflow_panel(article: Article, user: User) -> WorkflowPanel:
    """Return the workflow panel of `article` for a user who can change it."""
    last = workflow.last_step(article) if article.pk else None
    actions = workflow.available_actions(article, user)
    editor = workflow.may_publish(user)
    stage = Stage(article.stage)
    button, main = _("Workflow…"), False
    if not editor:
        button = next((str(LABELS_WITH_PAGE[action]) for action in actions), button)
        main = WorkflowAction.SENT in actions
    elif stage == Stage.REVIEW:
        button = _("Review…")
    transition = _last_transition(article, last)
    shown = transition if transition and transition.action != WorkflowAction.PUBLISHED else None
    return WorkflowPanel(
        stage=stage,
        badge=badge(stage),
        last=step_line(shown) if shown else None,
        since=_edited_since(article, transition) if stage in {Stage.REVIEW, Stage.READY} else "",
        overdue=article.due_on is not None and article.due_on < timezone.localdate(),
        button=button,
        main=main,
    )


def _last_transition(article: Article, last: WorkflowStep | None) -> WorkflowStep | None:
    """Return the last step other than an assignment; the panel shows the assignee separately."""
    if last is None or last.action != WorkflowAction.ASSIGNED:
        return last
    steps = article.steps.exclude(action=WorkflowAction.ASSIGNED).select_related("created_by")
    return steps.order_by("-number").first()


def _edited_since(article: Article, step: WorkflowStep | None) -> str:
    """Return the history key of the text at `step` if the article was saved since; "?" if that save was pruned."""
    if step is None or step.revision_number == article.revision_number:
        return ""
    save = article.revisions.saved().filter(number=step.revision_number).only("pk").first()
    return f"s{save.pk}" if save else "?"


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Show the workflow; POST takes a step."""
    article = get_changeable_item(admin, request, pk)
    if request.method != "POST":
        return _render(admin, request, article)
    form = StepForm(request.POST)
    if not form.is_valid():
        return _render(admin, request, article, form=form, status=422)
    data = form.cleaned_data
    action = WorkflowAction(data["action"])
    try:
        _perform(article, action, form, user_of(request))
    except workflow.WorkflowConflict as conflict:
        article.refresh_from_db()
        return _render_conflict(admin, request, article, conflict, form=form)
    admin.log_change(request, article, f"{action.label}.")
    admin.message_user(request, SUCCESS_MESSAGES[action], messages.SUCCESS)
    return redirect("admin:articles_article_change", article.pk)


@transaction.atomic
def _perform(article: Article, action: WorkflowAction, form: StepForm, by: User) -> None:
    """Take the step. Marking an article as ready may be a review of its text."""
    data = form.cleaned_data
    workflow.perform(article=article, action=action, by=by, message=data["message"], seen=data["seen"])
    if action == WorkflowAction.READY and form.review:
        add_review(item=article, content=publishing.content_of(article), by=by, **form.review)


@require_POST
def assignment(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Assign the article to a user, with a due date."""
    article = get_changeable_item(admin, request, pk)
    if not workflow.may_publish(user_of(request)):
        raise PermissionDenied
    form = AssignmentForm(request.POST, article=article)
    if not form.is_valid():
        return _render(admin, request, article, assignment_form=form, status=422)
    data = form.cleaned_data
    try:
        step = workflow.assign(
            article=article,
            by=user_of(request),
            to=data["assignee"],
            due_on=data["due_on"],
            message=data["note"],
            seen=data["seen"],
        )
    except workflow.WorkflowConflict as conflict:
        article.refresh_from_db()
        return _render_conflict(admin, request, article, conflict, assignment_form=form)
    if step is not None:
        admin.log_change(request, article, f"{_sentence(step)}.")
    admin.message_user(request, _("Assignment saved.") if step else _("The assignment is unchanged."), messages.SUCCESS)
    return redirect("admin:articles_article_work", article.pk)


def _render_conflict(
    admin: BaseAdmin, request: HttpRequest, article: Article, conflict: workflow.WorkflowConflict, **forms: Any
) -> HttpResponse:
    step = conflict.step
    error = _("This action is not available at this stage.")
    if step:
        error = _("In the meantime: %(step)s. Check the current stage before you continue.") % {"step": _sentence(step)}
    for form in forms.values():
        form.data = {**form.data.dict(), "seen": str(step.number if step else 0)}
        form.add_error(None, error)
    return _render(admin, request, article, status=409, **forms)


def _render(
    admin: BaseAdmin, request: HttpRequest, article: Article, *, form: StepForm | None = None,
    assignment_form: AssignmentForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    steps = list(article.steps.select_related("created_by", "assignee").order_by("-number")[:MAX_STEPS])
    seen = steps[0].number if steps else 0
    editor = workflow.may_publish(user_of(request))
    if editor and assignment_form is None:
        initial = {"assignee": article.assignee_id or "", "due_on": article.due_on, "seen": seen}
        assignment_form = AssignmentForm(article=article, initial=initial)
    available = workflow.available_actions(article, user_of(request))
    actions = [action for action in BUTTONS if action in available]
    if editor and not any(step.action == WorkflowAction.SENT and step.created_by == request.user for step in steps[:1]):
        actions = [action for action in actions if action != WorkflowAction.WITHDRAWN]
    context = admin.view_context(
        request,
        title=_("Workflow"),
        original=article,
        badge=badges(article),
        work=workflow_panel(article, user_of(request)),
        steps=[step_line(step) for step in steps],
        form=form or StepForm(initial={"seen": seen, **StepForm.choices_of(user_of(request))}),
        may_review=WorkflowAction.READY in actions,
        assignment_form=assignment_form if editor else None,
        buttons=[(action.value, BUTTONS[action]) for action in actions],
        message_required=WorkflowAction.RETURNED in actions,
        check_results=check_results(article, revisions.current_fields(article)),
    )
    return TemplateResponse(request, "admin/articles/article/workflow.html", context, status=status)
