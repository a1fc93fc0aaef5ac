"""What the publication says of itself, in the version that is served."""

import json
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.gone import or_gone
from articles.images import pictures_of
from articles.metadata import absolute
from articles.models import Page, PageVersion
from articles.rendering import Rendered, render
from articles.structure import breadcrumbs, page_of_words
from truthlytics.web.pages import kept_page, public_page

TOLD = ("pages", "pictures")


@public_page(tags=("sections", *TOLD))
@require_safe
@or_gone(Page)
def page(request: ReaderRequest, slug: str) -> HttpResponse:
    now = timezone.now()

    def make() -> dict[str, Any]:
        served = PageVersion.objects.served(now).select_related("page")
        return _told(get_object_or_404(served, page__slug=slug), now)

    # The menu knows that it is here.
    return kept_page(request, "articles/page.html", "page", slug, make=make, tags=TOLD, current_section=f"page {slug}")


def _told(version: PageVersion, now: datetime) -> dict[str, Any]:
    """What the template of a page draws."""
    content = json.loads(version.content)
    rendered = drawn(content)
    changes = list(version.page.versions.was_public(now).order_by("-number").defer("content"))
    title, here = content["headline"], version.page.get_absolute_url()
    description = content["standfirst"] or Truncator(" ".join(rendered.plain_all.split())).words(30)
    return {
        "title": title,
        "standfirst": content["standfirst"],
        # The renderer's own, out of a body that was cleaned.
        "body": mark_safe(rendered.free_html),  # noqa: S308
        "notes": mark_safe(rendered.free_notes),  # noqa: S308
        "changes": changes,
        "description": description,
        "canonical": absolute(here),
        "structure": [
            page_of_words(version.page, title, description, since=changes[-1].public_from, changed=version.public_from),
            breadcrumbs((title, here)),
        ],
    }


def drawn(content: dict[str, Any]) -> Rendered:
    """The words of a version as HTML, with the sizes that its pictures have today."""
    return render(content | {"required_level": 0}, pictures_of(content) if content["pictures"] else {})
