"""The newsroom: Django's admin site with the project's login, security policy, navigation and dashboard."""

import logging
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from allauth.account.decorators import secure_admin_login
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override

from truthlytics.newsroom import views
from truthlytics.newsroom.inbox import inbox_for
from truthlytics.newsroom.navigation import nav_areas
from truthlytics.newsroom.readership.dashboard import dashboard_for
from truthlytics.newsroom.script_catalogue import catalogue_url, catalogue_view
from truthlytics.newsroom.statistics import statistics_for
from truthlytics.publication import get_publication
from truthlytics.publication.language import LANGUAGES
from truthlytics.web.budgets import strangers_at
from truthlytics.web.form_recovery import (
    COOKIE_PATH,
    DISCARD_FIELD,
    WAITING_COOKIE,
    discard_form,
    mark_saved,
    remember_staff,
    save_form,
    saved_fields,
)
from truthlytics.web.ids import parse_id
from truthlytics.web.users import user_of

# The public policy plus nonces, for Django's own admin pages, the hash of the rich-text editor's inline style, and
# blob: URLs, with which browsers paste images.
logger = logging.getLogger(__name__)
ADMIN_CSP: dict[str, Any] = settings.SECURE_CSP | {
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE, settings.EDITOR_STYLE],
    "img-src": [*settings.SECURE_CSP["img-src"], "data:", "blob:"],
    "connect-src": [*settings.SECURE_CSP["connect-src"], "blob:"],
    "frame-src": [CSP.SELF],
}
METHODS = ("GET", "HEAD", "POST")


@runtime_checkable
class SiteUrlsAdmin(Protocol):
    """An admin with URLs outside of /admin/<app>/<model>/, such as /admin/calendar/."""

    def get_site_urls(self) -> list[URLPattern]:
        """Return the patterns to include below /admin/."""


def _site_urls(model_admin: SiteUrlsAdmin) -> list[URLPattern]:
    """Return the patterns of an admin. One of a plug-in that fails has none, and is logged."""
    try:
        found = list(model_admin.get_site_urls())
        if not all(isinstance(url, URLPattern | URLResolver) for url in found):
            raise TypeError("Patterns are made with django.urls.path().")
    except Exception:
        if type(model_admin).__module__.partition(".")[0] not in {name.partition(".")[0] for name in settings.PLUGINS}:
            raise
        logger.exception("The pages of %s, of a plug-in, cannot be used.", type(model_admin).__module__)
        return []
    return found


class NewsroomSite(admin.AdminSite):
    index_title = gettext_lazy("Dashboard")
    index_template = "admin/dashboard.html"
    enable_nav_sidebar = False

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Check method, input and permission of every newsroom page, recover forms and set the security policy."""
        checked_view: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        @csp_override(ADMIN_CSP)
        def inner(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.method not in METHODS:
                # Django's own views treat other methods like GET.
                return HttpResponseNotAllowed(METHODS)
            if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
                raise BadRequest(_("URLs cannot contain null characters."))
            is_saved = is_discarded = False
            if request.method == "POST":
                if not request.user.is_authenticated:
                    # The session expired: keep the form until the user has logged in. Scripts retry on their own.
                    is_saved = request.accepts("text/html") and save_form(request)
                else:
                    is_discarded = discard_form(request)
                    if DISCARD_FIELD in request.POST:
                        return redirect(request.path)
                if any(parse_id(pk) is None for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)):
                    raise BadRequest(_("Invalid selection."))
            elif self.has_permission(request) and (fields := saved_fields(request)):
                context = self.each_context(request) | {
                    "title": _("Recovered text"),
                    "fields": fields,
                    "drop": DISCARD_FIELD,
                }
                return TemplateResponse(request, "admin/form_recovery.html", context)
            response = checked_view(request, *args, **kwargs)
            if is_saved:
                mark_saved(response)
            if is_discarded:
                response.delete_cookie(WAITING_COOKIE, path=COOKIE_PATH)
            if self.has_permission(request):
                remember_staff(request, response, user_of(request))
            return response

        return inner

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Use the project's login. Users who are not staff get 403 instead of a redirect loop."""
        return redirect("admin:index")

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Replace two views of Django.

        `view_on_site` reveals the URL of any row, such as a draft, to any staff user, and `jsi18n` has only the
        translations of Django's own scripts.
        """
        view_on_site = path(
            "r/<int:content_type_id>/<int:object_id>/", self.admin_view(self.view_on_site), name="view_on_site"
        )
        site_urls = [
            url
            for model_admin in self.model_admins()
            if isinstance(model_admin, SiteUrlsAdmin)
            for url in _site_urls(model_admin)
        ]
        return [
            view_on_site,
            path("jsi18n/", self.admin_view(self.i18n_javascript, cacheable=True), name="jsi18n"),
            *views.paths(self),
            *site_urls,
            *(url for url in super().get_urls() if getattr(url, "name", None) not in {"view_on_site", "jsi18n"}),
        ]

    def i18n_javascript(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return catalogue_view(request)

    def model_admins(self) -> list[admin.ModelAdmin[Any]]:
        return [self.get_model_admin(model) for model in apps.get_models() if self.is_registered(model)]

    def view_on_site(self, request: HttpRequest, content_type_id: int, object_id: int) -> HttpResponse:
        """Redirect to the public URL of a row that the user may view in the admin; otherwise 404."""
        content_type = ContentType.objects.filter(pk=content_type_id).first()
        model = content_type.model_class() if content_type else None
        if model is None or not self.is_registered(model):
            raise Http404("There is no such page.")
        model_admin = self.get_model_admin(model)
        if not model_admin.has_view_permission(request):
            raise Http404("There is no such page.")
        obj = get_object_or_404(model_admin.get_queryset(request), pk=object_id)
        if not hasattr(obj, "get_absolute_url"):
            raise Http404("It has no public page.")
        return redirect(obj)

    def password_change(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> Any:
        return redirect("account_change_password")

    def each_context(self, request: HttpRequest) -> dict[str, object]:
        context = super().each_context(request)
        name = get_publication().name
        areas = nav_areas(request) if context["has_permission"] else []
        items = [item for area in areas for item in area["items"]]
        return context | {
            "site_header": name,
            "site_title": _("%(publication)s newsroom") % {"publication": name},
            "other_languages": [language for language in LANGUAGES if language[0] != get_language()],
            "script_catalogue": catalogue_url(),
            "nav_areas": areas,
            "nav_items": items,
            "nav_title": next((item["name"] for item in items if item["here"]), ""),
        }

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Build the list only for the pages that show it: Django asks for it on every page."""
        return SimpleLazyObject(lambda: super(NewsroomSite, self).get_app_list(request, app_label))

    def index(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> TemplateResponse:
        user, now = user_of(request), timezone.now()
        figures = inbox_for(user, now) | statistics_for(user, now) | dashboard_for(user, now)
        figures["strangers"] = strangers_at(user.email)
        return super().index(request, figures | (extra_context or {}))
