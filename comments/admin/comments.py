"""The list of all comments, for searching, and the page of each with its thread, reports and earlier texts."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.admin import moderation, queue
from comments.admin.base import DateFilter, ModerationAdmin
from comments.models import STEP_LENGTH, Comment, Report, open_reports
from comments.models.queue import Tab, queue_counts
from comments.search import find
from comments.text import excerpt
from truthlytics.web.dates import local_date
from truthlytics.web.generic import ModelAdmin
from truthlytics.web.long_lists import KeyPaginator
from truthlytics.web.text import split_words, strip_control_characters
from truthlytics.web.users import User, user_of
from truthlytics.web.word_index import words_of

MAX_CONTEXT = 40


class ReportedFilter(admin.SimpleListFilter):
    title = gettext_lazy("reports")
    parameter_name = "reported"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Comment]) -> list[tuple[str, str]]:
        return [("open", _("Not reviewed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        return queryset.filter(open_reports()) if self.value() == "open" else queryset


@admin.register(Comment)
class CommentAdmin(ModerationAdmin):
    purpose = gettext_lazy(
        "Everything that readers have written below articles. You decide about new comments in the queue."
    )
    list_display = ("beginning",)
    list_filter = ("status", ReportedFilter, ("created_at", DateFilter))
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 30
    paginator = KeyPaginator
    ordering = ("-created_at", "-pk")
    search_fields = ("text",)
    search_help_text = gettext_lazy("Words of the text, or a part of the writer’s name or email address")
    actions = ("approve", "remove")
    readonly_fields = split_words(
        "full_text state author_name article_link created_at edited_at approved removed context reports "
        "earlier_versions"
    )
    fieldsets = (
        (
            None,
            {"fields": ("full_text", "state", "author_name", "article_link", "context", "reports", "earlier_versions")},
        ),
        (gettext_lazy("Activity"), {"fields": ("created_at", "edited_at", "approved", "removed")}),
    )

    def get_site_urls(self) -> list[URLPattern]:
        return queue.paths(self)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Comment], bool]:
        """Search by email address only for users with permission to see it."""
        words = words_of(strip_control_characters(search_term))
        if search_term.strip():
            by_email = request.user.has_perm("subscriptions.view_user")
            queryset = find(queryset, words, by_email=by_email) if words else queryset.none()
        return queryset, False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        comments: QuerySet[Comment] = super().get_queryset(request).select_related("author", "article__live")
        article = ("article__slug", "article__headline", "article__live__headline")
        own = [field.attname for field in Comment._meta.concrete_fields]
        return comments.only(*own, "author", *article)

    def for_list(self, comments: QuerySet[Comment]) -> QuerySet[Comment]:
        """Fetch what a row of the list shows: the reports, and whether any of them is open."""
        reports = Prefetch("reports", Report.objects.select_related("reporter"))
        return comments.annotate(is_reported=open_reports()).prefetch_related(reports)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changelist = super().get_changelist_instance(request)
        changelist.result_list = list(self.for_list(changelist.result_list))
        return changelist

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        may_moderate = self.has_moderate_permission(request)
        context = {"may_moderate": may_moderate, "to_review": queue_counts()[Tab.ALL] if may_moderate else 0}
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        context = {"may_moderate": self.has_moderate_permission(request)}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    @admin.display(description=gettext_lazy("comment"))
    def beginning(self, comment: Comment) -> str:
        return excerpt(comment.text, 160)

    @admin.display(description=gettext_lazy("comment"))
    def full_text(self, comment: Comment) -> SafeString:
        return mark_safe(comment.html)  # noqa: S308  sanitised by comments.text.render

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, comment: Comment) -> str:
        return comment.get_status_display()

    @admin.display(description=gettext_lazy("author"), ordering="author__display_name")
    def author_name(self, comment: Comment) -> str:
        return comment.writer_name or _("A former reader")

    @admin.display(description=gettext_lazy("article"))
    def article_link(self, comment: Comment) -> SafeString:
        article = comment.article
        headline = article.live.headline if article.live else article.headline
        return format_html('<a href="{}">{}</a>', comment.get_absolute_url(), excerpt(headline, 40))

    @admin.display
    def approved(self, comment: Comment) -> str:
        return _activity(comment.approved_at, comment.approved_by, "")

    @admin.display
    def removed(self, comment: Comment) -> str:
        return _activity(comment.removed_at, comment.removed_by, comment.removed_reason)

    @admin.display(description=gettext_lazy("context"))
    def context(self, comment: Comment) -> str:
        """Show the comments above and directly below this one, and the author's record."""
        path = comment.path
        ancestors = [path[:end] for end in range(STEP_LENGTH, len(path), STEP_LENGTH)]
        nearby = Q(path__in=ancestors) | Q(pk=comment.parent_id) | Q(parent=comment) | Q(pk=comment.pk)
        comments = Comment.objects.filter(nearby, article=comment.article_id).with_authors().order_by("path")
        by_author = Comment.objects.filter(author=comment.author_id, author__isnull=False)
        counts = dict(by_author.values_list("status").annotate(Count("pk")).order_by())
        context = {"comment": comment, "comments": comments[:MAX_CONTEXT], "counts": counts}
        return render_to_string("admin/comments/context.html", context)

    @admin.display(description=gettext_lazy("reports"))
    def reports(self, comment: Comment) -> str:
        is_open = Comment.objects.filter(open_reports()).filter(pk=comment.pk).exists()
        context = {"reports": comment.reports.select_related("reporter"), "open": is_open}
        return render_to_string("admin/comments/reports.html", context)

    @admin.display(description=gettext_lazy("earlier versions"))
    def earlier_versions(self, comment: Comment) -> str:
        return render_to_string("admin/comments/revisions.html", {"revisions": comment.revisions.all()})

    @admin.action(permissions=["moderate"], description=gettext_lazy("Approve"))
    def approve(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        seen = moderation.seen_texts(request.POST)
        message = moderation.approve_all(list(queryset), by=user_of(request), seen=seen)
        self.message_user(request, message, messages.SUCCESS)

    @admin.action(permissions=["moderate"], description=gettext_lazy("Remove…"))
    def remove(self, request: HttpRequest, queryset: QuerySet[Comment]) -> HttpResponse:
        """Ask for the reason on a page of its own, which posts to the list."""
        comments = list(queryset)
        form = moderation.RemovalForm(request.POST if "reason" in request.POST else None)
        if form.is_valid():
            message = moderation.remove_all(comments, by=user_of(request), reason=form.cleaned_data["reason"])
            self.message_user(request, message, messages.SUCCESS)
            return HttpResponseRedirect(reverse(moderation.LIST))
        return moderation.removal_page(self, request, comments, form)


def _activity(at: datetime | None, by: User | None, reason: str) -> str:
    if at is None:
        return "–"
    text = _("%(time)s by %(user)s") % {
        "time": local_date(at, "j M Y, H:i"),
        "user": by or _("the system"),
    }
    return f"{text}: {reason}" if reason else text
