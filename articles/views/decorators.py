"""View decorators for public content."""

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
# The name for readers, and the cache tag of the response.
MODELS: dict[Any, tuple[str, Callable[[Any], str]]] = {
    Article: ("article", lambda article: f"article:{article.pk}"),
    Dossier: ("dossier", lambda dossier: "dossiers"),
    Page: ("page", lambda page: "pages"),
}


def gone_if_withdrawn(model: Any) -> Callable[[View], View]:
    """Respond with 410 instead of 404 if the `model` instance with the view's `slug` was public and is withdrawn.

    The page shows any text that was being posted, so that it is not lost.
    """
    name, tag = MODELS[model]

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: ReaderRequest, slug: str, *args: object, **kwargs: object) -> HttpResponse:
            try:
                return view(request, slug, *args, **kwargs)
            except Http404:
                withdrawn = model.objects.gone(timezone.now()).filter(slug=slug).first()
                if withdrawn is None:
                    raise
            context = {"object": withdrawn, "name": name, "posted_text": request.POST.get("text", "")}
            response = render(request, "articles/gone.html", context, status=410)
            return depends_on(response, tag(withdrawn), "sections")

        return wrapper

    return decorate
