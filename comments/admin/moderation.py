"""Approving and removing a single comment, in a row of the list or on its page."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from comments import services
from comments.models import Comment, open_reports
from truthlytics.audit.log import log_changes

LIST = "admin:comments_comment_changelist"
# Pending first, then reported, then the others; newest first.
ORDERING = (
    Case(When(status=Comment.Status.WAITING, then=0), When(open_reports(), then=1), default=2),
    "-created_at",
    "-pk",
)
MAX_QUERY_LENGTH = 500


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


def to_review() -> Q:
    """Comments that a moderator has to look at: pending or reported."""
    return Q(status=Comment.Status.WAITING) | open_reports()


def views_of_list(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the tabs above the list, with how many comments wait in each."""
    tabs: list[dict[str, Any]] = [
        {"name": _("All"), "query": ""},
        {
            "name": _("Pending"),
            "query": "status__exact=waiting",
            "key": "waiting",
            "count": Comment.objects.waiting().count(),
        },
        {
            "name": _("Reported"),
            "query": "reported=open",
            "key": "reported",
            "count": Comment.objects.filter(open_reports()).count(),
        },
    ]
    current = request.GET.copy()
    current.pop("p", None)
    return [tab | {"here": current.urlencode() == tab["query"]} for tab in tabs]


def approve_all(comments: list[Comment], *, by: Any) -> str:
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


def remove_all(comments: list[Comment], *, by: Any, reason: str) -> str:
    """Remove `comments`, log it, and return the message for the moderator."""
    with transaction.atomic(), log_changes(comments, by=by, message=f"Removed: {reason}"):
        removed = services.remove(comments=comments, by=by, reason=reason)
    message = ngettext(
        "%d comment removed. Its author has been notified by email.",
        "%d comments removed. Their authors have been notified by email.",
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


@require_POST
def approve(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    comment = _comment(request, pk, admin)
    return _next(request, admin, comment, approve_all([comment], by=request.user))


@require_POST
def remove(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Remove a comment; without a reason, ask for one."""
    comment = _comment(request, pk, admin)
    form = RemovalForm(request.POST)
    if form.is_valid():
        message = remove_all([comment], by=request.user, reason=form.cleaned_data["reason"])
        return _next(request, admin, comment, message)
    if _wants_json(request):
        return JsonResponse({"message": form.errors["reason"][0]}, status=422)
    return removal_page(admin, request, [comment], form)


def _comment(request: HttpRequest, pk: int, admin: Any) -> Comment:
    if not admin.has_moderate_permission(request):
        raise PermissionDenied
    comment: Comment | None = admin.get_object(request, str(pk))
    if comment is None:
        raise Http404("There is no such comment.")
    return comment


def _wants_json(request: HttpRequest) -> bool:
    return not request.accepts("text/html")


def _next(request: HttpRequest, admin: Any, comment: Comment, message: str) -> HttpResponse:
    """Return to the list the comment was in, or from its page go to the next comment to review."""
    if _wants_json(request):
        return JsonResponse({"message": message, "item": _row(request, admin, comment), "counts": _counts(request)})
    admin.message_user(request, message, messages.SUCCESS)
    if "list" in request.POST:
        query = QueryDict(request.POST["list"][:MAX_QUERY_LENGTH].encode("ascii", "ignore")).urlencode()
        return redirect(reverse(LIST) + (f"?{query}" if query else ""))
    waiting: QuerySet[Comment] = Comment.objects.filter(to_review()).exclude(pk=comment.pk).order_by(*ORDERING)
    if (following := waiting.values_list("pk", flat=True).first()) is not None:
        return redirect("admin:comments_comment_change", following)
    return redirect(LIST)


def _row(request: HttpRequest, admin: Any, comment: Comment) -> str:
    """Render the changed comment as the list shows it, or "" if it has left the view."""
    query = request.POST.get("list", "")
    if "status__exact=waiting" in query or "reported=open" in query:
        return ""
    changed = admin.for_list(admin.get_queryset(request).filter(pk=comment.pk)).get()
    return render_to_string("admin/comments/comment/_item.html", {"comment": changed, "may_moderate": True})


def _counts(request: HttpRequest) -> dict[str, int]:
    return {tab["key"]: tab["count"] for tab in views_of_list(request) if "key" in tab}
