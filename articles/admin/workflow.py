"""How far the work on an article is, and the page on which it is moved on."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from articles.admin.editing.checks import found_in
from articles.admin.formatting import badge, badges, display_name, time_or_date
from articles.forms.workflow import AssignmentForm, StepForm
from articles.models import Article, WorkflowStep
from articles.services import revisions, workflow
from articles.workflow.stages import Stage, WorkflowAction

STEPS = 50
# What a button says that does it; the first that is open is the filled one.
BUTTONS = {
    WorkflowAction.READY: "Set ready",
    WorkflowAction.RETURNED: "Send back",
    WorkflowAction.SENT: "Send to review",
    WorkflowAction.WITHDRAWN: "Take back",
}
DONE = {
    WorkflowAction.SENT: "Sent to review. The editors have a letter.",
    WorkflowAction.WITHDRAWN: "Taken back. It is a draft again.",
    WorkflowAction.RETURNED: "Sent back. The writers have a letter with your words.",
    WorkflowAction.READY: "Ready to be published. The writers have a letter.",
}
SAID = {
    WorkflowAction.SENT: "sent it to review",
    WorkflowAction.WITHDRAWN: "took it back",
    WorkflowAction.RETURNED: "sent it back",
    WorkflowAction.READY: "set it ready",
    WorkflowAction.PUBLISHED: "published it",
    WorkflowAction.UNSCHEDULED: "gave up the plan",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A step in words."""

    step: WorkflowStep
    by: str
    did: str
    at: str


@dataclass(frozen=True, slots=True)
class Work:
    """What the desk's panel shows. `button` names what leads to the work page; `main` where it is the main one."""

    stage: str
    badge: str
    last: Told | None
    since: str
    overdue: bool
    button: str
    main: bool


def told(step: WorkflowStep) -> Told:
    did = SAID.get(WorkflowAction(step.deed), "")
    if step.deed == WorkflowAction.ASSIGNED:
        did = f"laid it in {display_name(step.assignee)}’s hands" if step.assignee else "laid it in nobody’s hands"
        did += f", due {step.due_on:%-d %b}" if step.due_on else ""
    return Told(step, display_name(step.made_by), did, time_or_date(step.made_at))


def work_of(article: Article, person: Any) -> Work:
    """How far it is, for somebody who may change `article`."""
    last = workflow.last_step(article) if article.pk else None
    available_actions = workflow.available_actions(article, person)
    editor = workflow.may_publish(person)
    stage = Stage(article.stage)
    button, main = "Work…", False
    if not editor:
        button = next((f"{BUTTONS[deed]}…" for deed in available_actions), "Work…")
        main = WorkflowAction.SENT in available_actions
    elif stage == Stage.REVIEW:
        button = "Answer the review…"
    moved = _last_move(article, last)
    shown = moved if moved and moved.deed != WorkflowAction.PUBLISHED else None
    return Work(
        stage=stage,
        badge=badge(stage),
        last=told(shown) if shown else None,
        since=_since(article, moved) if stage in {Stage.REVIEW, Stage.READY} else "",
        overdue=article.due_on is not None and article.due_on < timezone.localdate(),
        button=button,
        main=main,
    )


def _last_move(article: Article, last: WorkflowStep | None) -> WorkflowStep | None:
    """The last step that led somewhere: in whose hands it is stands beside it anyway."""
    if last is None or last.deed != WorkflowAction.ASSIGNED:
        return last
    return article.steps.exclude(deed=WorkflowAction.ASSIGNED).select_related("made_by").order_by("-number").first()


def _since(article: Article, moved: WorkflowStep | None) -> str:
    """The key, in the history, of the text that was sent or set ready, where another was saved since."""
    if moved is None or moved.edition == article.edition:
        return ""
    save = article.saves.on_purpose().filter(edition=moved.edition).only("pk").first()
    return f"s{save.pk}" if save else "?"


# --- the page ---------------------------------------------------------------------------------------
def _article(admin: Any, request: HttpRequest, pk: int) -> Article:
    article: Article = admin.get_object(request, str(pk))
    if not admin.has_change_permission(request, article):
        raise Http404("There is no such article.")
    return article


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Where the work stands, and the steps that this person may take; POST takes one."""
    article = _article(admin, request, pk)
    if request.method != "POST":
        return _shown(admin, request, article)
    form = StepForm(request.POST)
    if not form.is_valid():
        return _shown(admin, request, article, form=form, status=422)
    data = form.cleaned_data
    deed = WorkflowAction(data["deed"])
    try:
        workflow.move(article=article, deed=deed, by=request.user, words=data["words"], seen=data["seen"])
    except workflow.WorkflowConflict as error:
        article.refresh_from_db()
        return _meanwhile(admin, request, article, error, form=form)
    admin.log_change(request, article, f"{deed.label}.")
    admin.message_user(request, DONE[deed], messages.SUCCESS)
    return redirect("admin:articles_article_change", article.pk)


@require_POST
def assignment(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Lay the work in somebody's hands, due on a day."""
    article = _article(admin, request, pk)
    if not workflow.may_publish(request.user):
        raise PermissionDenied
    form = AssignmentForm(request.POST, article=article)
    if not form.is_valid():
        return _shown(admin, request, article, hands=form, status=422)
    data = form.cleaned_data
    try:
        step = workflow.assign(
            article=article, by=request.user, to=data["assignee"], due_on=data["due_on"], words=data["note"],
            seen=data["seen"],
        )  # fmt: skip
    except workflow.WorkflowConflict as error:
        article.refresh_from_db()
        return _meanwhile(admin, request, article, error, hands=form)
    if step is not None:
        admin.log_change(request, article, f"{told(step).did[0].upper()}{told(step).did[1:]}.")
    admin.message_user(request, "Written down." if step else "It was so already.", messages.SUCCESS)
    return redirect("admin:articles_article_work", article.pk)


def _meanwhile(
    admin: Any, request: HttpRequest, article: Article, error: workflow.WorkflowConflict, **forms: Any
) -> HttpResponse:
    step = error.step
    said = f"{told(step).by} {told(step).did} in the meantime. Look again." if step else "This step is not open now."
    for form in forms.values():
        form.data = {**form.data.dict(), "seen": str(step.number if step else 0)}
        form.add_error(None, said)
    return _shown(admin, request, article, status=409, **forms)


def _shown(
    admin: Any, request: HttpRequest, article: Article, *, form: Any = None, hands: Any = None, status: int = 200
) -> HttpResponse:
    steps = list(article.steps.select_related("made_by", "assignee").order_by("-number")[:STEPS])
    seen = steps[0].number if steps else 0
    editor = workflow.may_publish(request.user)
    if editor and hands is None:
        start = {"assignee": article.assignee_id or "", "due_on": article.due_on, "seen": seen}
        hands = AssignmentForm(article=article, initial=start)
    available_actions = [deed for deed in BUTTONS if deed in workflow.available_actions(article, request.user)]
    if editor and not any(step.deed == WorkflowAction.SENT and step.made_by == request.user for step in steps[:1]):
        available_actions = [deed for deed in available_actions if deed != WorkflowAction.WITHDRAWN]
    context = admin.admin_site.each_context(request) | {
        "title": "Work",
        "opts": admin.opts,
        "original": article,
        "badge": badges(article),
        "work": work_of(article, request.user),
        "steps": [told(step) for step in steps],
        "form": form or StepForm(initial={"seen": seen}),
        "hands": hands if editor else None,
        "buttons": [(deed.value, BUTTONS[deed]) for deed in available_actions],
        "needs_words": WorkflowAction.RETURNED in available_actions,
        "found": found_in(article, revisions.text_now(article)),
    }
    return TemplateResponse(request, "admin/articles/article/work.html", context, status=status)
