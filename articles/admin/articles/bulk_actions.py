"""Bulk actions on articles, with a confirmation page that lists which articles will and will not be changed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from articles import permissions
from articles.admin.articles import saved_filters
from articles.admin.base import BaseAdmin
from articles.admin.formatting import badge
from articles.models import Article, Presence, Section, Topic
from articles.services import bulk_edit, publishing, workflow
from articles.workflow.stages import TRANSITIONS, WorkflowAction
from truthlytics.audit.log import log_changes

MAX_ARTICLES = 100
# Number of skipped articles that are listed with a reason.
MAX_REASONS = 5
CONFIRMED = "sure"
UNCHANGED = "Already up to date"


class NoForm(forms.Form):
    """For actions without options."""


class SectionForm(forms.Form):
    section = forms.ModelChoiceField(Section.objects.all(), empty_label="Choose a section")


class TopicForm(forms.Form):
    topic = forms.ModelChoiceField(Topic.objects.all(), empty_label="Choose a topic")


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(permissions.editors(), required=False, empty_label="Unassigned", label="Assigned to")
    due_on = forms.DateField(required=False, label="Due", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = permissions.editors()  # type: ignore[attr-defined]
        self.fields["to"].label_from_instance = str  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A bulk action.

    `blocker` returns why an article is skipped, or "". `run` performs the action and returns False if there was
    nothing to change. `edits_text` marks actions that change the draft itself.
    """

    name: str
    title: str
    button: str
    done: str
    help_text: str
    blocker: Callable[[Article], str]
    run: Callable[[Article, Any, dict[str, Any]], bool]
    form: type[forms.Form] = NoForm
    edits_text: bool = False


def _never_blocked(article: Article) -> str:
    return ""


def _review_blocker(article: Article) -> str:
    if article.stage in TRANSITIONS[WorkflowAction.SENT].before:
        return ""
    return f"Already {article.get_stage_display().lower()}"


def _withdraw_blocker(article: Article) -> str:
    return {
        "draft": "Not published",
        "scheduled": "Not published yet: unschedule it instead",
        "withdrawn": "Already withdrawn",
    }.get(article.state(), "")


def _send_to_review(article: Article, by: Any, data: dict[str, Any]) -> bool:
    workflow.perform(article=article, action=WorkflowAction.SENT, by=by)
    return True


def _assign(article: Article, by: Any, data: dict[str, Any]) -> bool:
    return workflow.assign(article=article, by=by, to=data["to"], due_on=data["due_on"]) is not None


def _withdraw(article: Article, by: Any, data: dict[str, Any]) -> bool:
    publishing.withdraw(item=article)
    return True


BULK_ACTIONS = {
    action.name: action
    for action in (
        BulkAction(
            "section", "Move to a section", "Move", "moved to the section",
            "Published articles move once you publish the change.",
            _never_blocked, lambda article, by, data: bulk_edit.move_to_section(article=article, by=by, **data),
            SectionForm, edits_text=True,
        ),
        BulkAction(
            "topic", "Add a topic", "Add topic", "added to the topic",
            "Existing topics are kept. Published articles are updated once you publish the change.",
            _never_blocked, lambda article, by, data: bulk_edit.add_topic(article=article, by=by, **data),
            TopicForm, edits_text=True,
        ),
        BulkAction(
            "review", "Send to review", "Send to review", "sent to review",
            "Editors get an email for each article.", _review_blocker, _send_to_review,
        ),
        BulkAction(
            "hands", "Assign", "Assign", "assigned", "The assignee gets an email for each article.",
            _never_blocked, _assign, AssignForm,
        ),
        BulkAction(
            "withdraw", "Withdraw", "Withdraw", "withdrawn",
            "The articles are taken off the site immediately. All versions are kept and can be restored.",
            _withdraw_blocker, _withdraw,
        ),
    )
}  # fmt: skip


def confirm_and_run(
    admin: BaseAdmin, request: HttpRequest, queryset: models.QuerySet[Article], action: BulkAction
) -> HttpResponse | None:
    """Show the confirmation page, or run the action and return to the list."""
    # `body` is never shown, and up to 50,000 articles may be selected.
    articles = list(queryset.defer("body").order_by("-updated_at", "-pk")[: MAX_ARTICLES + 1])
    query = request.POST.get("back", request.GET.urlencode())
    if len(articles) > MAX_ARTICLES:
        admin.message_user(request, f"Select at most {MAX_ARTICLES} articles.", messages.ERROR)
        return saved_filters.redirect_to_list(query)
    confirmed = CONFIRMED in request.POST
    form = action.form(request.POST if confirmed else None)
    if confirmed and form.is_valid():
        _run(admin, request, articles, action, form.cleaned_data)
        return saved_filters.redirect_to_list(query)
    context = admin.view_context(
        request,
        title=action.title,
        bulk=action,
        form=form,
        sure=CONFIRMED,
        checkbox=ACTION_CHECKBOX_NAME,
        back=saved_filters.normalise(query),
        list=reverse(saved_filters.LIST),
        **_preview(articles, action, request),
    )
    return TemplateResponse(
        request, "admin/articles/article/bulk_action.html", context, status=422 if confirmed else 200
    )


def _preview(articles: list[Article], action: BulkAction, request: HttpRequest) -> dict[str, Any]:
    """Return the articles that will be changed, with other users editing them, and those skipped, with the reason."""
    editing: dict[int, str] = {}
    if action.edits_text:
        presences = Presence.objects.active().filter(article__in=articles).exclude(user=request.user.pk)
        for presence in presences.select_related("user"):
            if presence.article_id is not None:
                editing[presence.article_id] = str(presence.user)
    rows: dict[str, list[dict[str, Any]]] = {"will": [], "cannot": []}
    for article in articles:
        reason = action.blocker(article)
        rows["cannot" if reason else "will"].append(
            {"article": article, "badge": badge(article.state()), "why": reason, "who": editing.get(article.pk)}
        )
    return rows


def _run(
    admin: BaseAdmin, request: HttpRequest, articles: list[Article], action: BulkAction, data: dict[str, Any]
) -> None:
    done, skipped = 0, []
    for article in articles:
        reason = _run_one(request, article, action, data)
        if reason:
            skipped.append(f"“{article}”: {reason}.")
        else:
            done += 1
    if done:
        noun = "article" if done == 1 else "articles"
        admin.message_user(request, f"{done} {noun} {action.done}.", messages.SUCCESS)
    if skipped:
        more = f" And {len(skipped) - MAX_REASONS} more." if len(skipped) > MAX_REASONS else ""
        admin.message_user(request, f"Not changed: {' '.join(skipped[:MAX_REASONS])}{more}", messages.WARNING)


def _run_one(request: HttpRequest, article: Article, action: BulkAction, data: dict[str, Any]) -> str:
    """Run the action on one article, in a transaction with its row locked. Return why it was skipped, or ""."""
    with transaction.atomic():
        locked = Article.objects.select_for_update().filter(pk=article.pk).first()
        if locked is None:
            return "Deleted in the meantime"
        if reason := action.blocker(locked):
            return reason
        with log_changes([locked], by=request.user, message=f"{action.title} (bulk action)."):
            return "" if action.run(locked, request.user, data) else UNCHANGED


def _admin_action(name: str, permission: str) -> Callable[..., Any]:
    action = BULK_ACTIONS[name]

    @admin.action(description=f"{action.title}…", permissions=[permission])
    def run(modeladmin: BaseAdmin, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return confirm_and_run(modeladmin, request, queryset, action)

    run.__name__ = name
    return run


ACTIONS = [
    _admin_action("section", "change"),
    _admin_action("topic", "change"),
    _admin_action("review", "change"),
    _admin_action("hands", "publish"),
    _admin_action("withdraw", "publish"),
]
