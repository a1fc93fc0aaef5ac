"""Filters of the article list."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet, Value
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.formatting import STATES
from articles.models import Article, Author, Byline, Topic
from articles.models.authors import distinct_labels
from articles.richtext.vocabulary import MISSING_IMAGE
from truthlytics.web.generic import ModelAdmin
from truthlytics.web.ids import parse_id
from truthlytics.web.long_lists import SelectFilter
from truthlytics.web.option_filters import OptionFilter
from truthlytics.web.types import AnyRows
from truthlytics.web.users import user_of

ARTICLE_STATES = ("draft", "scheduled", "published", "changing", "withdrawn")
WORKFLOW = {
    "mine": gettext_lazy("Assigned to me"),
    "review": gettext_lazy("In review"),
    "ready": gettext_lazy("Ready"),
    "late": gettext_lazy("Overdue"),
}
MAX_ASSIGNEES = 50
# Number of assignees, authors and topics to choose from.
MAX_OPTIONS = 3000


def _options(request: HttpRequest, name: str) -> list[tuple[str, str]]:
    """Return the keys and names of the assignees, authors or topics to filter by. One query per request for all."""
    if not hasattr(request, "article_filter_options"):
        users = get_user_model()._default_manager.order_by().filter(pk__in=Article.objects.assignees())
        topics = Topic.objects.order_by().filter(merged_into=None)
        none = Value("")
        rows = users.values_list(Value("assignee"), "pk", "display_name", none, none).union(
            Author.objects.order_by().values_list(Value("author"), "pk", "name", "role", "slug"),
            topics.values_list(Value("topic"), "pk", "name", none, none),
            all=True,
        )[:MAX_OPTIONS]
        authors = distinct_labels(row[1:] for row in rows if row[0] == "author")
        labelled = [(kind, pk, authors[pk] if kind == "author" else name) for kind, pk, name, *_details in rows]
        options: dict[str, list[tuple[str, str]]] = {}
        for kind, pk, label in sorted(labelled, key=lambda row: str(row[2]).casefold()):
            options.setdefault(kind, []).append((str(pk), label or _("Reader %(pk)s") % {"pk": pk}))
        request.article_filter_options = options  # type: ignore[attr-defined]
    found: list[tuple[str, str]] = request.article_filter_options.get(name, [])  # type: ignore[attr-defined]
    return found


class StateFilter(admin.SimpleListFilter):
    """The states of `Article.state()`, as database queries."""

    title = gettext_lazy("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Article]) -> list[tuple[str, str]]:
        return [(state, str(STATES[state][1])) for state in ARTICLE_STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        if self.value() not in ARTICLE_STATES:
            return queryset
        now = timezone.now()
        withdrawn = Q(withdrawn_at__isnull=False, withdrawn_at__lte=now)
        scheduled, live = Q(upcoming_at__isnull=False, upcoming_at__gt=now), Q(live__isnull=False)
        due = Q(upcoming_at__isnull=False, upcoming_at__lte=now)
        states = {
            "draft": ~live & Q(upcoming_at=None),
            "scheduled": ~live & scheduled,
            "published": (live & Q(upcoming_at=None)) | due,
            "changing": live & scheduled,
        }
        state = self.value() or ""
        return queryset.filter(withdrawn if state == "withdrawn" else states[state] & ~withdrawn)


class AssigneeFilter(admin.SimpleListFilter):
    """Filter by assignee: a user with assigned articles, or unassigned."""

    title = gettext_lazy("assignee")
    parameter_name = "assignee"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Article]) -> list[tuple[str, str]]:
        return [*_options(request, "assignee")[:MAX_ASSIGNEES], ("nobody", _("Unassigned"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        if self.value() is None:
            return queryset
        return queryset.filter(assignee=None if self.value() == "nobody" else parse_id(self.value()) or 0)


class DueFilter(OptionFilter):
    title = gettext_lazy("due date")
    parameter_name = "due"
    options = {
        "today": (gettext_lazy("Today or earlier"), lambda articles: articles.filter(due_on__lte=timezone.localdate())),
        "week": (
            gettext_lazy("Within a week"),
            lambda articles: articles.filter(due_on__lte=timezone.localdate() + timedelta(days=7)),
        ),
        "none": (gettext_lazy("No due date"), Q(due_on=None)),
    }


class WorkflowFilter(admin.SimpleListFilter):
    title = gettext_lazy("workflow")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Article]) -> list[tuple[str, str]]:
        return [(name, str(label)) for name, label in WORKFLOW.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        querysets: dict[str, Callable[[], AnyRows]] = {
            "mine": partial(Article.objects.assigned_to, user_of(request)),
            "review": Article.objects.in_review,
            "ready": Article.objects.ready,
            "late": Article.objects.overdue,
        }
        get_articles = querysets.get(self.value() or "")
        return queryset & get_articles() if get_articles else queryset


class AuthorFilter(SelectFilter):
    title = gettext_lazy("author")
    parameter_name = "author"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Article]) -> list[tuple[str, str]]:
        return _options(request, "author")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        if not self.value():
            return queryset
        return queryset.filter(pk__in=Byline.objects.filter(author=parse_id(self.value()) or 0).values("article"))


class TopicFilter(SelectFilter):
    title = gettext_lazy("topic")
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Article]) -> list[tuple[str, str]]:
        return _options(request, "topic")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        if not self.value():
            return queryset
        tagged = Article.topics.through.objects.filter(topic=parse_id(self.value()) or 0)
        return queryset.filter(pk__in=tagged.values("article"))


class ImagesFilter(OptionFilter):
    """Articles with notes about images that an import could not get."""

    title = gettext_lazy("images")
    parameter_name = "images"
    options = {"missing": (gettext_lazy("Images missing"), Q(body__contains=f"<em>{MISSING_IMAGE}"))}


# In the order of the list. Saved filters take their parameters from here.
LIST_FILTERS: list[type[admin.SimpleListFilter] | str] = [
    StateFilter, WorkflowFilter, AssigneeFilter, DueFilter, "section", AuthorFilter, TopicFilter, "kind",
    "required_level", "series", ImagesFilter,
]  # fmt: skip


def parameter(chosen: type[admin.SimpleListFilter] | str) -> str:
    """Return the query parameter of a filter, or of a field to filter by."""
    if not isinstance(chosen, str):
        return str(chosen.parameter_name)
    return f"{chosen}__id__exact" if Article._meta.get_field(chosen).is_relation else f"{chosen}__exact"
