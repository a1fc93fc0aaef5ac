"""The page Settings → Connections: what features and plug-ins show of other programs in its slot."""

from typing import cast

from django.contrib.admin import site
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from truthlytics.newsroom.record_settings import check_permission
from truthlytics.newsroom.settings_admin import PartAdmin
from truthlytics.newsroom.settings_pages import settings_pages
from truthlytics.publication.proxies import ConnectionSettings
from truthlytics.web.slots import is_empty

PAGE = "admin:truthlytics_connectionsettings_changelist"


class ConnectionAdmin(PartAdmin):
    """Settings → Connections. It has no form, and is not there if nothing is in its slot."""

    title = gettext_lazy("Connections")
    page_name = gettext_lazy("Connections")

    def is_offered(self) -> bool:
        return not is_empty("connections")

    def get_urls(self) -> list[URLPattern]:
        return [self.view_path("", show, "changelist")]


@require_safe
def show(request: HttpRequest, *, admin: ConnectionAdmin) -> HttpResponse:
    return connections_page(request)


def connections_page(request: HttpRequest, status: int = 200) -> HttpResponse:
    """Return the page, for views of what features and plug-ins show in the slot `connections`."""
    admin = connection_admin()
    if not admin.is_offered():
        raise Http404("Nothing is connected here.")
    return page_below(request, "admin/truthlytics/connections.html", admin.title, status)


def page_below(
    request: HttpRequest, template: str, title: object, status: int = 200, **context: object
) -> HttpResponse:
    """Return a page of what a feature or plug-in shows there, with the links between the pages of settings."""
    check_permission(request)
    admin = connection_admin()
    context = admin.view_context(request, title=title, pages=settings_pages(admin), **context)
    return TemplateResponse(request, template, context, status=status)


def connection_admin() -> ConnectionAdmin:
    return cast(ConnectionAdmin, site.get_model_admin(ConnectionSettings))
