"""What every page may draw: the publication, its menus and the masthead's sections."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from articles.models import Section
from articles.presenters.menus import Menus, served_menus
from truthlytics.web.compiled_queries import CompiledObjectQuery
from truthlytics.web.fragments import fragment
from truthlytics.web.pages import is_personal

_sections: CompiledObjectQuery[Section] = CompiledObjectQuery(Section.objects.in_masthead)


def _menus() -> Callable[[], Menus]:
    """The menus, looked up at most once for a page; whoever draws them depends on them."""
    make = cache(lambda: served_menus(timezone.now()))
    return lambda: fragment("menus", make=make, tags=["menus"])


def publication(request: HttpRequest) -> dict[str, Any]:
    """Lazy: menus and sections cost their one query each only on a page that draws them."""
    return {
        "publication": settings.PUBLICATION,
        "site_url": settings.SITE_URL,
        # Not even built where the masthead is kept.
        "masthead_sections": _sections,
        "menus": _menus(),
        "personal": is_personal(request),
        "stylesheet": "css/layers.css" if settings.DEBUG or settings.TESTING else "css/site.css",
    }
