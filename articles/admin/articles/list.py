"""The list of articles: what stands in each row, how one searches, and the filters above it."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from articles.admin.articles import bulk_actions, saved_filters
from articles.admin.articles.filters import DueFilter, HandsFilter, StateFilter, WorkFilter
from articles.admin.base import BaseAdmin
from articles.admin.editing import local_time
from articles.admin.formatting import badges
from articles.models import Article, Author, Byline, ReadCount
from articles.workflow.stages import Stage
from truthlytics.web.text import without_controls

LONGEST_SEARCH, MOST_WORDS = 200, 6
# Publishing writes the version first and the row after it.
A_MOMENT = timedelta(seconds=2)
# A day of this year, and of another.
SHORT, LONG = "%-d %b, %H:%M", "%-d %b %Y, %H:%M"
# What a narrow screen has no room for.
NONE = mark_safe('<span class="none">–</span>')
# What a row does not show, and a text may be long.
UNSEEN = ("body", "standfirst", "lead_caption", "seo_title", "seo_description")


class ArticleList(BaseAdmin):
    list_display = ["headline_line", "state_badge", "section", "access", "by", "date", "reads", "publication"]
    list_filter = [StateFilter, WorkFilter, HandsFilter, DueFilter, "section", "kind", "required_level", "series"]
    list_select_related = ["section", "assignee"]
    search_fields = ["headline"]
    show_facets = admin.ShowFacets.NEVER
    actions = bulk_actions.ACTIONS
    change_list_template = "admin/articles/article/change_list.html"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Article]:
        everything = super().get_queryset(request)
        if self.may_publish(request):
            return everything
        return everything.filter(pk__in=Article.objects.visible_to(request.user).values("pk"))

    def get_ordering(self, request: HttpRequest) -> Any:
        """What is due first comes first where one asks by when, or for what is one's own to do."""
        if request.GET.get("due") or request.GET.get("work") in {"mine", "late"}:
            return [F("due_on").asc(nulls_last=True), "-updated_at", "-pk"]
        return super().get_ordering(request)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The way to publication is there for those who may go it."""
        return [name for name in self.list_display if name != "publication" or self.may_publish(request)]

    def may_publish(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("articles.publish_article"))

    has_publish_permission = may_publish

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Each word stands in the headline, the standfirst or an author's name. No join, so no row comes twice."""
        for word in without_controls(search_term[:LONGEST_SEARCH]).split()[:MOST_WORDS]:
            named = Byline.objects.filter(author__in=Author.objects.filter(name__icontains=word).values("pk"))
            found = Q(headline__icontains=word) | Q(standfirst__icontains=word) | Q(pk__in=named.values("article"))
            queryset = queryset.filter(found)
        return queryset, False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """One query for the bylines and one for the reads of all rows that are shown."""
        changes = super().get_changelist_instance(request)
        bylines = models.Prefetch("bylines", Byline.objects.select_related("author"))
        rows = list(changes.result_list.defer(*UNSEEN).annotate(out_since=F("live__made_at")).prefetch_related(bylines))
        reads = ReadCount.objects.totals([row.pk for row in rows])
        for row in rows:
            row.read_often = reads.get(row.pk, 0)
        changes.result_list = rows
        if not changes.has_active_filters and not changes.query:
            changes.full_result_count = changes.result_count  # all there are: no “show all” beside it
        return changes

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        tabs = saved_filters.tabs(request, may_publish=self.may_publish(request))
        return super().changelist_view(request, tabs | (extra_context or {}))

    def get_actions(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Without Django's own deletion of many: what has versions in the record is kept."""
        return {name: each for name, each in super().get_actions(*args, **kwargs).items() if name != "delete_selected"}

    def get_urls(self) -> list[Any]:
        return saved_filters.paths(self) + super().get_urls()

    # --- a row --------------------------------------------------------------------------------
    @admin.display(description="headline", ordering="headline")
    def headline_line(self, article: Article) -> str:
        return format_html(
            '<span class="hl">{}</span> <span class="hl__kind">{}</span>', str(article), article.get_kind_display()
        )

    @admin.display(description="state")
    def state_badge(self, article: Article) -> str:
        """How far it is: for readers, and where work is under way, for the newsroom; with whose turn it is."""
        with_whom = format_html(' <span class="with">with {}</span>', article.assignee) if article.assignee else ""
        return format_html("{}{}", badges(article), with_whom)

    @admin.display(description="access", ordering="required_level")
    def access(self, article: Article) -> str:
        return article.get_required_level_display()

    @admin.display(description="by")
    def by(self, article: Article) -> str:
        return ", ".join(byline.author.name for byline in article.bylines.all()) or "–"

    @admin.display(description="date", ordering="published_at")
    def date(self, article: Article) -> str:
        this_year = timezone.localtime().year
        words = {"draft": "edited", "scheduled": "goes out", "changing": "changes"}
        state = article.state()
        at: Any = {"draft": article.updated_at, "scheduled": article.upcoming_at, "changing": article.upcoming_at}.get(
            state, article.published_at or article.updated_at
        )
        shown = [(words.get(state, ""), at), *([("ends", ends)] if (ends := local_time.ahead(article)) else [])]
        local = [(word, timezone.localtime(at)) for word, at in shown]
        moments_told = format_html_join(
            "",
            '<span class="when">{} <time datetime="{}">{}</time></span> ',
            (
                (word, at.isoformat(timespec="seconds"), at.strftime(SHORT if at.year == this_year else LONG))
                for word, at in local
            ),
        )
        return format_html("{}{}", moments_told, _due(article))

    @admin.display(description="reads")
    def reads(self, article: Article) -> str:
        count: int = getattr(article, "read_often", 0)
        return f"{count:,}" if count else NONE

    @admin.display(description="publish")
    def publication(self, article: Article) -> str:
        """The page that shows what will happen, and asks."""
        words = {"draft": "Publish…", "scheduled": "Change plan…", "changing": "Change plan…", "published": "Publish…"}
        state = article.state()
        if state not in words:
            return NONE
        since = getattr(article, "out_since", None)
        if state == "published" and since is not None and article.updated_at < since + A_MOMENT:
            return NONE  # nobody has touched it since
        return format_html(
            '<a class="rowdeed" href="{}">{}<span class="visually-hidden"> {}</span></a>',
            reverse("admin:articles_article_publish", args=[article.pk]), words[state], str(article),
        )  # fmt: skip


def _due(article: Article) -> str:
    """By when the work is due, while it is open."""
    if article.due_on is None or article.stage == Stage.PUBLISHED:
        return ""
    late = article.due_on < timezone.localdate()
    words = f"due {article.due_on:%-d %b}{', late' if late else ''}"
    return format_html('<span class="due{}">{}</span>', " due--late" if late else "", words)
