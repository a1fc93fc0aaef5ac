"""Base admin that writes every change to the audit log, and a mixin for rows that are not edited."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import ShowFacets
from django.contrib.admin.models import LogEntry
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override

from truthlytics.audit.log import AuditEntry, Snapshot, log_action, snapshot
from truthlytics.web.generic import ModelAdmin
from truthlytics.web.users import user_of

View = Callable[..., HttpResponseBase]
# Outside of `admin_view`, because the outermost policy applies.
allow_framing = csp_override(settings.SECURE_CSP | {"frame-ancestors": [CSP.SELF]})
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class ReadOnly:
    """Mixin for a ModelAdmin or inline: view permission only."""

    media = forms.Media()

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ZonedDateTimeWidget(forms.SplitDateTimeWidget):
    """The browser's own fields for a date and a time, which name the time zone as the newsroom's own pages do."""

    template_name = "admin/widgets/split_datetime.html"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        # With seconds, so that an unchanged time is stored unchanged.
        super().__init__(attrs, "%Y-%m-%d", "%H:%M:%S", {"type": "date"}, {"type": "time"})

    def get_context(self, name: str, value: object, attrs: dict[str, object] | None) -> dict[str, object]:
        context: dict[str, object] = super().get_context(name, value, attrs)
        context["date_label"] = _("Date")
        context["time_label"] = _("Time (%(zone)s)") % {"zone": timezone.get_current_timezone_name()}
        return context


class AuditedAdmin(ModelAdmin[Any]):
    """Log additions, changes and deletions with the values before and after.

    Django's views call `log_addition`, `log_change` and `log_deletions`; custom views call `log_change` as well.
    Actions on several rows use `truthlytics.audit.log.log_changes`.
    """

    # A sentence that says what the list is for, shown while it is empty.
    purpose: str | Promise = ""
    show_facets = ShowFacets.NEVER
    formfield_overrides = {
        models.DateTimeField: {"form_class": forms.SplitDateTimeField, "widget": ZonedDateTimeWidget}
    }

    # Whether forms have date widgets of Django's, or links that open another form in a pop-up window.
    uses_django_scripts = False

    # URL names of views that only store unsaved text. Called too often to take a snapshot each time.
    unaudited_url_names: frozenset[str] = frozenset()

    @property
    def media(self) -> forms.Media:
        """Django's scripts for forms that need them, without those that fill slugs, which no form uses."""
        if not self.uses_django_scripts:
            return forms.Media()
        jquery = "jquery.js" if settings.DEBUG else "jquery.min.js"
        scripts = (f"vendor/jquery/{jquery}", "jquery.init.js", "core.js", "admin/RelatedObjectLookups.js")
        return forms.Media(js=[f"admin/js/{script}" for script in scripts])

    def view_path(self, route: str, view: View, name: str, *, frameable: bool = False) -> URLPattern:
        """Return the path of a custom view below the model's URL, named `<app>_<model>_<name>`.

        The view takes the request, the arguments of the route and the keyword argument `admin`. Our own pages can
        show a `frameable` view in a frame.
        """
        name = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        checked = self.admin_site.admin_view(partial(view, admin=self))
        return path(route, allow_framing(checked) if frameable else checked, name=name)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        context = {"media": forms.Media(js=["admin/js/actions.js"])} | (extra_context or {})
        try:
            return super().changelist_view(request, context)
        except OverflowError as error:
            raise Http404("SQLite has no row with such a large number.") from error

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method not in SAFE_METHODS and self._is_audited(request):
            _snapshots(request).setdefault((obj._meta.label_lower, obj.pk), snapshot(obj))
        return obj

    def _is_audited(self, request: HttpRequest) -> bool:
        return request.resolver_match is None or request.resolver_match.url_name not in self.unaudited_url_names

    def log_addition(self, request: HttpRequest, obj: models.Model, message: object) -> LogEntry:
        log_action(by=user_of(request), row=obj, action=AuditEntry.Action.ADDED, after=_current_snapshot(obj))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: object) -> LogEntry:
        before = _snapshots(request).get((obj._meta.label_lower, obj.pk))
        # A view may log a row that it never fetched with `get_object`; then there is only the message.
        log_action(
            by=user_of(request),
            row=obj,
            message=message if isinstance(message, str) else "",
            before=before,
            after=_current_snapshot(obj) if before is not None else None,
        )
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        for row in queryset:
            log_action(by=user_of(request), row=row, action=AuditEntry.Action.REMOVED, before=snapshot(row))
        return super().log_deletions(request, queryset)


def _snapshots(request: HttpRequest) -> dict[tuple[str, object], Snapshot]:
    """Return the snapshots taken in this request, by model label and primary key."""
    if not hasattr(request, "audit_snapshots"):
        request.audit_snapshots = {}  # type: ignore[attr-defined]
    return request.audit_snapshots  # type: ignore[attr-defined,no-any-return]


def _current_snapshot(row: models.Model) -> Snapshot:
    """Return the snapshot of `row` as stored, including what `save_related` or a service wrote."""
    current = type(row)._base_manager.filter(pk=row.pk).first()
    return snapshot(current) if current is not None else {}
