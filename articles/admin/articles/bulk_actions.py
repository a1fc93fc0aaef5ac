"""Bulk actions on articles, with a confirmation page that lists which articles will and will not be changed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles import permissions
from articles.access import Level
from articles.admin.articles import saved_filters
from articles.admin.base import BaseAdmin
from articles.admin.formatting import badge
from articles.models import Article, Author, Presence, Section, Topic
from articles.services import bulk_edit, publishing, workflow
from articles.workflow.stages import TRANSITIONS, WorkflowAction
from truthlytics.audit.log import log_changes
from truthlytics.web.users import User, user_of

MAX_ARTICLES = 100
# Number of skipped articles that are listed with a reason.
MAX_REASONS = 5
UNCHANGED = _("Already up to date")


class NoForm(forms.Form):
    """For actions without options."""


class SectionForm(forms.Form):
    section = forms.ModelChoiceField(Section.objects.all(), empty_label=_("Choose a section"))


class TopicForm(forms.Form):
    topic = forms.ModelChoiceField(Topic.objects.all(), empty_label=_("Choose a topic"))


class AccessForm(forms.Form):
    required_level = forms.TypedChoiceField(
        choices=[("", _("Choose who may read")), *Level.choices], coerce=int, label=_("Who may read")
    )


class AuthorForm(forms.Form):
    author = forms.ModelChoiceField(Author.objects.order_by("name"), empty_label=_("Choose an author"))
    replace = forms.TypedChoiceField(
        choices=[("", _("Add to the byline")), ("yes", _("Replace the byline"))],
        coerce=bool,
        required=False,
        label=_("Byline"),
    )


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(
        permissions.editors(), required=False, empty_label=_("Unassigned"), label=_("Assigned to")
    )
    due_on = forms.DateField(
        required=False, label=_("Due"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

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
    title: Any
    button: Any
    done: Any
    help_text: Any
    blocker: Callable[[Article], str]
    run: Callable[[Article, Any, dict[str, Any]], bool]
    form: type[forms.Form] = NoForm
    edits_text: bool = False


def _never_blocked(article: Article) -> str:
    return ""


def _review_blocker(article: Article) -> str:
    if article.stage in TRANSITIONS[WorkflowAction.SENT].before:
        return ""
    return gettext("Already %s") % article.get_stage_display().lower()


def _withdraw_blocker(article: Article) -> str:
    return {
        "draft": gettext("Not published"),
        "scheduled": gettext("Not published yet: unschedule it instead"),
        "withdrawn": gettext("Already withdrawn"),
    }.get(article.state(), "")


def _send_to_review(article: Article, by: User, data: dict[str, object]) -> bool:
    workflow.perform(article=article, action=WorkflowAction.SENT, by=by)
    return True


def _assign(article: Article, by: User, data: dict[str, Any]) -> bool:
    return workflow.assign(article=article, by=by, to=data["to"], due_on=data["due_on"]) is not None


def _withdraw(article: Article, by: User, data: dict[str, object]) -> bool:
    publishing.withdraw(item=article)
    return True


BULK_ACTIONS = {
    action.name: action
    for action in (
        BulkAction(
            "section", _("Move to a section"), _("Move"), _("moved to the section"),
            _("Published articles move once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.move_to_section(article=article, by=by, **data),
            SectionForm, edits_text=True,
        ),
        BulkAction(
            "topic", _("Add a topic"), _("Add topic"), _("added to the topic"),
            _("Existing topics are kept. Published articles are updated once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.add_topic(article=article, by=by, **data),
            TopicForm, edits_text=True,
        ),
        BulkAction(
            "access", _("Change access"), _("Change access"), _("given the new access"),
            _("Published articles change for readers once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.set_access(article=article, by=by, **data),
            AccessForm, edits_text=True,
        ),
        BulkAction(
            "author", _("Change author"), _("Change author"), _("given the author"),
            _("Published articles change for readers once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.set_author(article=article, by=by, **data),
            AuthorForm, edits_text=True,
        ),
        BulkAction(
            "review", _("Send to review"), _("Send to review"), _("sent to review"),
            _("Editors get an email for each article."), _review_blocker, _send_to_review,
        ),
        BulkAction(
            "assignee", _("Assign"), _("Assign"), _("assigned"), _("The assignee gets an email for each article."),
            _never_blocked, _assign, AssignForm,
        ),
        BulkAction(
            "withdraw", _("Withdraw"), _("Withdraw"), _("withdrawn"),
            _("The articles are taken off the site immediately. All versions are kept and can be restored."),
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
        message = gettext("Select at most %d articles.") % MAX_ARTICLES
        admin.message_user(request, message, messages.ERROR)
        return saved_filters.redirect_to_list(query)
    confirmed = "confirmed" in request.POST
    form = action.form(request.POST if confirmed else None)
    if confirmed and form.is_valid():
        _run(admin, request, articles, action, form.cleaned_data)
        return saved_filters.redirect_to_list(query)
    context = admin.view_context(
        request,
        title=action.title,
        bulk=action,
        form=form,
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
    admin: BaseAdmin, request: HttpRequest, articles: list[Article], action: BulkAction, data: dict[str, object]
) -> None:
    done, skipped = 0, []
    for article in articles:
        reason = str(_run_one(request, article, action, data))
        if reason:
            skipped.append(_("“%(article)s”: %(reason)s.") % {"article": article, "reason": reason})
        else:
            done += 1
    if done:
        message = ngettext("%(count)d article %(done)s.", "%(count)d articles %(done)s.", done)
        admin.message_user(request, message % {"count": done, "done": action.done}, messages.SUCCESS)
    if skipped:
        message = gettext("Not changed: %s") % " ".join(skipped[:MAX_REASONS])
        if len(skipped) > MAX_REASONS:
            message += " " + gettext("And %d more.") % (len(skipped) - MAX_REASONS)
        admin.message_user(request, message, messages.WARNING)


def _run_one(request: HttpRequest, article: Article, action: BulkAction, data: dict[str, object]) -> Any:
    """Run the action on one article, in a transaction with its row locked. Return why it was skipped, or ""."""
    with transaction.atomic():
        locked = Article.objects.select_for_update().filter(pk=article.pk).first()
        if locked is None:
            return gettext("Deleted in the meantime")
        if reason := action.blocker(locked):
            return reason
        with log_changes([locked], by=user_of(request), message=f"{action.title} (bulk action)."):
            return "" if action.run(locked, request.user, data) else UNCHANGED


def _admin_action(name: str, permission: str) -> Callable[..., Any]:
    action = BULK_ACTIONS[name]

    @admin.action(description=format_lazy("{}…", action.title), permissions=[permission])
    def run(modeladmin: BaseAdmin, request: HttpRequest, queryset: QuerySet[Article]) -> HttpResponse | None:
        return confirm_and_run(modeladmin, request, queryset, action)

    run.__name__ = name
    return run


ACTIONS = [
    _admin_action("section", "change"),
    _admin_action("topic", "change"),
    _admin_action("access", "publish"),
    _admin_action("author", "publish"),
    _admin_action("review", "change"),
    _admin_action("assignee", "publish"),
    _admin_action("withdraw", "publish"),
]
