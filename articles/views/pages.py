"""Pages about the publication, in their served version."""

import json

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.models import Page, PageVersion
from articles.presenters.pages import page_context
from articles.views.decorators import gone_if_withdrawn
from truthlytics.web.pages import cached_page, public_page

TAGS = ("pages", "pictures")


@public_page(tags=("sections", *TAGS))
@require_safe
@gone_if_withdrawn(Page)
def page(request: ReaderRequest, slug: str) -> HttpResponse:
    now = timezone.now()

    def make() -> dict[str, object]:
        version = get_object_or_404(PageVersion.objects.served(now).select_related("page"), page__slug=slug)
        changes = list(version.page.versions.was_public(now).order_by("-number").defer("content"))
        return page_context(version.page, json.loads(version.content), changes)

    # Marks the page as current in the menus.
    return cached_page(
        request, "articles/page.html", "page", slug, make=make, tags=TAGS, current_section=f"page {slug}"
    )
