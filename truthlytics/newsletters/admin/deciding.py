"""Pages on which an issue is sent, scheduled, postponed, approved or cancelled."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.admin.editing.access import get_changeable_item
from articles.admin.formatting import long_datetime
from articles.forms.schedule import time_presets
from truthlytics.newsletters.admin.formatting import badge, readers_text, variant_name
from truthlytics.newsletters.admin.forms import SendForm
from truthlytics.newsletters.issue_checks import findings, recipient_counts, rendered
from truthlytics.newsletters.models import Issue
from truthlytics.newsletters.rendering import sender_of
from truthlytics.newsletters.services import decisions
from truthlytics.web.users import user_of

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
    form = SendForm(request.POST if request.method == "POST" else None, issue=issue, initial=_initial(issue))
    is_valid = form.is_valid()
    issue.audience = form.audience.stored
    result = rendered(issue, now)
    levels = [variant.level for variant in result.variants]
    counts = recipient_counts(issue, levels, now)
    found = findings(issue, result, sum(counts.values()))
    is_blocked = any(finding.is_blocking for finding in found)
    if is_valid and not is_blocked:
        at = form.cleaned_data["at"]
        if decisions.schedule(issue=issue, at=at, by=user_of(request), audience=form.audience):
            return _decided(admin, request, issue, is_now=at is None)
        admin.message_user(request, _("This issue is already being sent or was cancelled."), messages.WARNING)
        return redirect(TOO_LATE, pk)
    total = sum(counts.values())
    context = admin.view_context(
        request,
        title=_("Send"),
        original=issue,
        badge=badge(issue),
        form=form,
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
    status = 422 if request.method == "POST" and is_blocked and not form.only_counts else form.status
    return TemplateResponse(request, "admin/newsletters/send.html", context, status=status)


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
