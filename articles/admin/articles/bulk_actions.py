"""Bulk actions on articles, with a confirmation page that lists which articles will and will not be changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models, transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles import permissions
from articles.access import Level
from articles.admin.articles import publish_access, saved_filters
from articles.admin.base import BaseAdmin
from articles.admin.formatting import badge
from articles.models import Article, Author, Byline, Presence, Section, Topic
from articles.models.articles import UNLISTED_TEXTS
from articles.services import bulk_edit, publishing, workflow
from articles.workflow.stages import TRANSITIONS, WorkflowAction
from truthlytics.audit.log import log_action, snapshot
from truthlytics.web.form_fields import choice_field
from truthlytics.web.types import CleanedData, JsonObject
from truthlytics.web.users import User, user_of

MAX_ARTICLES = 100
# Number of skipped articles that are listed with a reason.
MAX_REASONS = 5
UNCHANGED = _("Already up to date")


class ActionForm(forms.Form):
    """The options of an action on `articles`."""

    def __init__(self, *args: Any, articles: Sequence[Article] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class NoForm(ActionForm):
    """For actions without options."""


class SectionForm(ActionForm):
    section = forms.ModelChoiceField(Section.objects.all(), empty_label=_("Choose a section"))


class TopicForm(ActionForm):
    topic = forms.ModelChoiceField(Topic.objects.all(), empty_label=_("Choose a topic"))


class AccessForm(ActionForm):
    required_level = forms.TypedChoiceField(
        choices=[("", _("Choose who may read")), *Level.choices], coerce=int, label=_("Who may read")
    )
    scheduled = forms.BooleanField(required=False)

    def __init__(self, *args: object, articles: Sequence[Article] = (), **kwargs: object) -> None:
        """Offer to change scheduled versions if some of `articles` have one."""
        super().__init__(*args, articles=articles, **kwargs)
        if count := sum(article.access_levels().scheduled is not None for article in articles):
            self.fields["scheduled"].label = ngettext(
                "Also change the scheduled version (%(count)s)", "Also change the scheduled versions (%(count)s)", count
            ) % {"count": count}
        else:
            del self.fields["scheduled"]


class AuthorForm(ActionForm):
    author = forms.ModelChoiceField(Author.objects.order_by("name"), empty_label=_("Choose an author"))
    replace = forms.TypedChoiceField(
        choices=[("", _("Add to the byline")), ("yes", _("Replace the byline"))],
        coerce=bool,
        required=False,
        label=_("Byline"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Author]", self.fields["author"])
        field.choices = [("", field.empty_label), *Author.objects.labels().items()]


class AssignForm(ActionForm):
    to = forms.ModelChoiceField(
        permissions.editors(), required=False, empty_label=_("Unassigned"), label=_("Assigned to")
    )
    due_on = forms.DateField(
        required=False, label=_("Due"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "to").queryset = permissions.editors()
        self.fields["to"].label_from_instance = str  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A bulk action.

    `menu` names it in the list of actions. `blocker` returns why an article is skipped, or "". `run` performs the
    action and returns False if there was nothing to change. `done` says in the list what was done, with the cleaned
    data of the form and the number of articles. `edits_text` marks actions that change the draft itself, and `present`
    returns the value that such an action changes. With `replaces`, the chosen option takes its place.
    """

    name: str
    title: str | Promise
    menu: Any
    button: Any
    done: Callable[[CleanedData, int], str]
    help_text: str | Promise
    blocker: Callable[[Article], str]
    run: Callable[[Article, Any, CleanedData], bool]
    form: type[ActionForm] = NoForm
    edits_text: bool = False
    present: Callable[[Article], str] | None = None
    replaces: bool = False


def _never_blocked(article: Article) -> str:
    return ""


def _section(article: Article) -> str:
    return str(article.section) if article.section else gettext("no section")


def _topics(article: Article) -> str:
    return ", ".join(sorted(str(topic) for topic in article.topics.all())) or gettext("no topics")


def _authors(article: Article) -> str:
    return ", ".join(str(byline.author) for byline in article.bylines.all()) or gettext("no author")


def _review_blocker(article: Article) -> str:
    if article.stage in TRANSITIONS[WorkflowAction.SENT].before:
        return ""
    return gettext("Already in the stage “%(stage)s”") % {"stage": article.get_stage_display()}


def _withdraw_blocker(article: Article) -> str:
    return {
        "draft": gettext("Not published"),
        "scheduled": gettext("Not published yet: unschedule it instead"),
        "withdrawn": gettext("Already withdrawn"),
    }.get(article.state(), "")


def _send_to_review(article: Article, by: User, data: dict[str, object]) -> bool:
    workflow.perform(article=article, action=WorkflowAction.SENT, by=by)
    return True


def _assign(article: Article, by: User, data: CleanedData) -> bool:
    return workflow.assign(article=article, by=by, to=data["to"], due_on=data["due_on"]) is not None


def _withdraw(article: Article, by: User, data: dict[str, object]) -> bool:
    publishing.withdraw(item=article)
    return True


BULK_ACTIONS = {
    action.name: action
    for action in (
        BulkAction(
            "section", _("Move to a section"), _("Move to a section…"), _("Move"),
            lambda data, count: ngettext(
                "%(count)d draft moved to the section %(section)s.",
                "%(count)d drafts moved to the section %(section)s.",
                count,
            ) % {"count": count, "section": data["section"]},
            _("Published articles move once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.move_to_section(article=article, by=by, **data),
            SectionForm, edits_text=True, present=_section, replaces=True,
        ),
        BulkAction(
            "topic", _("Add a topic"), _("Add a topic…"), _("Add topic"),
            lambda data, count: ngettext(
                "%(count)d draft given the topic %(topic)s.",
                "%(count)d drafts given the topic %(topic)s.",
                count,
            ) % {"count": count, "topic": data["topic"]},
            _("Existing topics are kept. Published articles are updated once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.add_topic(article=article, by=by, **data),
            TopicForm, edits_text=True, present=_topics,
        ),
        BulkAction(
            "access", _("Change access"), _("Change access…"), _("Change access"),
            lambda data, count: ngettext(
                "%(count)d draft set to the access “%(level)s”.",
                "%(count)d drafts set to the access “%(level)s”.",
                count,
            ) % {"count": count, "level": Level(data["required_level"]).label},
            _("Published articles change for readers once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.set_access(article=article, by=by, **data),
            AccessForm, edits_text=True, present=lambda article: str(article.access_levels()), replaces=True,
        ),
        BulkAction(
            "author", _("Change author"), _("Change author…"), _("Change author"),
            lambda data, count: ngettext(
                "%(count)d draft given the author %(author)s.",
                "%(count)d drafts given the author %(author)s.",
                count,
            ) % {"count": count, "author": data["author"]},
            _("Published articles change for readers once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.set_author(article=article, by=by, **data),
            AuthorForm, edits_text=True, present=_authors,
        ),
        BulkAction(
            "review", _("Send to review"), _("Send to review…"), _("Send to review"),
            lambda data, count: ngettext(
                "%(count)d article sent to review.",
                "%(count)d articles sent to review.",
                count,
            ) % {"count": count},
            _("Editors get an email for each article."), _review_blocker, _send_to_review,
        ),
        BulkAction(
            "assignee", _("Assign"), _("Assign…"), _("Assign"),
            lambda data, count: ngettext(
                "%(count)d article assigned.",
                "%(count)d articles assigned.",
                count,
            ) % {"count": count},
            _("The assignee gets an email for each article."), _never_blocked, _assign, AssignForm,
        ),
        BulkAction(
            "withdraw", _("Withdraw"), _("Withdraw…"), _("Withdraw"),
            lambda data, count: ngettext(
                "%(count)d article withdrawn.",
                "%(count)d articles withdrawn.",
                count,
            ) % {"count": count},
            _("The articles are taken off the site immediately. All versions are kept and can be restored."),
            _withdraw_blocker, _withdraw,
        ),
    )
}  # fmt: skip


def confirm_and_run(
    admin: BaseAdmin, request: HttpRequest, queryset: models.QuerySet[Article], action: BulkAction
) -> HttpResponse | None:
    """Show the confirmation page, or run the action and return to the list."""
    # Texts are never shown, and up to 50,000 articles may be selected.
    shown = queryset.with_access_levels().select_related("section").defer(*UNLISTED_TEXTS)  # type: ignore[attr-defined]
    shown = shown.prefetch_related("topics", Prefetch("bylines", Byline.objects.select_related("author")))
    articles = list(shown.order_by("-updated_at", "-pk")[: MAX_ARTICLES + 1])
    query = request.POST.get("back", request.GET.urlencode())
    if len(articles) > MAX_ARTICLES:
        message = gettext("Select at most %d articles.") % MAX_ARTICLES
        admin.message_user(request, message, messages.ERROR)
        return saved_filters.redirect_to_list(query)
    confirmed = "confirmed" in request.POST
    form = action.form(request.POST if confirmed else None, articles=articles)
    if confirmed and form.is_valid():
        _run(admin, request, articles, action, form.cleaned_data)
        levels = {None, form.cleaned_data.get("required_level")}
        if action.name == "access" and (
            public := [row for row in articles if row.access_levels().public not in levels]
        ):
            return publish_access.offer(public, back=query)
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


def _preview(articles: list[Article], action: BulkAction, request: HttpRequest) -> JsonObject:
    """Return the articles that will be changed, with other users editing them, and those skipped, with the reason."""
    editing: dict[int, str] = {}
    if action.edits_text:
        presences = Presence.objects.active().filter(article__in=articles).exclude(user=request.user.pk)
        for presence in presences.select_related("user"):
            if presence.article_id is not None:
                editing[presence.article_id] = str(presence.user)
    rows: dict[str, list[JsonObject]] = {"will": [], "cannot": []}
    for article in articles:
        reason = action.blocker(article)
        rows["cannot" if reason else "will"].append(
            {
                "article": article,
                "badge": badge(article.state()),
                "why": reason,
                "who": editing.get(article.pk),
                "present": action.present(article) if action.present else "",
            }
        )
    return rows


def _run(
    admin: BaseAdmin, request: HttpRequest, articles: list[Article], action: BulkAction, data: dict[str, object]
) -> None:
    done, skipped = [], []
    for article in articles:
        reason = str(_run_one(request, article, action, data))
        if reason:
            skipped.append(_("“%(article)s”: %(reason)s.") % {"article": article, "reason": reason})
        else:
            done.append(article)
    if done:
        public = sum(article.state() in {"published", "changing"} for article in done)
        admin.message_user(request, _result(action, data, len(done), public), messages.SUCCESS)
    if skipped:
        message = gettext("Not changed: %s") % " ".join(skipped[:MAX_REASONS])
        if len(skipped) > MAX_REASONS:
            message += " " + gettext("And %d more.") % (len(skipped) - MAX_REASONS)
        admin.message_user(request, message, messages.WARNING)


def _result(action: BulkAction, data: dict[str, object], count: int, public: int) -> str:
    """Return what was done to `count` articles, of which `public` are on the site."""
    message = action.done(data, count)
    if not (action.edits_text and public):
        return message
    waiting = ngettext(
        "%(count)d published article changes when you publish it.",
        "%(count)d published articles change when you publish them.",
        public,
    )
    return f"{message} {waiting % {'count': public}}"


def _run_one(request: HttpRequest, article: Article, action: BulkAction, data: dict[str, object]) -> str | Promise:
    """Run the action on one article, in a transaction with its row locked. Return why it was skipped, or ""."""
    with transaction.atomic():
        locked = Article.objects.select_for_update().filter(pk=article.pk).first()
        if locked is None:
            return gettext("Deleted in the meantime")
        if reason := action.blocker(locked):
            return reason
        before, was = snapshot(locked), action.present(locked) if action.present else ""
        if not action.run(locked, request.user, data):
            return UNCHANGED
        current = Article.objects.get(pk=article.pk)
        values = {"action": action.title, "old": was, "new": action.present(current) if action.present else ""}
        message = (
            gettext("%(action)s (bulk action): %(old)s → %(new)s.")
            if action.present
            else gettext("%(action)s (bulk action).")
        )
        log_action(by=user_of(request), row=current, message=message % values, before=before, after=snapshot(current))
        return ""


def _admin_action(name: str, permission: str) -> Callable[..., Any]:
    action = BULK_ACTIONS[name]

    @admin.action(description=action.menu, permissions=[permission])
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
