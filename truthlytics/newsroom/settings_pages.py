"""The pages of settings: that of the publication's row, and those of its proxy models, which show other columns."""

from typing import Any

from django.contrib.admin import AdminSite
from django.urls import reverse

from truthlytics.publication.models import Publication


def settings_admins(site: AdminSite) -> list[Any]:
    models: list[Any] = [Publication, *Publication.__subclasses__()]
    return [site.get_model_admin(model) for model in models if site.is_registered(model)]


def settings_pages(current: Any) -> list[dict[str, object]]:
    """Return the name and URL of each page of settings, for links between them."""
    pages = settings_admins(current.admin_site)
    return [{"name": page.page_name, "url": page_url(page), "here": page is current} for page in pages]


def page_url(page: Any) -> str:
    return reverse(f"admin:truthlytics_{page.opts.model_name}_changelist")
