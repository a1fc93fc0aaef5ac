"""The moderators' desk: what waits first, each comment with the thread around it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ActionLocation, helpers
from django.db import transaction
from django.db.models import Case, Count, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from comments import services
from comments.models import LEVEL, Comment, Thread, open_reports
from comments.text import excerpt
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import log_changes

BOTH_PLACES = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]
AROUND = 40


class RemovalForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
        help_text="Readers see it in the comment’s place and its writer gets it in a letter: "
        "“names a private person’s address”, not “rule 4”.",
    )


class ReportedFilter(admin.SimpleListFilter):
    title = "reports"
    parameter_name = "reported"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Not looked at yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        return queryset.filter(open_reports()) if self.value() == "open" else queryset


@admin.register(Comment)
class CommentAdmin(AuditedAdmin):
    list_display = ("beginning", "state", "reported", "writer", "piece", "created_at")
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
        "words", "state", "writer", "piece", "created_at", "edited_at", "approved", "removed", "around", "reports",
        "earlier",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("words", "state", "writer", "piece", "around", "reports", "earlier")}),
        ("Who did what", {"fields": ("created_at", "edited_at", "approved", "removed")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        """Nobody rewrites what a reader wrote."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.moderate_comment")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        comments: QuerySet[Comment] = super().get_queryset(request).select_related("author", "article__live")
        article = ("article__slug", "article__headline", "article__live__headline")
        own = [field.attname for field in Comment._meta.concrete_fields]
        comments = comments.only(*own, "author", *article).annotate(report_count=Count("reports"))
        return comments

    @admin.display(description="comment")
    def beginning(self, comment: Comment) -> str:
        return excerpt(comment.text, 160)

    @admin.display(description="comment")
    def words(self, comment: Comment) -> SafeString:
        return mark_safe(comment.html)  # noqa: S308  made by comments.text.render

    @admin.display(description="status", ordering="status")
    def state(self, comment: Comment) -> str:
        return comment.get_status_display()

    @admin.display(description="writer", ordering="author__display_name")
    def writer(self, comment: Comment) -> str:
        return comment.author.display_name if comment.author else "A former reader"

    @admin.display(description="article")
    def piece(self, comment: Comment) -> SafeString:
        article = comment.article
        headline = article.live.headline if article.live else article.headline
        return format_html('<a href="{}">{}</a>', comment.get_absolute_url(), excerpt(headline, 40))

    @admin.display(description="reports", ordering="report_count")
    def reported(self, comment: Any) -> int:
        return int(comment.report_count)

    @admin.display
    def approved(self, comment: Comment) -> str:
        return _deed(comment.approved_at, comment.approved_by, "")

    @admin.display
    def removed(self, comment: Comment) -> str:
        return _deed(comment.removed_at, comment.removed_by, comment.removed_reason)

    @admin.display(description="around it")
    def around(self, comment: Comment) -> str:
        path = comment.path
        above = [path[:end] for end in range(LEVEL, len(path), LEVEL)]
        near = Q(path__in=above) | Q(pk=comment.parent_id) | Q(parent=comment) | Q(pk=comment.pk)
        found = Comment.objects.filter(near, article=comment.article_id).drawn().order_by("path")[:AROUND]
        record = Comment.objects.filter(author=comment.author_id, author__isnull=False)
        standing = dict(record.values_list("status").annotate(Count("pk")).order_by())
        context = {"comment": comment, "comments": found, "standing": standing}
        return render_to_string("admin/comments/context.html", context)

    @admin.display(description="reports")
    def reports(self, comment: Comment) -> str:
        found = comment.reports.select_related("reporter")
        context = {"reports": found, "open": Comment.objects.filter(open_reports()).filter(pk=comment.pk).exists()}
        return render_to_string("admin/comments/reports.html", context)

    @admin.display(description="said before")
    def earlier(self, comment: Comment) -> str:
        return render_to_string("admin/comments/revisions.html", {"revisions": comment.revisions.all()})

    @admin.action(permissions=["moderate"], description="Approve", location=BOTH_PLACES)
    def approve(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        chosen = list(queryset)
        with transaction.atomic(), log_changes(chosen, by=request.user, message="Approved."):
            done = services.approve(comments=chosen, by=request.user)
        sentence = f"{done} of {len(chosen)} approved; the others were visible, and not reported."
        self.message_user(request, sentence, messages.SUCCESS)

    @admin.action(permissions=["moderate"], description="Remove, with a reason", location=BOTH_PLACES)
    def remove(self, request: HttpRequest, queryset: QuerySet[Comment]) -> HttpResponse:
        """First asks for the reason on a page of its own, which posts to the list."""
        chosen = list(queryset)
        asked = "reason" in request.POST
        form = RemovalForm(request.POST if asked else None)
        back = reverse("admin:comments_comment_changelist")
        if asked and form.is_valid():
            reason = form.cleaned_data["reason"]
            with transaction.atomic(), log_changes(chosen, by=request.user, message=f"Removed: {reason}"):
                done = services.remove(comments=chosen, by=request.user, reason=reason)
            self.message_user(request, f"{done} removed. Each writer gets a letter with the reason.", messages.SUCCESS)
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": "Why are they removed?" if len(chosen) > 1 else "Why is it removed?",
            "opts": self.opts,
            "form": form,
            "comments": chosen,
            "back": back,
            "checkbox": helpers.ACTION_CHECKBOX_NAME,
        }
        return render(request, "admin/comments/remove.html", context)


@admin.register(Thread)
class ConversationAdmin(AuditedAdmin):
    list_display = ("piece", "visible_count", "closes_at")
    fields = ("article", "closes_at", "closed_message", "visible_count")
    raw_id_fields = ("article",)
    readonly_fields = ("piece", "visible_count")
    ordering = ("-visible_count", "-pk")
    actions = ("close",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Thread]:
        return super().get_queryset(request).select_related("article")

    def get_fields(self, request: HttpRequest, obj: Thread | None = None) -> Any:
        """The article's own form may be closed to a moderator; its page is not."""
        return self.fields if obj is None else ("piece", *self.fields[1:])

    def has_delete_permission(self, request: HttpRequest, obj: Thread | None = None) -> bool:
        return False

    @admin.display(description="article")
    def piece(self, thread: Thread) -> str:
        article = thread.article
        if article.live_id is None:
            return str(article)
        return format_html('<a href="{}">{}</a>', article.get_absolute_url(), article)

    @admin.action(permissions=["change"], description="Close now")
    def close(self, request: HttpRequest, queryset: QuerySet[Thread]) -> None:
        chosen = list(Thread.objects.open().filter(pk__in=queryset.values("pk")))
        with transaction.atomic(), log_changes(chosen, by=request.user, message="Closed."):
            for thread in chosen:  # each is saved: pages that were kept show its end
                thread.closes_at = timezone.now()
                thread.save(update_fields=["closes_at"])
        self.message_user(request, f"{len(chosen)} closed.", messages.SUCCESS)


def _deed(at: Any, by: Any, why: str) -> str:
    if at is None:
        return "—"
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M} by {by or 'the rules'}{': ' if why else ''}{why}"
