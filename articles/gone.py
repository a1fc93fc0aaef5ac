"""What was public and is withdrawn: its address says so, rather than that there never was anything."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from articles.access import ReaderRequest
from articles.models import Article
from truthlytics.web.pages import depends_on

View = Callable[..., HttpResponse]


def or_gone(view: View) -> View:
    """For a view at an article's address, which takes its `slug`: 410 in place of 404 where readers had it once.

    What somebody was about to post there stands in the page, so that it is not lost.
    """

    @wraps(view)
    def wrapper(request: ReaderRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, slug, *args, **kwargs)
        except Http404:
            article = Article.objects.gone(timezone.now()).filter(slug=slug).defer("body").first()
            if article is None:
                raise
        context = {"article": article, "words": request.POST.get("text", "")}
        response = render(request, "articles/gone.html", context, status=410)
        return depends_on(response, f"article:{article.pk}", "sections")

    return wrapper
