"""Reporting a comment to the moderators, and claiming imported ones as one's own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from articles.access import ReaderRequest
from comments.forms import ReportForm
from comments.models import Comment
from comments.permissions import suspension_refusal
from comments.services import report_comment
from comments.services.claiming import claim_comments
from comments.views.in_place import respond, wants_json
from truthlytics.web.rate_limits import allow
from truthlytics.web.users import user_of

TOO_MANY = gettext_lazy("You have sent too many reports in the last hour. Please try again later.")

ALREADY_REPORTED = gettext_lazy("You have already reported this comment. A moderator will review it.")


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: ReaderRequest, pk: int, error: str = "") -> HttpResponse:
    """Report someone else's comment. `error` is set to show the form again after a failed CSRF check."""
    comments = Comment.objects.on_published().visible().select_related("article", "author")
    if request.user.is_authenticated:
        comments = comments.exclude(author=request.user)
    comment = get_object_or_404(comments, pk=pk)
    form = ReportForm(request.POST if request.method == "POST" else None)
    status = 403 if error else 200
    if request.method == "POST" and not error:
        if not request.user.is_authenticated:
            status, error = 403, _("Log in to report a comment.")
        elif (suspended := suspension_refusal(request.user)) is not None:
            status, error = 403, str(suspended.message)
        elif not form.is_valid():
            status = 422
        elif not allow(request, "report", per_account=20, per_address=40, seconds=3600):
            status, error = 429, str(TOO_MANY)
        else:
            reported = report_comment(comment=comment, reporter=request.user, **form.cleaned_data)
            message = _("Thank you. A moderator will review the comment.") if reported else ALREADY_REPORTED
            if wants_json(request):
                return respond(request, comment, str(message), changed=False)
            messages.add_message(request, messages.SUCCESS if reported else messages.INFO, message)
            return redirect(comment)
    return render(request, "comments/report.html", {"comment": comment, "form": form, "error": error}, status=status)


@login_required
@require_POST
def claim(request: ReaderRequest) -> HttpResponse:
    if number := claim_comments(by=user_of(request)):
        text = ngettext("%(number)d comment is yours now.", "%(number)d comments are yours now.", number)
        messages.success(request, text % {"number": number})
    return redirect("comments:mine")
