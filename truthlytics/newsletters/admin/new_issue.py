"""The page that starts a new issue: of which kind, and of which newsletter."""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.models import Article
from truthlytics.newsletters.admin.forms import NewIssueForm
from truthlytics.newsletters.models import Issue, Newsletter
from truthlytics.newsletters.models.issues import MAX_PREVIEW_LENGTH, MAX_SUBJECT_LENGTH
from truthlytics.newsletters.services.decisions import add_articles
from truthlytics.newsletters.services.digests import make_digest, new_articles
from truthlytics.web.ids import slug_in
from truthlytics.web.users import User, user_of

if TYPE_CHECKING:
    from truthlytics.newsletters.admin.issues import IssueAdmin


@require_http_methods(["GET", "HEAD", "POST"])
def start_page(request: HttpRequest, admin: "IssueAdmin") -> HttpResponse:
    """Ask for the kind and the newsletter; POST makes the draft. `?article=` names an article to send in full."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    initial: dict[str, object] = {}
    if article := slug_in(request.GET.get("article", "")):
        initial = {"kind": Issue.Kind.ARTICLE, "article": article}
    newsletters = list(Newsletter.objects.all()[:2])
    if len(newsletters) == 1:
        initial["newsletter"] = newsletters[0].pk
    form = NewIssueForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            issue = _make(**form.cleaned_data, by=user_of(request))
        except IntegrityError:
            form.add_error(None, _("A colleague has just used one of the articles. Try again."))
        else:
            admin.log_addition(request, issue, [{"added": {}}])
            return redirect("admin:newsletters_issue_change", issue.pk)
    context = admin.view_context(request, title=_("New issue"), form=form, newsletters=newsletters)
    return TemplateResponse(request, "admin/newsletters/new_issue.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _make(*, kind: str, newsletter: Newsletter, article: Article | None, by: User) -> Issue:
    now = timezone.now()
    if kind == Issue.Kind.DIGEST:
        issue = make_digest(newsletter, new_articles(newsletter, now, until=now), until=now, now=now)
        Issue.objects.filter(pk=issue.pk).update(created_by=by)
        return issue
    issue = Issue(newsletter=newsletter, kind=kind, created_by=by)
    if article is not None and kind == Issue.Kind.ARTICLE:
        article = Article.objects.get(pk=article.pk)
        issue.subject = article.headline[:MAX_SUBJECT_LENGTH]
        issue.preview_text = article.standfirst[:MAX_PREVIEW_LENGTH]
        issue.save()
        add_articles(issue, [article])
    else:
        issue.save()
    return issue
