"""Read-only admin of the audit log."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy, gettext_noop

from articles.admin.base import BaseAdmin
from truthlytics.audit.admin import ReadOnly
from truthlytics.audit.log import AuditEntry
from truthlytics.contact.admin import MessageAdmin
from truthlytics.contact.models import Message
from truthlytics.newsroom.connection_settings import ConnectionAdmin
from truthlytics.newsroom.contract_settings import ContractAdmin
from truthlytics.newsroom.crawler_settings import CrawlerAdmin
from truthlytics.newsroom.design_settings import DesignAdmin
from truthlytics.newsroom.email_settings import EmailAdmin
from truthlytics.newsroom.login_settings import LoginAdmin
from truthlytics.newsroom.payment_settings import PaymentAdmin
from truthlytics.newsroom.record_settings import RecordAdmin
from truthlytics.newsroom.settings_admin import SettingsAdmin
from truthlytics.newsroom.system_settings import SystemAdmin
from truthlytics.newsroom.tax_settings import TaxAdmin
from truthlytics.publication.contract_settings import ContractSettings
from truthlytics.publication.models import Publication
from truthlytics.publication.proxies import (
    ConnectionSettings,
    CrawlerSettings,
    DesignSettings,
    EmailSettings,
    LoginSettings,
    PaymentSettings,
    RecordSettings,
    SystemSettings,
)
from truthlytics.publication.tax_rates import TaxSettings
from truthlytics.web.dates import local_date
from truthlytics.web.plugins import extension_configs

admin.site.register(Message, MessageAdmin)
admin.site.register(Publication, SettingsAdmin)
admin.site.register(DesignSettings, DesignAdmin)
admin.site.register(TaxSettings, TaxAdmin)
admin.site.register(PaymentSettings, PaymentAdmin)
admin.site.register(EmailSettings, EmailAdmin)
admin.site.register(ContractSettings, ContractAdmin)
admin.site.register(RecordSettings, RecordAdmin)
admin.site.register(ConnectionSettings, ConnectionAdmin)
admin.site.register(CrawlerSettings, CrawlerAdmin)
admin.site.register(LoginSettings, LoginAdmin)
admin.site.register(SystemSettings, SystemAdmin)


class ModelFilter(admin.SimpleListFilter):
    """Filter by model. Lists all registered models, since finding those with entries would scan the whole table."""

    title = gettext_lazy("type")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        site = model_admin.admin_site
        labels = ["articles", "comments", "subscriptions", *(config.label for config in extension_configs())]
        models = [model for label in labels for model in apps.get_app_config(label).get_models()]
        models = [model for model in models if site.is_registered(model)] + [Publication]
        return sorted((model._meta.label_lower, str(model._meta.verbose_name).capitalize()) for model in models)

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(model=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, BaseAdmin):
    purpose = gettext_lazy(
        "Who changed what in the newsroom, and when. Entries are written automatically and never deleted."
    )
    list_display = ["timestamp", "actor_name", "description", "object_label"]
    list_display_links = ["description"]
    list_filter = ["action", ModelFilter]
    search_fields = ["row_name", "actor_name", "message"]
    fields = ["description", "object_label", "actor_name", "timestamp", "changes"]
    readonly_fields = ["description", "object_label", "actor_name", "timestamp", "changes"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        entries: QuerySet[AuditEntry] = super().get_queryset(request)
        # The list shows none of the values, which can be long.
        match = request.resolver_match
        return entries.defer("before", "after") if match and str(match.url_name).endswith("changelist") else entries

    @admin.display(description=gettext_lazy("action"), ordering="id")
    def description(self, entry: AuditEntry) -> str:
        return entry.message or entry.get_action_display()

    @admin.display(description=gettext_lazy("object"))
    def object_label(self, entry: AuditEntry) -> str:
        return f"{entry.row_name} ({entry.model.rpartition('.')[2]} {entry.row_id})"

    @admin.display(description=gettext_lazy("time"), ordering="id")
    def timestamp(self, entry: AuditEntry) -> str:
        return local_date(entry.at, gettext_noop("j M Y, H:i:s T"))

    @admin.display(description=gettext_lazy("changes"))
    def changes(self, entry: AuditEntry) -> str:
        return render_to_string("admin/audit/changes.html", {"changes": entry.changes})
