"""The bulk actions on articles."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from articles.admin.articles.bulk_forms import (
    AccessForm,
    ActionForm,
    AssignForm,
    AuthorForm,
    NoForm,
    SectionForm,
    TopicForm,
)
from articles.models import Article
from articles.services import bulk_edit, publishing, workflow
from articles.workflow.stages import TRANSITIONS, WorkflowAction
from truthlytics.web.types import CleanedData
from truthlytics.web.users import User


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A bulk action.

    `menu` names it in the list of actions. `blocker` returns why an article is skipped, or "". `run` performs the
    action and returns False if there was nothing to change. `done` says in the list what was done, with the values
    of the form and `count`, the number of articles. `edits_text` marks actions that change the draft itself, and
    `present` returns the value that such an action changes. With `replaces`, the chosen option takes its place.
    """

    name: str
    title: str | Promise
    menu: Any
    button: Any
    done: Any
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
            ngettext_lazy(
                "%(count)d draft moved to the section %(section)s.",
                "%(count)d drafts moved to the section %(section)s.", "count",
            ),
            _("Published articles move once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.move_to_section(article=article, by=by, **data),
            SectionForm, edits_text=True, present=_section, replaces=True,
        ),
        BulkAction(
            "topic", _("Add a topic"), _("Add a topic…"), _("Add topic"),
            ngettext_lazy(
                "%(count)d draft given the topic %(topic)s.", "%(count)d drafts given the topic %(topic)s.", "count"
            ),
            _("Existing topics are kept. Published articles are updated once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.add_topic(article=article, by=by, **data),
            TopicForm, edits_text=True, present=_topics,
        ),
        BulkAction(
            "access", _("Change access"), _("Change access…"), _("Change access"),
            ngettext_lazy(
                "%(count)d draft set to the access “%(level)s”.",
                "%(count)d drafts set to the access “%(level)s”.", "count",
            ),
            _("Published articles change for readers once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.set_access(article=article, by=by, **data),
            AccessForm, edits_text=True, present=lambda article: str(article.access_levels()), replaces=True,
        ),
        BulkAction(
            "author", _("Change author"), _("Change author…"), _("Change author"),
            ngettext_lazy(
                "%(count)d draft given the author %(author)s.", "%(count)d drafts given the author %(author)s.", "count"
            ),
            _("Published articles change for readers once you publish the change."),
            _never_blocked, lambda article, by, data: bulk_edit.set_author(article=article, by=by, **data),
            AuthorForm, edits_text=True, present=_authors,
        ),
        BulkAction(
            "review", _("Send to review"), _("Send to review…"), _("Send to review"),
            ngettext_lazy(
                "%(count)d article sent to review.", "%(count)d articles sent to review.", "count"
            ),
            _("Editors get an email for each article."), _review_blocker, _send_to_review,
        ),
        BulkAction(
            "assignee", _("Assign"), _("Assign…"), _("Assign"),
            ngettext_lazy(
                "%(count)d article assigned.", "%(count)d articles assigned.", "count"
            ),
            _("The assignee gets an email for each article."), _never_blocked, _assign, AssignForm,
        ),
        BulkAction(
            "withdraw", _("Withdraw"), _("Withdraw…"), _("Withdraw"),
            ngettext_lazy(
                "%(count)d article withdrawn.", "%(count)d articles withdrawn.", "count"
            ),
            _("The articles are taken off the site immediately. All versions are kept and can be restored."),
            _withdraw_blocker, _withdraw,
        ),
    )
}  # fmt: skip
