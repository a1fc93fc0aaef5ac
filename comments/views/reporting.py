"""A reader reports a comment."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from articles.access import ReaderRequest
from comments.forms import ReportForm
from comments.models import Comment
from comments.services import report_comment
from truthlytics.web.rate_limits import allow

TOO_MANY = "You have sent too many reports in the last hour. Please try again later."


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: ReaderRequest, pk: int, problem: str = "") -> HttpResponse:
    """Say what is wrong with somebody else's comment. `problem`: why what was sent is shown again."""
    comments = Comment.objects.on_published().visible().select_related("article", "author")
    if request.user.is_authenticated:
        comments = comments.exclude(author=request.user)
    found = get_object_or_404(comments, pk=pk)
    form = ReportForm(request.POST if request.method == "POST" else None)
    status = 403 if problem else 200
    if request.method == "POST" and not problem:
        if not request.user.is_authenticated:
            status, problem = 403, "Log in to report a comment."
        elif not form.is_valid():
            status = 422
        elif not allow(request, "report", per_account=20, per_address=40, seconds=3600):
            status, problem = 429, TOO_MANY
        else:
            report_comment(comment=found, reporter=request.user, **form.cleaned_data)
            messages.success(request, "Thank you. A moderator will review the comment.")
            return redirect(found)
    context = {"comment": found, "form": form, "problem": problem}
    return render(request, "comments/report.html", context, status=status)
