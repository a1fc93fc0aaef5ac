"""Base classes of the newsroom's admins."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.functional import Promise

from truthlytics.audit.admin import AuditedAdmin, View, allow_framing
from truthlytics.web.types import ModelField, TemplateContext


def without_related_widget(field: Any) -> Any:
    """Return the form field without the add and change icons that open a second window."""
    if field is not None and hasattr(field.widget, "widget"):
        field.widget = field.widget.widget
    return field


class BaseAdmin(AuditedAdmin):
    """Audited admin without bulk actions. Missing or forbidden rows answer 404 instead of redirecting to the index."""

    actions: Any = None
    show_full_result_count = False
    list_per_page = 50
    # Retry once when another request took the same slug or file in between, so that the form can report it.
    retry_on_integrity_error = True

    def view_context(self, request: HttpRequest, **extra: object) -> TemplateContext:
        """Return the template context of a custom view: the site's, `opts` and `extra`."""
        return self.admin_site.each_context(request) | {"opts": self.opts} | extra

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        respond = partial(super().changeform_view, request, object_id, form_url, extra_context)
        try:
            return respond()
        except IntegrityError:
            if not self.retry_on_integrity_error:
                raise
            return respond()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj = super().get_object(request, object_id, from_field)
        if obj is None:
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        return obj

    def formfield_for_dbfield(self, db_field: ModelField, request: HttpRequest, **kwargs: Any) -> Any:
        # Keep the widgets that the form declares; the admin would replace them.
        if db_field.name in getattr(getattr(self.form, "Meta", None), "widgets", ()):
            return db_field.formfield(**kwargs)
        return without_related_widget(super().formfield_for_dbfield(db_field, request, **kwargs))

    def deletion_blocker(self, obj: Any) -> str | Promise:
        """Return why `obj` cannot be deleted by anyone, as a sentence; "" if it can be."""
        return ""

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if self.has_delete_permission(request, obj) and (reason := self.deletion_blocker(obj)):
            self.message_user(request, str(reason), messages.ERROR)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", obj.pk)
        try:
            return super().delete_view(request, object_id, extra_context)
        except IntegrityError:
            # Another request has just used it, which the blocker sees now.
            if not self.deletion_blocker(obj):
                raise
            return self.delete_view(request, object_id, extra_context)


class CustomViewsAdmin(BaseAdmin):
    """Admin without a change list or form: all its pages are custom views below /admin/<url_prefix>/."""

    url_prefix: str
    permission: str
    # The URL names of views that our own pages show in a frame.
    frameable: tuple[str, ...] = ()

    def custom_urls(self) -> list[tuple[str, View, str]]:
        """Return the route below /admin/<url_prefix>/, the view and the URL name of each page."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        return []

    def get_site_urls(self) -> list[URLPattern]:
        """See `truthlytics.newsroom.admin_site.SiteUrlsAdmin`."""
        paths = []
        for route, view, name in self.custom_urls():
            checked = self.admin_site.admin_view(self._require_permission(view))
            framed = allow_framing(checked) if name in self.frameable else checked
            paths.append(path(f"{self.url_prefix}/{route}", framed, name=name))
        return paths

    def _require_permission(self, view: View) -> View:
        def inner(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
            if not request.user.has_perm(self.permission):
                raise PermissionDenied
            return view(request, admin=self, **kwargs)

        return inner
