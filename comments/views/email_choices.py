"""Turning off emails about comments with a link in the email, and how often moderators are emailed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from articles.access import ReaderRequest
from articles.models import Article
from comments.forms import ModeratorEmailsForm
from comments.models import ModeratorEmails
from comments.models.comments import can_moderate
from comments.services import muting
from comments.services.muting import Emails
from truthlytics.web.rate_limits import client_ip, consume

HOUR = 3600


@require_http_methods(["GET", "HEAD", "POST"])
def mute(request: HttpRequest, token: str) -> HttpResponse:
    """POST turns the emails of the link off; GET asks first. Needs no login."""
    emails = _emails_or_404(token)
    if request.method == "POST":
        if not _allow(request, emails):
            return _mute_page(request, emails, status=429)
        return redirect("comments:mute", muting.mute(emails=emails).token)
    return _mute_page(request, emails)


@require_POST
def unmute(request: HttpRequest, token: str) -> HttpResponse:
    """Turn the emails of the link on again."""
    emails = _emails_or_404(token)
    if not _allow(request, emails):
        return _mute_page(request, emails, status=429)
    muting.unmute(emails=emails)
    messages.success(request, _("You get these emails again."))
    return redirect("comments:mute", token)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def mute_at_once(request: HttpRequest, token: str) -> HttpResponse:
    """Turn emails off for a mail program that sends the request itself (RFC 8058). GET redirects to the page that asks.

    Such a request has no cookies and cannot follow a redirect. The signed token identifies the reader.
    """
    emails = _emails_or_404(token)
    if request.method != "POST":
        return redirect("comments:mute", token)
    if not _allow(request, emails):
        return HttpResponse(_("Please try again later."), status=429, content_type="text/plain; charset=utf-8")
    muting.mute(emails=emails)
    return HttpResponse(_("You no longer get these emails."), content_type="text/plain; charset=utf-8")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def moderator_emails(request: ReaderRequest) -> HttpResponse:
    """POST sets how often a moderator is emailed. GET, after a login, redirects to the page with the form."""
    if not can_moderate(request.user):
        raise Http404("Only moderators get these emails.")
    if request.method == "POST":
        row, _created = ModeratorEmails.objects.get_or_create(user=request.user)
        form = ModeratorEmailsForm(request.POST, instance=row)
        if form.is_valid():
            form.save()
            messages.success(request, _("Saved."))
        else:
            messages.error(request, _("Choose how often you want to get emails."))
    return redirect("subscriptions:emails")


def _emails_or_404(token: str) -> Emails:
    emails = muting.emails_of(token)
    if emails is None:
        raise Http404("No emails belong to this link.")
    return emails


def _allow(request: HttpRequest, emails: Emails) -> bool:
    """Count a change for the reader whom the link belongs to; mail services send many from one address."""
    return consume("mute", f"a{emails.user_id}", limit=60, seconds=HOUR) and consume(
        "mute", client_ip(request), limit=2000, seconds=HOUR
    )


def _mute_page(request: HttpRequest, emails: Emails, status: int = 200) -> HttpResponse:
    now = timezone.now()
    article = None
    if emails.article_id is not None:
        article = Article.objects.listed(now).filter(pk=emails.article_id).first()
    context = {
        "token": emails.token,
        "labels": emails.labels,
        "is_article": emails.article_id is not None,
        "version": article.as_served(now) if article else None,
        "muted": muting.are_muted(emails),
        "too_many": status == 429,
    }
    return render(request, "comments/mute.html", context, status=status)
