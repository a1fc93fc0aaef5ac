"""What the publication says of itself, in the version that is served."""

import json
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.models import Page, PageVersion
from articles.presenters import pages
from articles.views.decorators import or_gone
from truthlytics.web.pages import kept_page, public_page

TOLD = ("pages", "pictures")


@public_page(tags=("sections", *TOLD))
@require_safe
@or_gone(Page)
def page(request: ReaderRequest, slug: str) -> HttpResponse:
    now = timezone.now()

    def make() -> dict[str, Any]:
        version = get_object_or_404(PageVersion.objects.served(now).select_related("page"), page__slug=slug)
        changes = list(version.page.versions.was_public(now).order_by("-number").defer("content"))
        return pages.of_page(version.page, json.loads(version.content), changes)

    # The menu knows that it is here.
    return kept_page(request, "articles/page.html", "page", slug, make=make, tags=TOLD, current_section=f"page {slug}")
