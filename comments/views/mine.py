"""The comments that a reader has written."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.models import Article
from comments.models import Comment
from truthlytics.web.cursor_pagination import page

SIZE = 30


@require_safe
@login_required
def mine(request: ReaderRequest) -> HttpResponse:
    """List the reader's own comments with their state, the latest first. Two queries for any number."""
    now, after = timezone.now(), request.GET.get("after", "")
    own = Comment.objects.filter(author=request.user)
    found = page(own, after=after, size=SIZE, time="created_at", tie="id")
    published = Article.objects.listed(now).filter(pk__in={comment.article_id for comment in found.items})
    versions = {article.pk: article.as_served(now) for article in published}
    rows = [(comment, versions.get(comment.article_id)) for comment in found.items]
    return render(request, "comments/mine.html", {"page": found, "after": after, "rows": rows, "reader": request.user})
