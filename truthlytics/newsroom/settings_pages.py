"""The pages of settings: that of the publication's row, of its proxy models, and of features and plug-ins."""

import logging
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.urls import reverse

from truthlytics.publication.models import Publication
from truthlytics.web.plugins import extension_configs, is_text

logger = logging.getLogger(__name__)


def settings_admins(site: AdminSite) -> list[Any]:
    own: list[type[Model]] = [Publication, *Publication.__subclasses__()]
    pages: list[Any] = [site.get_model_admin(model) for model in own if site.is_registered(model)]
    models = [model for config in extension_configs() for model in config.get_models()]
    others = (site.get_model_admin(model) for model in models if site.is_registered(model))
    return [page for page in pages if page.is_offered()] + [page for page in others if _is_named(page)]


def _is_named(page: Any) -> bool:
    """Return whether an admin of a plug-in has a name for the list of these pages. Others are logged."""
    try:
        return hasattr(page, "page_name") and is_text(page.page_name, longest=100)
    except Exception:
        logger.exception("The page of settings %s of a plug-in has no name.", type(page).__module__)
        return False


def settings_pages(current: Any) -> list[dict[str, object]]:
    """Return the name and URL of each page of settings, for links between them."""
    pages = settings_admins(current.admin_site)
    return [{"name": page.page_name, "url": page_url(page), "here": page is current} for page in pages]


def page_url(page: Any) -> str:
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
