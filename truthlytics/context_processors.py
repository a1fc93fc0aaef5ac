"""Context processor: the publication, its menus, and the sections in the masthead."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from articles.models import Section
from articles.presenters.menus import Menus, served_menus
from truthlytics.publication import get_publication
from truthlytics.staticfiles import BUNDLES
from truthlytics.web.fragments import fragment, once
from truthlytics.web.pages import is_personal
from truthlytics.web.plugins import newsroom_styles, site_styles


def _menus() -> Menus:
    return fragment("menus", make=lambda: served_menus(timezone.now()), tags=["menus"])


def publication(request: HttpRequest) -> dict[str, object]:
    """Menus and sections are functions: they are queried only if a template uses them."""
    return {
        "publication": get_publication(),
        "site_url": settings.SITE_URL,
        "masthead_sections": Section.objects.in_menu,
        "menus": once(_menus),
        "personal": is_personal(request),
        "stylesheet": settings.STYLESHEET,
        "newsroom_stylesheet": settings.NEWSROOM_STYLESHEET,
        # What features and plug-ins add to these, which bundles contain.
        "site_styles": () if settings.STYLESHEET in BUNDLES else site_styles,
        "newsroom_styles": () if settings.NEWSROOM_STYLESHEET in BUNDLES else newsroom_styles,
    }
