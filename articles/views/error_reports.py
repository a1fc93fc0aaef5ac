"""The page for readers to report an error in an article. Needs no account."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from articles.forms.error_reports import ErrorReportForm
from articles.models import Article
from articles.presenters.history import ArticleKind, History, PublicVersion, history_of
from articles.services.error_reports import receive_report
from articles.views.decorators import gone_if_withdrawn
from truthlytics.web.ids import parse_id
from truthlytics.web.rate_limits import allow


@require_http_methods(["GET", "HEAD", "POST"])
@gone_if_withdrawn(Article)
def report_error(request: HttpRequest, slug: str, error: str = "") -> HttpResponse:
    """Show the form, or store a report about the version in `?version=`. Every error response contains the text.

    `error` is set to show the form again after a failed CSRF check.
    """
    history = history_of(ArticleKind(), slug, timezone.now())
    version = _version_read(request, history)
    status = 200
    if request.method != "POST":
        form = ErrorReportForm(initial={"key": uuid.uuid4()})
    else:
        form = ErrorReportForm(request.POST)
        if error:
            status = 403
        elif not form.is_valid():
            status = 422
        elif not allow(request, "error-report", per_account=10, per_address=10, seconds=3600):
            status, error = 429, _("You’ve sent many reports in the last hour. Wait a while, then send this one again.")
        else:
            if not form.is_from_a_program:
                receive_report(report=form.report(version.pk))
            return redirect("articles:error_reported", slug)
    return _page(request, "articles/report_error.html", history, status, form=form, error=error, version=version)


@require_safe
@gone_if_withdrawn(Article)
def error_reported(request: HttpRequest, slug: str) -> HttpResponse:
    """Thank the reader."""
    return _page(request, "articles/error_reported.html", history_of(ArticleKind(), slug, timezone.now()))


def _version_read(request: HttpRequest, history: History) -> PublicVersion:
    """Return the version that the reader has read, by default the current one."""
    number = parse_id(request.GET.get("version"))
    return history.get(number) if number and number <= history.current.number else history.current


def _page(request: HttpRequest, template: str, history: History, status: int = 200, **context: object) -> HttpResponse:
    context |= {"history": history, "current_section": history.section}
    return render(request, template, context, status=status)
