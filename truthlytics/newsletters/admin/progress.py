"""Pages about an issue that is being sent or was sent: progress, report, what went wrong, and corrections."""

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.admin.editing.access import get_changeable_item
from articles.models.versions import reader_number_at
from subscriptions.reports import new_subscriptions
from truthlytics.newsletters.admin.formatting import badge, duration_text, masked, readers_text, variant_name
from truthlytics.newsletters.campaigns import campaign_of
from truthlytics.newsletters.models import Delivery, Issue, ProviderEvent, SignUp
from truthlytics.newsletters.rendering import sender_of
from truthlytics.newsletters.services import decisions, sending
from truthlytics.newsletters.services.audiences import Audience
from truthlytics.newsletters.services.scheduling import work_on
from truthlytics.publication.language import site_language
from truthlytics.web.users import user_of

if TYPE_CHECKING:
    from truthlytics.newsletters.admin.issues import IssueAdmin

State = Delivery.State
# Emails that the mail server has not answered yet.
OPEN = (State.QUEUED, State.CLAIMED, State.SUBMITTING)
# The columns of the table: a name and the states that it counts.
COLUMNS = {
    "submitted": (State.SUBMITTED,),
    "open": OPEN,
    "rejected": (State.REJECTED,),
    "uncertain": (State.UNCERTAIN,),
    "skipped": (State.SKIPPED,),
}
# Lists that the newsroom can look at: what went wrong, and what was left out.
LISTED = {State.UNCERTAIN, State.REJECTED, State.SKIPPED}
RATE_SPAN = timedelta(minutes=1)
PAGE_SIZE = 50
LIVE = {Issue.State.SCHEDULED, Issue.State.PREPARING, Issue.State.SENDING}


@require_safe
def sending_page(request: HttpRequest, pk: int, admin: "IssueAdmin") -> HttpResponse:
    """Show the progress of an issue, or its report. With `?part`, only the numbers, which a script fetches again."""
    issue: Issue = get_changeable_item(admin, request, pk)
    now = timezone.now()
    is_later = issue.send_at is None or issue.send_at > now
    if issue.is_undecided and is_later:
        return redirect("admin:newsletters_issue_change", pk)
    context = admin.view_context(
        request,
        title=_("Report") if issue.finished_at else _("Sending"),
        original=issue,
        badge=badge(issue),
        is_live=issue.state in LIVE,
        sender=sender_of(issue),
        audience=Audience.of(issue.audience).sentences(now),
        **_numbers(issue, now),
    )
    if "part" in request.GET:
        return TemplateResponse(request, "admin/newsletters/_sending.html", context)
    if issue.prepared_at and issue.state not in LIVE:
        context |= {"corrections": decisions.corrections_of(issue, now), "versions": _versions(issue)}
    return TemplateResponse(request, "admin/newsletters/sending.html", context)


def _numbers(issue: Issue, now: datetime) -> dict[str, object]:
    """Return the numbers of emails by variant and state, how fast they are sent, and what came back."""
    rows = Delivery.objects.filter(issue=issue).order_by().values_list("level", "state").annotate(Count("pk"))
    by_level: dict[int, Counter[str]] = {}
    for level, state, count in rows:
        by_level.setdefault(level, Counter())[state] = count
    levels = sorted({*by_level, *issue.variants.values_list("level", flat=True)})
    total = sum(by_level.values(), Counter())
    table = [(variant_name(level, levels), _row(by_level.get(level, Counter()))) for level in levels]
    recent = Delivery.objects.filter(issue=issue, submitted_at__gt=now - RATE_SPAN).count() if issue.is_moving else 0
    rate = recent / RATE_SPAN.total_seconds()
    left = sum(total[state] for state in OPEN)
    events = ProviderEvent.objects.filter(delivery__issue=issue).order_by().values_list("kind")
    return {
        "table": table,
        "total": _row(total),
        "percent": round(100 * (total.total() - left) / total.total()) if total.total() else 0,
        "rate": number_format(rate, 1),
        "limit": settings.NEWSLETTER_RATE,
        "time_left": duration_text(left / rate) if rate and left else "",
        "events": dict(events.annotate(Count("delivery", distinct=True))),
        "unsubscribed": SignUp.objects.filter(ended_by=issue).count(),
        "subscriptions": new_subscriptions(campaign_of(issue)),
    }


def _row(counts: Counter[str]) -> dict[str, int]:
    row = {name: sum(counts[state] for state in states) for name, states in COLUMNS.items()}
    return {"recipients": counts.total()} | row


def _versions(issue: Issue) -> list[tuple[object, list[tuple[str, str]]]]:
    """Return each article with its version, and how many readers got all of it or the free part."""
    submitted = Delivery.objects.filter(issue=issue, state__in=[State.SUBMITTED, State.UNCERTAIN])
    counts: dict[int, int] = dict(submitted.order_by().values_list("level").annotate(Count("pk")))
    levels = sorted(issue.variants.values_list("level", flat=True))
    by_variant = [(variant_name(level, levels), readers_text(counts.get(level, 0))) for level in levels]
    rows = issue.articles.select_related("version").filter(version__isnull=False)
    return [(row, by_variant) for row in rows.annotate(number=reader_number_at("version__"))]


@require_POST
def pause_view(request: HttpRequest, pk: int, admin: "IssueAdmin") -> HttpResponse:
    """Submit no more emails for now."""
    issue: Issue = get_changeable_item(admin, request, pk)
    if sending.pause(issue):
        admin.log_change(request, issue, _("Paused."))
    else:
        admin.message_user(request, _("This issue is not being sent."), messages.WARNING)
    return redirect("admin:newsletters_issue_sending", pk)


@require_POST
def resume_view(request: HttpRequest, pk: int, admin: "IssueAdmin") -> HttpResponse:
    """Go on with a paused issue."""
    issue: Issue = get_changeable_item(admin, request, pk)
    if sending.resume(issue):
        admin.log_change(request, issue, _("Resumed."))
        work_on.enqueue(issue_id=pk)
    else:
        admin.message_user(request, _("This issue is not paused."), messages.WARNING)
    return redirect("admin:newsletters_issue_sending", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def stop_page(request: HttpRequest, pk: int, admin: "IssueAdmin") -> HttpResponse:
    """Ask whether to end the issue for good; POST does."""
    issue: Issue = get_changeable_item(admin, request, pk)
    if request.method == "POST":
        if sending.stop(issue):
            admin.log_change(request, issue, _("Stopped."))
            admin.message_user(
                request, _("The issue is stopped. What was not sent yet is never sent."), messages.SUCCESS
            )
        else:
            admin.message_user(request, _("It is too late to stop this issue."), messages.WARNING)
        return redirect("admin:newsletters_issue_sending", pk)
    left = Delivery.objects.filter(issue=issue, state__in=OPEN).count()
    can_stop = issue.is_moving or issue.state == Issue.State.PAUSED
    text = _(
        "%(readers)s will not get this issue, and you cannot go on with it later. To interrupt it, pause it instead."
    )
    context = admin.view_context(
        request,
        title=_("Stop sending"),
        original=issue,
        button=_("Stop for good") if can_stop else "",
        text=text % {"readers": readers_text(left)} if can_stop else _("It is too late to stop this issue."),
    )
    return TemplateResponse(request, "admin/newsletters/action.html", context)


@require_safe
def deliveries_page(request: HttpRequest, pk: int, admin: "IssueAdmin") -> HttpResponse:
    """List the emails in one state, with what is known. Whole addresses need the permission to see readers."""
    issue: Issue = get_changeable_item(admin, request, pk)
    state = request.GET.get("state", State.UNCERTAIN)
    if state not in LISTED:
        raise Http404("There is no such list.")
    shows_addresses = request.user.has_perm("newsletters.view_address")
    rows = Delivery.objects.filter(issue=issue, state=state).select_related("address").order_by("pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    lines = []
    for delivery in page:
        email = delivery.address.email if delivery.address else _("(deleted)")
        shown = email if shows_addresses or not delivery.address else masked(email)
        lines.append((delivery, shown))
    context = admin.view_context(
        request,
        title=State(state).label,
        original=issue,
        state=state,
        page=page,
        lines=lines,
        shows_addresses=shows_addresses,
    )
    return TemplateResponse(request, "admin/newsletters/deliveries.html", context)


@require_POST
def correct(request: HttpRequest, pk: int, correction: int, admin: "IssueAdmin") -> HttpResponse:
    """Make the email about a correction for those who got this issue, and redirect to the page that sends it."""
    issue: Issue = get_changeable_item(admin, request, pk)
    if not admin.has_add_permission(request):
        raise Http404("There is no such correction.")
    found = next((row for row in decisions.corrections_of(issue, timezone.now()) if row.pk == correction), None)
    if found is None:
        raise Http404("There is no such correction.")
    version = found.version
    with site_language():
        headline = version.article.served().headline
        subject = _("%(kind)s: %(headline)s") % {"kind": found.get_kind_display(), "headline": headline}
        link = format_html('<a href="{}{}">{}</a>', settings.SITE_URL, version.article.get_absolute_url(), headline)
        intro = _("We sent you “%(article)s” and have since corrected it:")
        body = format_html("<p>{}</p><p>{}</p>", format_html(intro.replace("%(article)s", "{}"), link), version.note)
    draft = decisions.correction_letter(issue=issue, correction=found, subject=subject, body=body, by=user_of(request))
    return redirect("admin:newsletters_issue_send", draft.pk)
