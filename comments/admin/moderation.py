"""Approving and removing comments that were selected in the list of all comments."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import helpers
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from comments import services
from comments.models import Comment
from truthlytics.audit.log import log_changes
from truthlytics.web.users import User

LIST = "admin:comments_comment_changelist"


class RemovalForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
        help_text=gettext_lazy(
            "Shown to readers in place of the comment and emailed to its author. Be specific: "
            "“names a private person’s address”, not “rule 4”."
        ),
        error_messages={"required": gettext_lazy("Enter a reason.")},
    )


def approve_all(comments: list[Comment], *, by: User) -> str:
    """Approve `comments`, log it, and return the message for the moderator."""
    with transaction.atomic(), log_changes(comments, by=by, message="Approved."):
        approved = services.approve(comments=comments, by=by)
    message = ngettext("%d comment approved.", "%d comments approved.", approved) % approved
    if unchanged := len(comments) - approved:
        message += " " + (
            ngettext(
                "%d was already visible and had no open reports.",
                "%d were already visible and had no open reports.",
                unchanged,
            )
            % unchanged
        )
    return message


def remove_all(comments: list[Comment], *, by: User, reason: str) -> str:
    """Remove `comments`, log it, and return the message for the moderator."""
    with transaction.atomic(), log_changes(comments, by=by, message=f"Removed: {reason}"):
        removed = services.remove(comments=comments, by=by, reason=reason)
    message = ngettext(
        "%d comment removed. Its author will be notified by email.",
        "%d comments removed. Their authors will be notified by email.",
        removed,
    )
    return message % removed


def removal_page(
    admin: admin.ModelAdmin[Any], request: HttpRequest, comments: list[Comment], form: RemovalForm
) -> HttpResponse:
    """Ask for the reason on a page of its own, which posts to the list."""
    context = admin.admin_site.each_context(request) | {
        "title": ngettext("Remove comment", "Remove comments", len(comments)),
        "opts": admin.opts,
        "form": form,
        "comments": comments,
        "back": reverse(LIST),
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/comments/remove.html", context, status=422 if form.is_bound else 200)
