"""Dossiers, in their served version."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.models import Dossier, DossierVersion
from articles.presenters.dossiers import dossier_context
from articles.views.decorators import gone_if_withdrawn
from truthlytics.web.pages import cached_page, public_page

TAGS = ("listing", "sections", "dossiers")


@public_page(tags=TAGS)
@require_safe
@gone_if_withdrawn(Dossier)
def dossier(request: ReaderRequest, slug: str) -> HttpResponse:
    now = timezone.now()

    def make() -> dict[str, object]:
        version = get_object_or_404(DossierVersion.objects.served(now).select_related("dossier"), dossier__slug=slug)
        changes = list(version.dossier.versions.was_public(now).order_by("-number").defer("content"))
        return dossier_context(version.dossier, version.content, changes, now)

    return cached_page(request, "articles/dossier.html", "dossier", slug, make=make, tags=TAGS)
