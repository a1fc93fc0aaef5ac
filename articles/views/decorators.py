"""What was public and is withdrawn: its address says so, rather than that there never was anything."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from articles.access import ReaderRequest
from articles.models import Article, Dossier, Page
from truthlytics.web.pages import depends_on

View = Callable[..., HttpResponse]
# What readers call it, and what the page that says so depends on.
KINDS: dict[Any, tuple[str, Callable[[Any], str]]] = {
    Article: ("piece", lambda article: f"article:{article.pk}"),
    Dossier: ("dossier", lambda dossier: "dossiers"),
    Page: ("page", lambda page: "pages"),
}


def or_gone(kind: Any) -> Callable[[View], View]:
    """For a view at the address of a `kind`, which takes its `slug`: 410 in place of 404 where readers had it once.

    What somebody was about to post there stands in the page, so that it is not lost.
    """
    name, tag = KINDS[kind]

    def around(view: View) -> View:
        @wraps(view)
        def wrapper(request: ReaderRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, slug, *args, **kwargs)
            except Http404:
                thing = kind.objects.gone(timezone.now()).filter(slug=slug).first()
                if thing is None:
                    raise
            context = {"thing": thing, "name": name, "words": request.POST.get("text", "")}
            response = render(request, "articles/gone.html", context, status=410)
            return depends_on(response, tag(thing), "sections")

        return wrapper

    return around
