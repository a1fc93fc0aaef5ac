"""Base of the pages of *Settings*, also of those that plug-ins add: the form of the one row of a model."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import BaseAdmin
from truthlytics.newsroom.settings_pages import settings_pages


class OneRowAdmin(BaseAdmin):
    """A page of settings that shows the row of its model, or the form for it if there is none yet."""

    title: str | Promise = gettext_lazy("Settings")
    # The name among the pages of settings.
    page_name: str | Promise
    change_form_template = "admin/truthlytics/settings.html"

    def is_offered(self) -> bool:
        """Return whether the page is listed."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not self.model._default_manager.exists()

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        if not (self.has_view_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        row = self.model._default_manager.first()
        page = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return redirect(f"{page}_change", row.pk) if row else redirect(f"{page}_add")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, object], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= {
            "title": self.title,
            "subtitle": None,
            "pages": settings_pages(self),
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: models.Model, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self.response_change(request, obj)

    def response_change(self, request: HttpRequest, obj: models.Model) -> HttpResponse:
        self.message_user(request, _("Your settings are saved and live."), messages.SUCCESS)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", obj.pk)
