"""The pages of settings: that of the publication's row, those of its proxy models, and those of plug-ins."""

from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.urls import reverse

from truthlytics.publication.models import Publication
from truthlytics.web.plugins import plugin_configs


def settings_admins(site: AdminSite) -> list[Any]:
    models: list[type[Model]] = [Publication, *Publication.__subclasses__()]
    pages = [site.get_model_admin(model) for model in models if site.is_registered(model)]
    of_plugins = (model for config in plugin_configs() for model in config.get_models() if site.is_registered(model))
    return pages + [page for model in of_plugins if hasattr(page := site.get_model_admin(model), "page_name")]


def settings_pages(current: Any) -> list[dict[str, object]]:
    """Return the name and URL of each page of settings, for links between them."""
    pages = settings_admins(current.admin_site)
    return [{"name": page.page_name, "url": page_url(page), "here": page is current} for page in pages]


def page_url(page: Any) -> str:
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
