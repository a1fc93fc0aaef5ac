"""Parts that several admins of comments share."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from comments.models import Comment, Decision
from comments.text import excerpt
from truthlytics.audit.admin import AuditedAdmin, ReadOnly


class ModerationAdmin(ReadOnly, AuditedAdmin):
    """Moderators decide about comments, but never edit them or the log of decisions."""

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("comments.moderate_comment"))


class DateFilter(admin.DateFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("date")


def comment_link(comment: Comment | None, words: str) -> str:
    """Link the beginning of `words` to the admin page of the comment."""
    beginning = excerpt(words, 120) or _("(text deleted)")
    if comment is None:
        return beginning
    return format_html('<a href="{}">{}</a>', reverse("admin:comments_comment_change", args=[comment.pk]), beginning)


def writer_of(decision: Decision) -> str:
    return decision.writer_name or _("A former reader")
