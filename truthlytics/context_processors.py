"""What every page may draw: the publication and the masthead's sections."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from articles.models import Section
from truthlytics.demo.content import demo_note
from truthlytics.web.pages import is_personal
from truthlytics.web.prepared import PreparedObjects

_sections: PreparedObjects[Section] = PreparedObjects(Section.objects.in_masthead)


def publication(request: HttpRequest) -> dict[str, Any]:
    """Lazy: the sections cost their one query only on a page that draws them."""
    return {
        "publication": settings.PUBLICATION,
        "site_url": settings.SITE_URL,
        # Not even built where the masthead is kept.
        "masthead_sections": _sections,
        "personal": is_personal(request),
        "is_demo": settings.DEMO,
        "demo_note": demo_note() if settings.DEMO else "",
        "stylesheet": "css/layers.css" if settings.DEBUG or settings.TESTING else "css/site.css",
    }
