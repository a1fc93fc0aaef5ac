"""The story so far: what was published of a dossier, with what is public of its articles."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.models import Dossier, DossierVersion
from articles.presenters import pages
from articles.views.decorators import or_gone
from truthlytics.web.pages import kept_page, public_page

TOLD = ("listing", "sections", "dossiers")


@public_page(tags=TOLD)
@require_safe
@or_gone(Dossier)
def dossier(request: ReaderRequest, slug: str) -> HttpResponse:
    now = timezone.now()

    def make() -> dict[str, Any]:
        version = get_object_or_404(DossierVersion.objects.served(now).select_related("dossier"), dossier__slug=slug)
        changes = list(version.dossier.versions.was_public(now).order_by("-number").defer("content"))
        return pages.of_dossier(version.dossier, version.content, changes, now)

    return kept_page(request, "articles/dossier.html", "dossier", slug, make=make, tags=TOLD)
