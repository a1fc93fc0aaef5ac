"""Pages on which an issue is sent, scheduled, postponed, approved or cancelled."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.admin.editing.access import get_changeable_item
from articles.admin.formatting import long_datetime
from articles.admin.publishing.actions import are_valid
from articles.forms.responsibility import ResponsibilityForm
from articles.forms.schedule import time_presets
from truthlytics.newsletters.admin.formatting import badge, readers_text, variant_name
from truthlytics.newsletters.admin.forms import SendForm
from truthlytics.newsletters.issue_checks import findings, recipient_counts, rendered
from truthlytics.newsletters.letters import letter_content
from truthlytics.newsletters.models import Issue
from truthlytics.newsletters.rendering import sender_of
from truthlytics.newsletters.services import decisions
from truthlytics.web.users import User, user_of

if TYPE_CHECKING:
    from truthlytics.newsletters.admin.issues import IssueAdmin

TOO_LATE = "admin:newsletters_issue_sending"


@require_http_methods(["GET", "HEAD", "POST"])
def send_page(request: HttpRequest, pk: int, admin: "IssueAdmin") -> HttpResponse:
    """Show who gets the issue and what the checks found; POST sends or schedules it."""
    issue: Issue = get_changeable_item(admin, request, pk)
    if not issue.is_undecided:
        return redirect(TOO_LATE, pk)
    now = timezone.now()
    data = request.POST if request.method == "POST" else None
    form = SendForm(data, issue=issue, initial=_initial(issue))
    stated = _responsibility(issue, user_of(request), data)
    is_valid = are_valid(form, *([stated] if stated else []))
    issue.audience = form.audience.stored
    result = rendered(issue, now)
    levels = [variant.level for variant in result.variants]
    counts = recipient_counts(issue, levels, now)
    found = findings(issue, result, sum(counts.values()))
    is_blocked = any(finding.is_blocking for finding in found)
    if is_valid and not is_blocked:
        if _schedule(issue, form, stated, user_of(request)):
            return _decided(admin, request, issue, is_now=form.cleaned_data["at"] is None)
        admin.message_user(request, _("This issue is already being sent or was cancelled."), messages.WARNING)
        return redirect(TOO_LATE, pk)
    total = sum(counts.values())
    context = admin.view_context(
        request,
        title=_("Send"),
        original=issue,
        badge=badge(issue),
        form=form,
        responsibility=stated,
        findings=found,
        is_blocked=is_blocked,
        readers=readers_text(total),
        recipients=[(variant_name(level, levels), readers_text(counts[level])) for level in levels],
        sender=sender_of(issue),
        send_now=_("Send now to %(readers)s") % {"readers": readers_text(total)},
        zone=timezone.get_current_timezone_name(),
        now=now,
        presets=time_presets(),
    )
    status = 422 if data is not None and is_blocked and not form.only_counts else _status(form, stated)
    return TemplateResponse(request, "admin/newsletters/send.html", context, status=status)


def _status(form: SendForm, stated: ResponsibilityForm | None) -> int:
    """Return 200 if the page only shows what follows from valid forms: the label about AI."""
    only_label = stated is not None and stated.needs_confirmation and not form.errors
    return 200 if only_label else form.status


def _responsibility(issue: Issue, user: User, data: Any) -> ResponsibilityForm | None:
    """Return the form for the use of AI and the review of its text; None if it has only articles."""
    if not issue.has_own_text:
        return None
    return ResponsibilityForm(data, item=issue, content=letter_content(issue), user=user, must_state=True)


@transaction.atomic
def _schedule(issue: Issue, form: SendForm, stated: ResponsibilityForm | None, user: User) -> bool:
    """Write what was stated, and send or schedule the issue. Return False if it is too late."""
    if stated is not None:
        review = {**stated.review, "content": stated.content} if stated.review else {}
        uses = stated.cleaned_data["ai_uses"]
        decisions.state_ai_uses(issue=issue, uses=uses, sentences=stated.sentences, review=review, by=user)
    return decisions.schedule(issue=issue, at=form.cleaned_data["at"], by=user, audience=form.audience)


def _initial(issue: Issue) -> dict[str, object]:
    """Return the initial values of the form: an issue that is scheduled keeps its time unless the user changes it."""
    if issue.state != Issue.State.SCHEDULED or issue.send_at is None:
        return {}
    at = timezone.localtime(issue.send_at)
    return {"when": SendForm.LATER, "day": at.date(), "hour": at.time()}


def _decided(admin: "IssueAdmin", request: HttpRequest, issue: Issue, *, is_now: bool) -> HttpResponse:
    if is_now:
        admin.log_change(request, issue, _("Sent."))
        return redirect("admin:newsletters_issue_sending", issue.pk)
    at = long_datetime(issue.send_at)
    admin.log_change(request, issue, _("Scheduled for %(at)s.") % {"at": at})
    admin.message_user(request, _("It will be sent on %(at)s.") % {"at": at}, messages.SUCCESS)
    return redirect("admin:newsletters_issue_change", issue.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def unschedule_page(request: HttpRequest, pk: int, admin: "IssueAdmin") -> HttpResponse:
    """Ask whether a scheduled issue should be a draft again; POST makes it one."""
    issue: Issue = get_changeable_item(admin, request, pk)
    if request.method == "POST":
        if decisions.unschedule(issue=issue):
            admin.log_change(request, issue, _("Unscheduled."))
            admin.message_user(request, _("It is a draft again and will not be sent."), messages.SUCCESS)
        else:
            admin.message_user(request, _("It is not scheduled any more."), messages.WARNING)
        return redirect("admin:newsletters_issue_change", pk)
    is_scheduled = issue.state == Issue.State.SCHEDULED
    text = _("It will not be sent on %(at)s. It becomes a draft again, which you can send or schedule later.")
    context = admin.view_context(
        request,
        title=_("Unschedule"),
        original=issue,
        button=_("Unschedule") if is_scheduled else "",
        text=text % {"at": long_datetime(issue.send_at)} if is_scheduled else _("It is not scheduled."),
    )
    return TemplateResponse(request, "admin/newsletters/action.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_page(request: HttpRequest, pk: int, admin: "IssueAdmin") -> HttpResponse:
    """Ask whether an issue should never be sent; POST cancels it."""
    issue: Issue = get_changeable_item(admin, request, pk)
    if request.method == "POST":
        if decisions.cancel(issue=issue):
            admin.log_change(request, issue, _("Cancelled."))
            admin.message_user(request, _("The issue is cancelled and will not be sent."), messages.SUCCESS)
            return redirect("admin:newsletters_issue_changelist")
        admin.message_user(request, _("It is too late to cancel this issue."), messages.WARNING)
        return redirect(TOO_LATE, pk)
    text = _(
        "It will never be sent. Its articles can then be in other issues of the newsletter, such as the next digest."
    )
    context = admin.view_context(
        request,
        title=_("Cancel issue"),
        original=issue,
        button=_("Cancel this issue") if issue.is_undecided else "",
        text=text if issue.is_undecided else _("It is too late to cancel this issue."),
    )
    return TemplateResponse(request, "admin/newsletters/action.html", context)
