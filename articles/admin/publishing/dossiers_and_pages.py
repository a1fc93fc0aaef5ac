"""Base admin of dossiers and pages."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.editing.context import numbered_versions
from articles.admin.editing.local_time import future_expiry
from articles.admin.formatting import badge, short_datetime
from articles.admin.publishing.base import PublishingAdmin
from articles.services import publishing
from articles.services.item_types import Item
from truthlytics.web.types import AnyRows, FormField, ModelField


class PublishableAdmin(PublishingAdmin):
    """Columns of the list and context of the change page for items with a state computed from their versions."""

    def get_queryset(self, request: HttpRequest) -> AnyRows:
        versions: Any = self.model._meta.get_field("versions").related_model
        prefetch = models.Prefetch("versions", versions.objects.defer("content"))
        return super().get_queryset(request).prefetch_related(prefetch)

    def formfield_for_dbfield(self, db_field: ModelField, request: HttpRequest, **kwargs: Any) -> FormField:
        # Keep all widgets of the form; the admin would replace them.
        return db_field.formfield(**kwargs)

    @admin.display(description=gettext_lazy("status"))
    def state_badge(self, item: Item) -> str:
        return self.badges(item)

    @admin.display(description=gettext_lazy("edited"), ordering="updated_at")
    def date(self, item: Item) -> str:
        iso = timezone.localtime(item.updated_at).isoformat(timespec="seconds")
        return format_html('<time datetime="{}">{}</time>', iso, short_datetime(item.updated_at))

    def badges(self, item: Item) -> str:
        return badge(item.state())

    def status_context(self, request: HttpRequest, item: Any) -> dict[str, object]:
        """Return the context of the status panel. `item` is None for a new one."""
        state = item.state() if item else "draft"
        versions = numbered_versions(item) if item and item.pk else []
        served = item.served_version() if versions else None
        scheduled = item.scheduled_version() if versions else None
        return {
            "title": str(item) if item else _("New %(verbose_name)s") % {"verbose_name": self.opts.verbose_name},
            "subtitle": None,
            "state": state,
            "badge": badge(state),
            "may_publish": self.may_publish(request),
            "public": state in {"published", "changing"},
            "scheduled_at": scheduled.public_from if scheduled else None,
            "expires_at": future_expiry(item) if item else None,
            "versions": versions,
            "served": served,
            "served_number": next((version.shown for version in versions if version == served), None),
            "differs": served is not None and publishing.differs(item, served),
            "deletable": bool(item) and not versions and self.has_delete_permission(request, item),
        }
