"""Moderation of comments, pending and reported ones first, and comment settings of articles."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ActionLocation, helpers
from django.db import transaction
from django.db.models import Case, Count, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.defaultfilters import pluralize
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from comments import services
from comments.models import STEP_LENGTH, Comment, Thread, open_reports
from comments.text import excerpt
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import log_changes

LIST_AND_FORM = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]
MAX_CONTEXT = 40


class RemovalForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
        help_text="Shown to readers in place of the comment and emailed to its author. Be specific: "
        "“names a private person’s address”, not “rule 4”.",
    )


class ReportedFilter(admin.SimpleListFilter):
    title = "reports"
    parameter_name = "reported"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Not reviewed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        return queryset.filter(open_reports()) if self.value() == "open" else queryset


@admin.register(Comment)
class CommentAdmin(AuditedAdmin):
    list_display = ("beginning", "state", "report_total", "author_name", "article_link", "created_at")
    list_filter = ("status", ReportedFilter, "created_at")
    list_per_page = 50
    ordering = (
        Case(When(status=Comment.Status.WAITING, then=0), When(open_reports(), then=1), default=2),
        "-created_at",
        "-pk",
    )
    search_fields = ("text", "author__display_name", "author__email")
    actions = ("approve", "remove")
    readonly_fields = (
        "full_text", "state", "author_name", "article_link", "created_at", "edited_at", "approved", "removed",
        "context", "reports", "earlier_versions",
    )  # fmt: skip
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "full_text", "state", "author_name", "article_link", "context", "reports", "earlier_versions",
                )
            },
        ),
        ("Activity", {"fields": ("created_at", "edited_at", "approved", "removed")}),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        """Moderators approve or remove comments but never change their text."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.moderate_comment")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        comments: QuerySet[Comment] = super().get_queryset(request).select_related("author", "article__live")
        article = ("article__slug", "article__headline", "article__live__headline")
        own = [field.attname for field in Comment._meta.concrete_fields]
        return comments.only(*own, "author", *article).annotate(report_count=Count("reports"))

    @admin.display(description="comment")
    def beginning(self, comment: Comment) -> str:
        return excerpt(comment.text, 160)

    @admin.display(description="comment")
    def full_text(self, comment: Comment) -> SafeString:
        return mark_safe(comment.html)  # noqa: S308  sanitised by comments.text.render

    @admin.display(description="status", ordering="status")
    def state(self, comment: Comment) -> str:
        return comment.get_status_display()

    @admin.display(description="author", ordering="author__display_name")
    def author_name(self, comment: Comment) -> str:
        return comment.author.display_name if comment.author else "A former reader"

    @admin.display(description="article")
    def article_link(self, comment: Comment) -> SafeString:
        article = comment.article
        headline = article.live.headline if article.live else article.headline
        return format_html('<a href="{}">{}</a>', comment.get_absolute_url(), excerpt(headline, 40))

    @admin.display(description="reports", ordering="report_count")
    def report_total(self, comment: Any) -> int:
        return int(comment.report_count)

    @admin.display
    def approved(self, comment: Comment) -> str:
        return _activity(comment.approved_at, comment.approved_by, "")

    @admin.display
    def removed(self, comment: Comment) -> str:
        return _activity(comment.removed_at, comment.removed_by, comment.removed_reason)

    @admin.display
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

    @admin.display
    def reports(self, comment: Comment) -> str:
        is_open = Comment.objects.filter(open_reports()).filter(pk=comment.pk).exists()
        context = {"reports": comment.reports.select_related("reporter"), "open": is_open}
        return render_to_string("admin/comments/reports.html", context)

    @admin.display
    def earlier_versions(self, comment: Comment) -> str:
        return render_to_string("admin/comments/revisions.html", {"revisions": comment.revisions.all()})

    @admin.action(permissions=["moderate"], description="Approve", location=LIST_AND_FORM)
    def approve(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        comments = list(queryset)
        with transaction.atomic(), log_changes(comments, by=request.user, message="Approved."):
            approved = services.approve(comments=comments, by=request.user)
        message = f"{approved} of {len(comments)} comment{pluralize(comments)} approved."
        if approved < len(comments):
            message += " The others were already visible and not reported."
        self.message_user(request, message, messages.SUCCESS)

    @admin.action(permissions=["moderate"], description="Remove", location=LIST_AND_FORM)
    def remove(self, request: HttpRequest, queryset: QuerySet[Comment]) -> HttpResponse:
        """Ask for the reason on a page of its own, which posts to the list."""
        comments = list(queryset)
        confirmed = "reason" in request.POST
        form = RemovalForm(request.POST if confirmed else None)
        change_list = reverse("admin:comments_comment_changelist")
        if confirmed and form.is_valid():
            reason = form.cleaned_data["reason"]
            with transaction.atomic(), log_changes(comments, by=request.user, message=f"Removed: {reason}"):
                removed = services.remove(comments=comments, by=request.user, reason=reason)
            message = f"{removed} comment{pluralize(removed)} removed. The authors have been notified by email."
            self.message_user(request, message, messages.SUCCESS)
            return HttpResponseRedirect(change_list)
        context = {
            **self.admin_site.each_context(request),
            "title": "Remove comments" if len(comments) > 1 else "Remove comment",
            "opts": self.opts,
            "form": form,
            "comments": comments,
            "back": change_list,
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
        }
        return render(request, "admin/comments/remove.html", context)


@admin.register(Thread)
class ThreadAdmin(AuditedAdmin):
    list_display = ("article_link", "visible_count", "closes_at")
    fields = ("article", "closes_at", "closed_message", "visible_count")
    raw_id_fields = ("article",)
    readonly_fields = ("article_link", "visible_count")
    ordering = ("-visible_count", "-pk")
    actions = ("close",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Thread]:
        return super().get_queryset(request).select_related("article")

    def get_fields(self, request: HttpRequest, obj: Thread | None = None) -> Any:
        """Link to the public article instead of its change form, which moderators may not open."""
        return self.fields if obj is None else ("article_link", *self.fields[1:])

    def has_delete_permission(self, request: HttpRequest, obj: Thread | None = None) -> bool:
        return False

    @admin.display(description="article")
    def article_link(self, thread: Thread) -> str:
        article = thread.article
        if article.live_id is None:
            return str(article)
        return format_html('<a href="{}">{}</a>', article.get_absolute_url(), article)

    @admin.action(permissions=["change"], description="Close now")
    def close(self, request: HttpRequest, queryset: QuerySet[Thread]) -> None:
        threads = list(Thread.objects.open().filter(pk__in=queryset.values("pk")))
        with transaction.atomic(), log_changes(threads, by=request.user, message="Closed."):
            for thread in threads:
                thread.closes_at = timezone.now()
                # Saving each one invalidates its cached page.
                thread.save(update_fields=["closes_at"])
        self.message_user(request, f"Comments closed on {len(threads)} article{pluralize(threads)}.", messages.SUCCESS)


def _activity(at: datetime | None, by: Any, reason: str) -> str:
    if at is None:
        return "–"
    return f"{timezone.localtime(at):%-d %b %Y, %H:%M} by {by or 'the system'}{': ' if reason else ''}{reason}"
