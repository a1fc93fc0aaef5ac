"""The moderation queue: one comment after the other, and a decision about each, which can be undone for a while."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from comments.admin.queue_page import Listing, queue_page
from comments.models import Comment, Decision
from comments.models.comments import is_own
from comments.models.decisions import MAX_REASON_LENGTH
from comments.models.queue import Place
from comments.services import AlreadyDecided, NotPossible, decide, undo_decision
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import log_changes
from truthlytics.web.dates import local_date
from truthlytics.web.ids import MAX_ID
from truthlytics.web.text import strip_control_characters
from truthlytics.web.users import User, user_of

Kind = Decision.Kind
KINDS = [(kind.value, kind.label) for kind in (Kind.APPROVE, Kind.RESTORE, Kind.REMOVE, Kind.ASK, Kind.SUSPEND)]
PERIODS = [
    ("1", gettext_lazy("1 day")),
    ("7", gettext_lazy("1 week")),
    ("30", gettext_lazy("1 month")),
    ("", gettext_lazy("Until it is lifted")),
]
MISSING = {
    Kind.REMOVE: gettext_lazy("Enter a reason."),
    Kind.ASK: gettext_lazy("Say what the writer has to change."),
    Kind.SUSPEND: gettext_lazy("Enter a reason."),
}


class DecisionForm(forms.Form):
    """A decision about a comment as the moderator saw it: `seen` is the newest decision, `edited` the last edit."""

    kind = forms.ChoiceField(choices=KINDS)
    reason = forms.CharField(
        required=False,
        max_length=MAX_REASON_LENGTH,
        error_messages={"max_length": gettext_lazy("Enter at most %(limit_value)d characters.")},
    )
    days = forms.ChoiceField(
        choices=PERIODS, required=False, error_messages={"invalid_choice": gettext_lazy("Choose one of the periods.")}
    )
    seen = forms.IntegerField(min_value=0, max_value=MAX_ID, required=False)
    edited = forms.CharField(required=False, max_length=40)

    def clean_reason(self) -> str:
        return " ".join(strip_control_characters(self.cleaned_data["reason"]).split())

    def clean(self) -> None:
        kind = self.cleaned_data.get("kind")
        if kind in MISSING and not self.cleaned_data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", MISSING[Kind(kind)])

    @property
    def until(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None

    @property
    def message(self) -> str:
        """The first error, for the moderator."""
        return next((str(message) for messages in self.errors.values() for message in messages), "")


class EditedMeanwhile(Exception):
    """The writer has edited the comment since the moderator opened it."""


def paths(admin: Any) -> list[URLPattern]:
    views = [
        ("", show, "comments_queue"),
        ("<int:pk>/", show, "comments_queue_comment"),
        ("<int:pk>/decision/", decision, "comments_queue_decision"),
        ("decisions/<int:pk>/undo/", undo, "comments_queue_undo"),
    ]
    return [
        path(f"comments/queue/{route}", admin.admin_site.admin_view(partial(view, admin=admin)), name=name)
        for route, view, name in views
    ]


@require_safe
def show(request: HttpRequest, admin: AuditedAdmin, pk: int | None = None) -> HttpResponse:
    _require_permission(request)
    return _page(request, admin, Listing(request.GET), pk)


@require_POST
def decision(request: HttpRequest, admin: AuditedAdmin, pk: int) -> HttpResponse:
    """Decide about a comment and go on to the next one. Nothing is overwritten that the moderator has not seen."""
    _require_permission(request)
    listing, form = Listing(request.POST), DecisionForm(request.POST)
    comment = get_object_or_404(Comment, pk=pk)
    if not form.is_valid():
        return _page(request, admin, listing, pk, form=form, notice=form.message, status=422)
    try:
        _decide(comment, form, user_of(request))
    except AlreadyDecided as error:
        return _page(request, admin, listing, pk, notice=_already_decided(error.decision), status=409)
    except EditedMeanwhile:
        notice = _("The writer has edited this comment since you opened it. Nothing was changed: read the new text.")
        return _page(request, admin, listing, pk, notice=notice, status=409)
    except NotPossible as error:
        return _page(request, admin, listing, pk, form=form, notice=str(error.message), status=422)
    return redirect(listing.url_after(Place.of(comment)))


@transaction.atomic
def _decide(comment: Comment, form: DecisionForm, by: User) -> None:
    locked = Comment.objects.lock().get(pk=comment.pk)
    if form.cleaned_data["edited"] != locked.edited_token:
        raise EditedMeanwhile
    data = form.cleaned_data
    with log_changes([locked], by=by, message=_summary(data["kind"], data["reason"])):
        decide(
            comment=locked, kind=data["kind"], by=by, reason=data["reason"], until=form.until, seen=data["seen"] or 0
        )


@require_POST
def undo(request: HttpRequest, admin: AuditedAdmin, pk: int) -> HttpResponse:
    """Undo one's own decision and return to its comment."""
    _require_permission(request)
    listing = Listing(request.POST)
    found = get_object_or_404(Decision.objects.select_related("comment"), pk=pk, by=request.user, comment__isnull=False)
    comment: Any = found.comment
    with transaction.atomic(), log_changes([comment], by=user_of(request), message=_("Decision undone.")):
        undone = undo_decision(decision=found, by=user_of(request))
    if not undone and found.undone_at is None:
        notice = _("This can no longer be undone. Change the decision here instead.")
        return _page(request, admin, listing, comment.pk, notice=notice, status=409)
    return redirect(listing.url(comment.pk, listing.start))


def _require_permission(request: HttpRequest) -> None:
    if not request.user.has_perm("comments.moderate_comment"):
        raise PermissionDenied


def _page(
    request: HttpRequest,
    admin: AuditedAdmin,
    listing: Listing,
    pk: int | None,
    *,
    form: DecisionForm | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    context = admin.admin_site.each_context(request) | queue_page(listing, user_of(request), pk)
    comment = context["comment"]
    context |= {
        "title": _("Moderation"),
        "opts": admin.opts,
        "form": form,
        "notice": notice,
        "notice_url": listing.url(pk) if pk else "",
        "edited": comment.edited_token if comment else "",
        "is_own": comment is not None and is_own(comment.author_id, user_of(request)),
        "periods": PERIODS,
        "sees_users": request.user.has_perm("subscriptions.view_user"),
    }
    return TemplateResponse(request, "admin/comments/queue.html", context, status=status)


def _already_decided(decision: Decision) -> str:
    text = _(
        "%(name)s has already decided on this comment on %(time)s: “%(decision)s”. Your decision was not saved."
    ) % {
        "name": decision.by_name,
        "decision": decision.get_kind_display(),
        "time": local_date(decision.created_at, "j M Y, H:i"),
    }
    return f"{text} {_('Reason: %(reason)s') % {'reason': decision.reason}}" if decision.reason else text


def _summary(kind: str, reason: str) -> str:
    """Return the message for the audit log."""
    label = str(Kind(kind).label)
    return _("%(decision)s: %(reason)s") % {"decision": label, "reason": reason} if reason else f"{label}."
