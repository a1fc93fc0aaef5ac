"""The article list: columns, search, ordering and filters."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import models
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.access import Level
from articles.admin.articles import bulk_running, duplicate, publish_access, saved_filters
from articles.admin.articles.filters import LIST_FILTERS
from articles.admin.base import BaseAdmin
from articles.admin.editing import local_time
from articles.admin.formatting import badges
from articles.models import Article, Author, Autosave, Byline, ReadCount, Section
from articles.models.articles import SHOWN_AT, UNLISTED_TEXTS
from articles.search.newsroom import find
from articles.services import autosave
from articles.workflow.stages import Stage
from truthlytics.web.dates import recent_date
from truthlytics.web.ids import parse_id
from truthlytics.web.long_lists import JoinedKeyPaginator
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import JsonObject
from truthlytics.web.users import user_of
from truthlytics.web.word_index import words_of

# Publishing saves the article slightly after the version, so a small difference is not an edit.
EDIT_TOLERANCE = timedelta(seconds=2)
# Hidden on narrow screens.
EMPTY = mark_safe('<span class="none">–</span>')


class ArticleListAdmin(BaseAdmin):
    paginator = JoinedKeyPaginator
    list_per_page = 40
    list_display = ["headline_line", "state_badge", "section_name", "access", "by", "date", "reads", "publication"]
    list_filter = tuple(LIST_FILTERS)
    list_select_related = ["section", "assignee"]
    search_fields = ["headline"]
    actions = bulk_running.ACTIONS
    change_list_template = "admin/articles/article/change_list.html"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Article]:
        articles: models.QuerySet[Article] = super().get_queryset(request).annotate(shown_at=SHOWN_AT)
        if self.may_publish(request):
            return articles
        return articles.filter(pk__in=Article.objects.visible_to(user_of(request)).values("pk"))

    def get_ordering(self, request: HttpRequest) -> Any:
        """Order by the date that is shown, or by due date when filtering by due date or by own or overdue work."""
        if request.GET.get("due") or request.GET.get("work") in {"mine", "late"}:
            return [F("due_on").asc(nulls_last=True), "-updated_at", "-pk"]
        return [F("shown_at").desc(), "-pk"]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Show the column with publish links to users who can publish."""
        return [name for name in self.list_display if name != "publication" or self.may_publish(request)]

    def may_publish(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("articles.publish_article"))

    has_publish_permission = may_publish

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Article], search_term: str
    ) -> tuple[QuerySet[Article], bool]:
        """Find each word in the headline, the standfirst, the slug or an author's name (see `search.newsroom`)."""
        words = words_of(strip_control_characters(search_term))
        if search_term.strip():
            queryset = find(queryset, words) if words else queryset.none()
        return queryset, False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Fetch the bylines and the reads of all rows in one query each."""
        changelist = super().get_changelist_instance(request)
        bylines = models.Prefetch("bylines", Byline.objects.select_related("author"))
        articles = changelist.result_list.defer(*UNLISTED_TEXTS).annotate(out_since=F("live__created_at"))
        articles = articles.with_access_levels()
        articles = list(articles.prefetch_related(bylines))
        reads = ReadCount.objects.totals([article.pk for article in articles])
        for article in articles:
            article.read_count = reads.get(article.pk, 0)
        _add_autosaved_fields([article for article in articles if article.is_placeholder])
        changelist.result_list = articles
        if not changelist.has_active_filters and not changelist.query:
            # All rows are shown, so hide the “Show all” link.
            changelist.full_result_count = changelist.result_count
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        tabs = saved_filters.tabs(request, may_publish=self.may_publish(request))
        return super().changelist_view(request, tabs | (extra_context or {}))

    def get_actions(
        self, request: HttpRequest, action_location: admin.ActionLocation = admin.ActionLocation.CHANGE_LIST
    ) -> JsonObject:
        """Remove bulk deletion, since published articles cannot be deleted."""
        actions = super().get_actions(request, action_location)
        return {name: action for name, action in actions.items() if name != "delete_selected"}

    def get_urls(self) -> list[URLPattern]:
        return [
            *saved_filters.paths(self),
            self.view_path("publish-access/", publish_access.page, "publish_access"),
            self.view_path("<int:pk>/duplicate/", duplicate.page, "duplicate"),
            *super().get_urls(),
        ]

    # --- columns ------------------------------------------------------------------------------
    @admin.display(description=gettext_lazy("headline"), ordering="headline")
    def headline_line(self, article: Article) -> str:
        return format_html(
            '<span class="list-headline">{}</span> <span class="list-headline__type">{}</span>',
            str(article),
            article.get_kind_display(),
        )

    @admin.display(description=gettext_lazy("status"))
    def state_badge(self, article: Article) -> str:
        """Show the state that readers see, the workflow stage, unpublished changes and the assignee."""
        details = []
        if article.state() in {"published", "changing"} and has_unpublished_changes(article):
            details.append(_("unpublished changes"))
        if article.is_placeholder:
            details.append(_("only saved automatically so far"))
        if article.assignee:
            details.append(_("assigned to %s") % article.assignee)
        lines = format_html_join("", ' <span class="row-detail">{}</span>', ((detail,) for detail in details))
        return format_html("{}{}", badges(article), lines)

    @admin.display(description=gettext_lazy("section"), ordering="section")
    def section_name(self, article: Article) -> str:
        name = article.section.name if article.section else getattr(article, "autosaved_section", "")
        return name or EMPTY

    @admin.display(description=gettext_lazy("access"), ordering="required_level")
    def access(self, article: Article) -> str:
        """Show what readers get or will get first, then the scheduled version and the draft where they differ."""
        levels = article.access_levels()
        first = next(level for level in (levels.public, levels.scheduled, levels.draft) if level is not None)
        details = []
        if levels.scheduled not in {None, first}:
            details.append(_("scheduled: %s") % Level(levels.scheduled).label)
        if levels.differ:
            details.append(_("draft: %s") % Level(levels.draft).label)
        lines = format_html_join("", ' <span class="row-detail">{}</span>', ((detail,) for detail in details))
        return format_html("{}{}", Level(first).label, lines)

    @admin.display(description=gettext_lazy("authors"))
    def by(self, article: Article) -> str:
        names = [byline.author.name for byline in article.bylines.all()]
        return ", ".join(names or getattr(article, "autosaved_authors", ())) or "–"

    @admin.display(description=gettext_lazy("date"), ordering="shown_at")
    def date(self, article: Article) -> str:
        """Show when the article was edited, published or is scheduled, when it expires and when it is due."""
        state = article.state()
        label, at = {
            "draft": (_("edited"), article.updated_at),
            "scheduled": (_("scheduled"), article.upcoming_at),
            "changing": (_("update scheduled"), article.upcoming_at),
        }.get(state, ("", article.published_at or article.updated_at))
        times = [(label, at)]
        if expires_at := local_time.future_expiry(article):
            times.append((_("removal"), expires_at))
        local_times = [(label, timezone.localtime(at)) for label, at in times if at is not None]
        elements = format_html_join(
            "",
            '<span class="published-at">{} <time datetime="{}">{}</time></span> ',
            (
                (label, local.isoformat(timespec="seconds"), recent_date(local, "j M, H:i"))
                for label, local in local_times
            ),
        )
        return format_html("{}{}", elements, _due_date(article))

    @admin.display(description=gettext_lazy("people"))
    def reads(self, article: Article) -> str:
        """Show the people who read it, with a link to all figures."""
        count: int = getattr(article, "read_count", 0)
        if not count:
            return EMPTY
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:statistics_article", args=[article.pk]), intcomma(count)
        )

    @admin.display(description=gettext_lazy("publish"))
    def publication(self, article: Article) -> str:
        """Link to the publish page, unless there is nothing to publish."""
        labels = {
            "draft": _("Publish…"),
            "scheduled": _("Reschedule…"),
            "changing": _("Reschedule…"),
            "published": _("Publish…"),
        }
        state = article.state()
        if state not in labels:
            return EMPTY
        if state == "published" and not has_unpublished_changes(article):
            return EMPTY
        return format_html(
            '<a class="row-action" href="{}">{}<span class="visually-hidden"> {}</span></a>',
            reverse("admin:articles_article_publish", args=[article.pk]),
            labels[state],
            str(article),
        )


def _add_autosaved_fields(articles: list[Any]) -> None:
    """Set the section and authors that the newest autosave of articles that were never saved has. Three queries."""
    if not articles:
        return
    newest = Autosave.objects.filter(article__in=articles).order_by("saved_at", "pk")
    forms = {stored.article_id: autosave.form_of(stored) for stored in newest}
    chosen = {pk: parse_id(form.get("section", "")) for pk, form in forms.items()}
    bylines = {pk: autosave.author_ids(form) for pk, form in forms.items()}
    sections = Section.objects.in_bulk({pk for pk in chosen.values() if pk is not None})
    authors = Author.objects.in_bulk({pk for ids in bylines.values() for pk in ids})
    for article in articles:
        section = sections.get(chosen.get(article.pk))
        article.autosaved_section = str(section) if section else ""
        article.autosaved_authors = [authors[pk].name for pk in bylines.get(article.pk, ()) if pk in authors]


def has_unpublished_changes(article: Article) -> bool:
    """Return whether the article was edited since its served version was created (`out_since`, an annotation)."""
    out_since = getattr(article, "out_since", None)
    return out_since is None or article.updated_at >= out_since + EDIT_TOLERANCE


def _due_date(article: Article) -> str:
    """Show when the work on the article is due, while it is open."""
    if article.due_on is None or article.stage == Stage.PUBLISHED:
        return ""
    overdue = article.due_on < timezone.localdate()
    date = recent_date(article.due_on, "j M")
    text = _("due %s, overdue") % date if overdue else _("due %s") % date
    return format_html('<span class="due-date{}">{}</span>', " due-date--overdue" if overdue else "", text)
