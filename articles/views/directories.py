"""The pages that list all topics, series, dossiers and authors."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.presenters import directories
from articles.presenters.directories import DirectoryItem
from articles.seo.jsonld import breadcrumbs
from articles.seo.meta import absolute_url
from truthlytics.web.pages import cached_page, public_page

TAGS = ("listing", "sections", "pictures", "dossiers")


@public_page(tags=TAGS)
@require_safe
def topic_list(request: ReaderRequest) -> HttpResponse:
    introduction = _("Everything we write about, from A to Z.")
    return _directory(request, "topic_list", _("Topics"), introduction, directories.topics)


@public_page(tags=TAGS)
@require_safe
def series_list(request: ReaderRequest) -> HttpResponse:
    return _directory(
        request, "series_list", pgettext("plural", "Series"), _("Articles to be read in order."), directories.series
    )


@public_page(tags=TAGS)
@require_safe
def dossier_list(request: ReaderRequest) -> HttpResponse:
    introduction = _("Background on running stories: what happened, and what we wrote about it.")
    return _directory(request, "dossier_list", _("Dossiers"), introduction, directories.dossiers)


@public_page(tags=TAGS)
@require_safe
def author_list(request: ReaderRequest) -> HttpResponse:
    return _directory(request, "author_list", _("Authors"), _("The people who write here."), directories.authors)


def _directory(
    request: ReaderRequest, name: str, title: str, introduction: str, find: Callable[[datetime], list[DirectoryItem]]
) -> HttpResponse:
    def make() -> dict[str, object]:
        url = reverse(f"articles:{name}")
        return {
            "title": title,
            "introduction": introduction,
            "items": find(timezone.now()),
            "canonical": absolute_url(url),
            "structure": [breadcrumbs((title, url))],
        }

    return cached_page(request, "articles/directory.html", "directory", name, make=make, tags=TAGS)
