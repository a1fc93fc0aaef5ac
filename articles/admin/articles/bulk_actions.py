"""Deeds on many articles at once. First a page says for each what will and what cannot happen; then it happens."""

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
from articles.admin.formatting import badge
from articles.models import Article, Presence, Section, Topic
from articles.services import bulk_edit, publishing, workflow
from articles.workflow.stages import TRANSITIONS, WorkflowAction
from truthlytics.audit.log import log_changes

MOST = 100
# So many refusals are told one by one.
TOLD = 5
SURE = "sure"
UNCHANGED = "It is there already"


class NothingForm(forms.Form):
    """Nothing is to be chosen."""


class SectionForm(forms.Form):
    section = forms.ModelChoiceField(Section.objects.all(), empty_label="Choose a section")


class TopicForm(forms.Form):
    topic = forms.ModelChoiceField(Topic.objects.all(), empty_label="Choose a topic")


class HandsForm(forms.Form):
    to = forms.ModelChoiceField(permissions.editors(), required=False, empty_label="Nobody", label="In the hands of")
    due_on = forms.DateField(required=False, label="Due", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = permissions.editors()  # type: ignore[attr-defined]
        self.fields["to"].label_from_instance = str  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Bulk:
    """`hindrance` says why an article is left out (empty: it is not); `do` does it, and is False where it was so."""

    name: str
    title: str
    button: str
    done: str
    words: str
    hindrance: Callable[[Article], str]
    do: Callable[[Article, Any, dict[str, Any]], bool]
    form: type[forms.Form] = NothingForm
    # Whether it writes on the text's own row, as a save does.
    writes: bool = False


def _never(article: Article) -> str:
    return ""


def _not_for_review(article: Article) -> str:
    if article.stage in TRANSITIONS[WorkflowAction.SENT].before:
        return ""
    return f"It is {article.get_stage_display().lower()} already"


def _not_on_site(article: Article) -> str:
    return {
        "draft": "No reader has seen it yet",
        "scheduled": "It is not out yet: give up its plan instead",
        "withdrawn": "It is withdrawn already",
    }.get(article.state(), "")


def _send(article: Article, by: Any, data: dict[str, Any]) -> bool:
    workflow.move(article=article, deed=WorkflowAction.SENT, by=by)
    return True


def _lay(article: Article, by: Any, data: dict[str, Any]) -> bool:
    return workflow.assign(article=article, by=by, to=data["to"], due_on=data["due_on"]) is not None


def _withdraw(article: Article, by: Any, data: dict[str, Any]) -> bool:
    publishing.withdraw(article=article)
    return True


BULKS = {
    bulk.name: bulk
    for bulk in (
        Bulk(
            "section", "Put into a section", "Put them there", "put into the section",
            "The text stays as it is. Where readers see it already, they find it there once you publish the change.",
            _never, lambda article, by, data: bulk_edit.put_into_section(article=article, by=by, **data),
            SectionForm, writes=True,
        ),
        Bulk(
            "topic", "Add a topic", "Add the topic", "put under the topic",
            "Topics that are there stay. Where readers see it already, they find it there once you publish the change.",
            _never, lambda article, by, data: bulk_edit.add_topic(article=article, by=by, **data),
            TopicForm, writes=True,
        ),
        Bulk(
            "review", "Send to review", "Send them", "sent to review",
            "Editors get a letter for each.", _not_for_review, _send,
        ),
        Bulk(
            "hands", "Lay in somebody’s hands", "Do so", "assigned", "Who gets it has a letter for each.",
            _never, _lay, HandsForm,
        ),
        Bulk(
            "withdraw", "Withdraw", "Withdraw them", "withdrawn",
            "They go off the site at once. Their versions stay in the record, and each can be put back.",
            _not_on_site, _withdraw,
        ),
    )
}  # fmt: skip


def asked(admin: Any, request: HttpRequest, queryset: models.QuerySet[Article], bulk: Bulk) -> HttpResponse | None:
    """The page that asks, or the deed and the list again. `queryset` holds what this person may see."""
    # Reads what the list shows and the deeds ask for; never all of 50,000.
    chosen = list(queryset.defer("body").order_by("-updated_at", "-pk")[: MOST + 1])
    query = request.POST.get("back", request.GET.urlencode())
    if len(chosen) > MOST:
        admin.message_user(request, f"That are more than {MOST} articles. Choose fewer at a time.", messages.ERROR)
        return saved_filters.back_to(query)
    form = bulk.form(request.POST if SURE in request.POST else None)
    if SURE in request.POST and form.is_valid():
        _do(admin, request, chosen, bulk, form.cleaned_data)
        return saved_filters.back_to(query)
    return TemplateResponse(
        request,
        "admin/articles/article/bulk_action.html",
        admin.admin_site.each_context(request) | {
            "title": bulk.title, "opts": admin.opts, "bulk": bulk, "form": form, "sure": SURE,
            "checkbox": ACTION_CHECKBOX_NAME, "back": saved_filters.tidy(query),
            "list": reverse(saved_filters.LIST), **_sorted(chosen, bulk, request),
        },
        status=422 if SURE in request.POST else 200,
    )  # fmt: skip


def _sorted(chosen: list[Article], bulk: Bulk, request: HttpRequest) -> dict[str, Any]:
    """Who is in, with who has it open (they will be shown both texts), and who is out, with the reason."""
    open_elsewhere: dict[int, str] = {}
    if bulk.writes:
        here = Presence.objects.here().filter(article__in=chosen).exclude(person=request.user.pk)
        for presence in here.select_related("person"):
            open_elsewhere[presence.article_id] = str(presence.person)
    rows: dict[str, list[dict[str, Any]]] = {"will": [], "cannot": []}
    for article in chosen:
        why = bulk.hindrance(article)
        row = {"article": article, "badge": badge(article.state()), "why": why, "who": open_elsewhere.get(article.pk)}
        rows["cannot" if why else "will"].append(row)
    return rows


def _do(admin: Any, request: HttpRequest, chosen: list[Article], bulk: Bulk, data: dict[str, Any]) -> None:
    done, left = 0, []
    for article in chosen:
        why = _do_one(request, article, bulk, data)
        if why:
            left.append(f"“{article}”: {why}.")
        else:
            done += 1
    if done:
        word = "article was" if done == 1 else "articles were"
        admin.message_user(request, f"{done} {word} {bulk.done}.", messages.SUCCESS)
    if left:
        more = f" And {len(left) - TOLD} more." if len(left) > TOLD else ""
        admin.message_user(request, f"Left as they are: {' '.join(left[:TOLD])}{more}", messages.WARNING)


def _do_one(request: HttpRequest, article: Article, bulk: Bulk, data: dict[str, Any]) -> str:
    """Why this one stays as it is; empty where it is done. Each is a transaction, judged with its row locked."""
    with transaction.atomic():
        locked = Article.objects.select_for_update().filter(pk=article.pk).first()
        if locked is None:
            return "Somebody deleted it meanwhile"
        if why := bulk.hindrance(locked):
            return why
        with log_changes([locked], by=request.user, message=f"{bulk.title}, with others."):
            return "" if bulk.do(locked, request.user, data) else UNCHANGED


def _action(name: str, permission: str) -> Callable[..., Any]:
    bulk = BULKS[name]

    @admin.action(description=f"{bulk.title}…", permissions=[permission])
    def action(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return asked(modeladmin, request, queryset, bulk)

    action.__name__ = name
    return action


ACTIONS = [
    _action("section", "change"),
    _action("topic", "change"),
    _action("review", "change"),
    _action("hands", "publish"),
    _action("withdraw", "publish"),
]
