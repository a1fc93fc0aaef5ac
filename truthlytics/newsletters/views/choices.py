"""Choosing newsletters and what to follow, in the account or with a signed link, and leaving with one click."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from subscriptions.visitor_cart import safe_return_path
from truthlytics.newsletters.models import Issue, Newsletter
from truthlytics.newsletters.presenters import choices_of, with_issues
from truthlytics.newsletters.services import choices as services
from truthlytics.newsletters.services import follows
from truthlytics.newsletters.services import sign_up as sign_ups
from truthlytics.newsletters.views.readers import confirmed_reader, token_or_404


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest, token: str) -> HttpResponse:
    """Let a reader choose newsletters and what they follow, without a login.

    After an address is confirmed (`?welcome=1`), it links to the latest issues, and `back` to the page before.
    """
    address, _issue_id = token_or_404(token)
    if request.method == "POST":
        services.save(address=address, submitted=request.POST, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("newsletters:choices", token)
    context: dict[str, object] = {"address": address, "token": token, "choices": choices_of(address)}
    if request.GET.get("welcome"):
        active = Newsletter.objects.filter(sign_ups__in=address.sign_ups.active())
        back = safe_return_path(request, request.GET.get("back", ""))
        context |= {"newsletters": with_issues(active, 1), "back": back}
    return render(request, "newsletters/choices.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def own_choices(request: HttpRequest) -> HttpResponse:
    """POST saves what a reader chose on the page of all their emails, to which GET redirects."""
    reader = confirmed_reader(request)
    if request.method == "POST":
        if reader is None:
            messages.error(request, _("Confirm your email address first."))
        else:
            services.save(address=sign_ups.own_address(reader), submitted=request.POST, now=timezone.now())
            messages.success(request, _("Saved."))
    return redirect("subscriptions:emails")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to leave the newsletter of this email; POST leaves it, or undoes that."""
    address, issue_id = token_or_404(token)
    row = get_object_or_404(Newsletter, issues=issue_id or 0)
    if request.method == "POST":
        if request.POST.get("action") == "undo":
            sign_ups.come_back(address=address, newsletters=[row.pk])
        else:
            sign_ups.leave(address=address, newsletters=[row.pk], issue_id=issue_id)
        return redirect("newsletters:leave", token)
    is_active = address.sign_ups.active().filter(newsletter=row).exists()
    context = {"newsletter": row, "is_active": is_active, "token": token}
    return render(request, "newsletters/leave.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def leave_at_once(request: HttpRequest, token: str) -> HttpResponse:
    """Leave for a mail program that sends the request itself (RFC 8058). GET redirects to the page.

    Such a request has no cookies and cannot follow a redirect. The signed token identifies the reader.
    """
    address, issue_id = token_or_404(token)
    if request.method != "POST":
        return redirect("newsletters:leave", token)
    newsletter_ids = Issue.objects.filter(pk=issue_id or 0).values_list("newsletter", flat=True)
    sign_ups.leave(address=address, newsletters=list(newsletter_ids), issue_id=issue_id)
    return HttpResponse(_("You’ve unsubscribed from this newsletter."), content_type="text/plain; charset=utf-8")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to turn off the emails about what a reader follows; POST turns them off, or undoes that."""
    address, _issue_id = token_or_404(token)
    if request.method == "POST":
        if request.POST.get("action") == "undo":
            follows.resume(address)
        else:
            follows.stop(address, timezone.now())
        return redirect("newsletters:stop", token)
    return render(request, "newsletters/stop.html", {"choices": choices_of(address), "token": token})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_at_once(request: HttpRequest, token: str) -> HttpResponse:
    """Turn the emails about what a reader follows off for a mail program, as `leave_at_once` does for newsletters."""
    address, _issue_id = token_or_404(token)
    if request.method != "POST":
        return redirect("newsletters:stop", token)
    follows.stop(address, timezone.now())
    return HttpResponse(_("You no longer get these emails."), content_type="text/plain; charset=utf-8")
