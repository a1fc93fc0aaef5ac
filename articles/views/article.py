"""An article as this reader may see it."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest, decide
from articles.models import Article
from articles.presenters.article import Drawn, Served
from articles.views.decorators import gone_if_withdrawn
from truthlytics.web.fragments import fragment
from truthlytics.web.pages import depends_on, public_page
from truthlytics.web.read_counter import read_of


@public_page(tags=["sections", "plans", "people", "dossiers"])
@require_safe
@gone_if_withdrawn(Article)
def article(request: ReaderRequest, slug: str) -> HttpResponse:
    """What all readers share is drawn in fragments, so a value that only they use is given as a function."""
    served = Served(slug, timezone.now())
    piece = fragment("piece", slug, make=served.piece)
    decision = decide(piece, request.access)
    whole = decision.allowed and piece.required_level > 0
    drawn = Drawn(served, whole=whole)
    context = {
        "piece": piece,
        "decision": decision,
        "whole": whole,
        "current_section": piece.section,
        "tags": [f"article:{piece.pk}"],
        **{name: partial(getattr, drawn, name) for name in Drawn.NAMES},
    }
    response = render(request, "articles/article.html", context)
    if "comments" not in request.GET:  # who turns the pages of its conversation has read it already
        read_of(response, piece.pk)
    return depends_on(response, f"article:{piece.pk}", f"thread:{piece.pk}")
