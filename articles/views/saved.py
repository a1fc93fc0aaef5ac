"""Saving articles for later, and the reader's list of them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from articles.access import ReaderRequest
from articles.models import Article, SavedArticle
from articles.views.decorators import gone_if_withdrawn
from truthlytics.web.cursor_pagination import page
from truthlytics.web.rate_limits import allow

SIZE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@gone_if_withdrawn(Article)
def save(request: ReaderRequest, slug: str) -> HttpResponse:
    """POST saves the article; GET asks, for readers who come from the login."""
    article = get_object_or_404(Article.objects.published().with_versions(), slug=slug)
    saved = SavedArticle.objects.of(request.user).filter(article=article).exists()
    if request.method != "POST":
        context = {"article": article, "headline": article.served().headline, "saved": saved}
        return render(request, "articles/save.html", context)
    if not saved and not allow(request, "save", per_account=200, per_address=600, seconds=3600):
        messages.error(request, _("You have saved many articles in the last hour. Please try again later."))
    elif not saved:
        SavedArticle.objects.get_or_create(user=request.user, article=article)
        messages.success(request, _("Saved. You’ll find the article in your account, under “Saved articles”."))
    return redirect(article)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def unsave(request: ReaderRequest, slug: str) -> HttpResponse:
    """POST removes the article from the list, also if it is no longer available. GET shows the list."""
    if request.method == "POST":
        saved = get_object_or_404(SavedArticle.objects.of(request.user), article__slug=slug)
        saved.delete()
        messages.success(request, _("Removed from your saved articles."))
        if "back" in request.POST:
            return redirect("articles:article", slug)
    return redirect("articles:saved")


@require_safe
@login_required
def saved_list(request: ReaderRequest) -> HttpResponse:
    """List the reader's saved articles, the latest first. Three queries for any number."""
    now, after = timezone.now(), request.GET.get("after", "")
    rows = SavedArticle.objects.of(request.user).select_related("article").only("saved_at", "article__slug")
    found = page(rows, after=after, size=SIZE, time="saved_at", tie="id")
    published = Article.objects.listed(now).filter(pk__in=[saved.article_id for saved in found.items])
    versions = {article.pk: article.as_served(now) for article in published}
    saved: list[object] = [(row, versions.get(row.article_id)) for row in found.items]
    return render(request, "articles/saved.html", {"page": found, "after": after, "saved": saved})
