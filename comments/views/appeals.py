"""The page of a decision for the writer of the comment, with a form to appeal."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from articles.access import ReaderRequest
from articles.models import Article
from comments.forms import AppealForm
from comments.models import Decision, Suspension
from comments.services import AlreadyAppealed, appeal_against
from comments.text import render as render_comment
from truthlytics.web.rate_limits import allow

TOO_MANY = gettext_lazy("You have sent too many appeals in the last hour. Your text is below. Please try again later.")
ALREADY_APPEALED = gettext_lazy("You have already appealed against this decision. Your text is below.")
NO_LONGER_IN_FORCE = gettext_lazy("This decision is no longer in force. Your text is below.")


@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: ReaderRequest, pk: int, error: str = "") -> HttpResponse:
    """Show a removal or suspension to its writer, who can appeal against it once.

    `error` is set to show the form again after a failed CSRF check.
    """
    form = AppealForm(request.POST if request.method == "POST" else None)
    if not request.user.is_authenticated:
        return _logged_out(request, form)
    own = Decision.objects.appealable_by(request.user).select_related("comment", "suspension", "appeal")
    decision = get_object_or_404(own, pk=pk)
    earlier = getattr(decision, "appeal", None)
    status = 403 if error else 200
    if request.method == "POST" and not error:
        if earlier is not None:
            status, error = 409, str(ALREADY_APPEALED)
        elif not decision.is_in_force():
            status, error = 409, str(NO_LONGER_IN_FORCE)
        elif not form.is_valid():
            status = 422
        elif not allow(request, "appeal", per_account=10, per_address=20, seconds=3600):
            status, error = 429, str(TOO_MANY)
        else:
            try:
                appeal_against(decision=decision, text=form.cleaned_data["text"])
                messages.success(request, _("Thank you. You’ll receive the answer by email."))
                return redirect("comments:appeal", decision.pk)
            except AlreadyAppealed as exists:
                status, error, earlier = 409, str(ALREADY_APPEALED), exists.appeal
    article = Article.objects.published().with_versions().filter(comments=decision.comment_id).first()
    context = {
        "decision": decision,
        "words": render_comment(decision.words),
        "article": article,
        "version": article.as_served(timezone.now()) if article else None,
        "appeal": earlier,
        "form": form,
        "error": error,
    }
    return render(request, "comments/appeal.html", context, status=status)


def _logged_out(request: ReaderRequest, form: AppealForm) -> HttpResponse:
    """Keep the text in the page after a session has expired. Says nothing about the decision itself."""
    if request.method != "POST":
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
    error = _("You’ve been logged out. Your text is below. Copy it, log in, and send it again.")
    return render(request, "comments/appeal.html", {"form": form, "error": error, "log_in": True}, status=403)


@login_required
@require_safe
def suspension(request: ReaderRequest) -> HttpResponse:
    """Redirect to the decision by which the reader is suspended."""
    current = get_object_or_404(Suspension.objects.in_force().filter(user=request.user))
    decisions = Decision.objects.appealable_by(request.user)
    return redirect("comments:appeal", get_object_or_404(decisions, suspension=current).pk)
