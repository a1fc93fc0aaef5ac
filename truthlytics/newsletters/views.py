"""Newsletters for readers: what there is, signing up with an email address, leaving, and the pages of issues."""

from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.models import Article
from truthlytics.newsletters.forms import CodeForm, SignUpForm
from truthlytics.newsletters.models import Address, Issue, Newsletter
from truthlytics.newsletters.rendering import read_token, token_of
from truthlytics.newsletters.services import sign_up as services
from truthlytics.web.pages import public_page
from truthlytics.web.rate_limits import allow, consume

SESSION_KEY = "newsletter_sign_up"
MAX_WRONG_CODES = 3


@require_safe
@public_page(["newsletters"])
def newsletters(request: HttpRequest) -> HttpResponse:
    """List the newsletters with their last issues, and a form to sign up."""
    sent = Issue.objects.sent().filter(corrects=None).order_by("-prepared_at")
    rows = Newsletter.objects.offered().prefetch_related(Prefetch("issues", sent, to_attr="sent_issues"))
    return render(request, "newsletters/newsletters.html", {"newsletters": rows, "form": SignUpForm()})


@require_safe
@public_page(["newsletters"])
def newsletter(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a newsletter contains, a form to sign up, and its past issues."""
    row = get_object_or_404(Newsletter, slug=slug)
    issues = row.issues.sent().filter(corrects=None).order_by("-prepared_at")
    form = SignUpForm(initial={"newsletters": [row.pk]})
    return render(request, "newsletters/newsletter.html", {"newsletter": row, "issues": issues, "form": form})


@require_POST
def sign_up(request: HttpRequest) -> HttpResponse:
    """Send the email that asks for confirmation. The response is the same for every address."""
    form = SignUpForm(request.POST)
    if not form.is_valid():
        return render(request, "newsletters/sign_up.html", {"form": form}, status=422)
    if not allow(request, "newsletters", per_account=10, per_address=20, seconds=3600):
        return render(request, "429.html", status=429)
    if not form.is_from_a_program and consume("newsletters", form.cleaned_data["email"], limit=3, seconds=600):
        code = get_random_string(6, "0123456789")
        asked = services.ask(**form.wanted, code=code)
        request.session[SESSION_KEY] = {
            "token": asked.token,
            "code": code,
            "wrong": 0,
            "sent": timezone.now().timestamp(),
        }
    return redirect("newsletters:confirm_code")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the email, for those who read it on another device."""
    pending: dict[str, Any] | None = request.session.get(SESSION_KEY)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        is_right = pending is not None and _is_current(pending) and constant_time_compare(
            form.cleaned_data["code"], pending["code"]
        )  # fmt: skip
        asked = services.read_request(pending["token"]) if pending and is_right else None
        if asked is not None:
            del request.session[SESSION_KEY]
            return _signed_up(request, services.sign_up(asked, timezone.now()))
        if pending:
            request.session[SESSION_KEY] = pending | {"wrong": pending["wrong"] + 1}
        form.add_error("code", _("This code is wrong or has expired. Use the link in the email, or sign up again."))
    return render(request, "newsletters/confirm_code.html", {"form": form}, status=422 if form.errors else 200)


def _is_current(pending: dict[str, Any]) -> bool:
    age = timezone.now().timestamp() - pending["sent"]
    return bool(pending["wrong"] < MAX_WRONG_CODES and age < services.CODE_LIFETIME.total_seconds())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask to confirm, since some mail programs open links before readers do. POST confirms."""
    asked = services.read_request(token)
    if asked is None:
        return render(request, "newsletters/expired.html", status=410)
    if request.method == "POST":
        return _signed_up(request, services.sign_up(asked, timezone.now()))
    rows = Newsletter.objects.filter(pk__in=asked.newsletters)
    return render(request, "newsletters/confirm.html", {"newsletters": rows, "email": asked.email})


def _signed_up(request: HttpRequest, address: Address) -> HttpResponse:
    return redirect("newsletters:choices", token_of(address.uuid.hex))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest, token: str) -> HttpResponse:
    """Let a reader choose newsletters, without a login."""
    address, _issue_id = _token_or_404(token)
    active = set(address.sign_ups.active().values_list("newsletter", flat=True))
    rows = Newsletter.objects.all()
    if request.method == "POST":
        wanted = {row.pk for row in rows if str(row.pk) in request.POST.getlist("newsletters")}
        services.leave(address=address, newsletters=active - wanted)
        new = tuple(wanted - active)
        asked = services.Request(address.email, new, "account", timezone.now().timestamp())
        services.sign_up(asked, timezone.now())
        return redirect("newsletters:choices", token)
    offered = [(row, row.pk in active) for row in rows if row.is_offered or row.pk in active]
    return render(request, "newsletters/choices.html", {"address": address, "offered": offered})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to leave the newsletter of this email; POST leaves it, or undoes that."""
    address, issue_id = _token_or_404(token)
    row = get_object_or_404(Newsletter, issues=issue_id or 0)
    if request.method == "POST":
        if request.POST.get("action") == "undo":
            services.come_back(address=address, newsletters=[row.pk])
        else:
            services.leave(address=address, newsletters=[row.pk], issue_id=issue_id)
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
    address, issue_id = _token_or_404(token)
    if request.method != "POST":
        return redirect("newsletters:leave", token)
    newsletter_ids = Issue.objects.filter(pk=issue_id or 0).values_list("newsletter", flat=True)
    services.leave(address=address, newsletters=list(newsletter_ids), issue_id=issue_id)
    return HttpResponse(_("You no longer get this newsletter."), content_type="text/plain; charset=utf-8")


def _token_or_404(token: str) -> tuple[Address, int | None]:
    found = read_token(token)
    if found is None:
        raise Http404("No address belongs to this link.")
    return found


@require_safe
@public_page(["newsletters", "listing", "clock"])
def issue(request: HttpRequest, slug: str, issue: str) -> HttpResponse:
    """Show an issue: its introduction, and the articles in it as they are now."""
    row = get_object_or_404(Issue.objects.sent().select_related("newsletter"), newsletter__slug=slug, slug=issue)
    now = timezone.now()
    shown = Article.objects.listed(now).filter(newsletter_issues__issue=row).order_by("newsletter_issues__position")
    versions = [article.as_served(now) for article in shown]
    missing = row.articles.count() - len(versions)
    context = {"issue": row, "newsletter": row.newsletter, "versions": versions, "missing": missing}
    return render(request, "newsletters/issue.html", context)
