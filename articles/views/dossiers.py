"""The story so far: what was published of a dossier, with what is public of its articles."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from articles import dossiers
from articles.access import ReaderRequest
from articles.gone import or_gone
from articles.metadata import absolute
from articles.models import Dossier, DossierVersion
from articles.rendering import plain
from articles.structure import breadcrumbs, collection
from truthlytics.web.pages import kept_page, public_page

TOLD = ("listing", "sections", "dossiers")


@public_page(tags=TOLD)
@require_safe
@or_gone(Dossier)
def dossier(request: ReaderRequest, slug: str) -> HttpResponse:
    now = timezone.now()

    def make() -> dict[str, Any]:
        served = DossierVersion.objects.served(now).select_related("dossier")
        return _told(get_object_or_404(served, dossier__slug=slug), now)

    return kept_page(request, "articles/dossier.html", "dossier", slug, make=make, tags=TOLD)


def _told(version: DossierVersion, now: datetime) -> dict[str, Any]:
    """What the template of a dossier draws."""
    pieces = dossiers.pieces_of(version, now)
    links = dossiers.links_of(pieces)
    context = {
        "title": version.content["title"],
        "summary": dossiers.summary_of(version.content),
        "entries": dossiers.entries_of(version.content, links),
        "pieces": pieces,
        "changes": list(version.dossier.versions.was_public(now).order_by("-number").defer("content")),
        "description": Truncator(" ".join(plain(version.content["summary"]).split())).words(30),
        "canonical": absolute(version.dossier.get_absolute_url()),
    }
    return context | {"structure": _structure(version, context, links)}


def _structure(version: DossierVersion, context: dict[str, Any], links: list[dossiers.Link]) -> list[dict[str, Any]]:
    title, here = context["title"], version.dossier.get_absolute_url()
    listed = [(link.headline, link.url) for link in links]
    return [collection(title, here, context["description"], listed), breadcrumbs((title, here))]
