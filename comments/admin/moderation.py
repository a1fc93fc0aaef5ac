"""Approving and removing comments that were selected in the list of all comments."""

from collections.abc import Mapping

from django import forms
from django.contrib import admin
from django.contrib.admin import helpers
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext

from comments import services
from comments.models import Comment
from truthlytics.audit.log import log_changes
from truthlytics.web.ids import parse_id
from truthlytics.web.users import User

LIST = "admin:comments_comment_changelist"
# The names of hidden fields of the list: this and the id of a comment.
SEEN = "seen-"


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


def approve_all(comments: list[Comment], *, by: User, seen: Mapping[int, str]) -> str:
    """Approve those of `comments` that are as the moderator has `seen` them, log it, and return the message."""
    shown = [comment for comment in comments if comment.pk in seen]
    with transaction.atomic(), log_changes(shown, by=by, message=gettext("Approved.")):
        result = services.approve(comments=shown, by=by, seen=seen)
    approved, edited = result.changed, result.edited
    sentences = [ngettext("%d comment approved.", "%d comments approved.", approved) % approved]
    if edited:
        text = ngettext(
            "%d was edited after you opened this list and was skipped: read the new text.",
            "%d were edited after you opened this list and were skipped: read the new texts.",
            edited,
        )
        sentences.append(text % edited)
    if unseen := len(comments) - len(shown):
        text = ngettext(
            "%d was not on the page that you saw and was skipped.",
            "%d were not on the page that you saw and were skipped.",
            unseen,
        )
        sentences.append(text % unseen)
    if unchanged := len(shown) - approved - edited - result.own:
        text = ngettext(
            "%d was already visible and had no open reports.",
            "%d were already visible and had no open reports.",
            unchanged,
        )
        sentences.append(text % unchanged)
    return " ".join([*sentences, *_own(result)])


def seen_texts(data: QueryDict) -> dict[int, str]:
    """Return the `edited_token` of each comment in the list that the form was on, by id."""
    tokens = ((parse_id(name.removeprefix(SEEN)), str(data[name])) for name in data if name.startswith(SEEN))
    return {pk: value for pk, value in tokens if pk is not None}


def remove_all(comments: list[Comment], *, by: User, reason: str) -> str:
    """Remove `comments`, log it, and return the message for the moderator."""
    with (
        transaction.atomic(),
        log_changes(comments, by=by, message=gettext("Removed: %(reason)s") % {"reason": reason}),
    ):
        result = services.remove(comments=comments, by=by, reason=reason)
    message = ngettext(
        "%d comment removed. Its author will be notified by email.",
        "%d comments removed. Their authors will be notified by email.",
        result.changed,
    )
    return " ".join([message % result.changed, *_own(result)])


def _own(result: services.BulkResult) -> list[str]:
    """Return a sentence about the comments that were left because the moderator wrote them."""
    if not result.own:
        return []
    text = ngettext(
        "%d is your own: another moderator has to decide about it.",
        "%d are your own: another moderator has to decide about them.",
        result.own,
    )
    return [text % result.own]


def removal_page(
    admin: admin.ModelAdmin[Comment], request: HttpRequest, comments: list[Comment], form: RemovalForm
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
