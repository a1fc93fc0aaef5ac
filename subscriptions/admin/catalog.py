"""Admin for tiers, plans and prices. Ordered prices are archived, never edited or deleted."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin import ActionLocation
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.utils import timezone

from subscriptions.models import Plan, Price, Tier
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import log_changes


@admin.register(Tier)
class TierAdmin(AuditedAdmin):
    list_display = ("name", "level", "may_comment")
    prepopulated_fields = {"slug": ("name",)}


class PriceInline(admin.TabularInline):
    """Adds prices to a plan. Existing prices have their own pages."""

    model = Price
    extra = 0
    fields = ("minor", "currency", "interval", "count", "archived_at")
    show_change_link = True
    max_num = 50

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Limit the number of rows; Django's default of 1,000 lets a forged form create that many."""
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Plan)
class PlanAdmin(AuditedAdmin):
    list_display = ("name", "slug", "tier", "position", "archived_at", "prices_on_sale")
    list_filter = ("tier", ("archived_at", admin.EmptyFieldListFilter))
    list_select_related = ("tier",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (PriceInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        on_sale = Count("prices", filter=Q(prices__archived_at=None, archived_at=None))
        return cast(QuerySet[Any], super().get_queryset(request).annotate(_on_sale=on_sale))

    @admin.display(description="prices on sale", ordering="_on_sale")
    def prices_on_sale(self, plan: Any) -> int:
        return int(plan._on_sale)


@admin.register(Price)
class PriceAdmin(AuditedAdmin):
    list_display = ("plan", "amount", "interval", "count", "archived_at")
    list_filter = (
        ("currency", admin.AllValuesFieldListFilter),
        "interval",
        ("archived_at", admin.EmptyFieldListFilter),
        "plan",
    )
    list_select_related = ("plan",)
    search_fields = ("plan__name", "plan__slug")
    actions = ("archive",)

    @admin.display(ordering="minor")
    def amount(self, price: Price) -> str:
        return str(price.money)

    def get_readonly_fields(self, request: HttpRequest, obj: Price | None = None) -> tuple[str, ...]:
        used = obj is not None and obj.has_orders()
        return ("plan", "minor", "currency", "interval", "count") if used else ()

    def has_delete_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return (obj is None or not obj.has_orders()) and super().has_delete_permission(request, obj)

    @admin.action(
        description="Archive (take off sale)",
        permissions=["change"],
        location=[ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM],
    )
    def archive(self, request: HttpRequest, prices: QuerySet[Price]) -> None:
        on_sale = list(prices.filter(archived_at=None))
        with transaction.atomic(), log_changes(on_sale, by=request.user, message="Archived."):
            for price in on_sale:  # Save each, so that cached pages are purged.
                price.archived_at = timezone.now()
                price.save(update_fields=["archived_at"])
        self.message_user(
            request, f"{len(on_sale)} price{pluralize(on_sale)} archived. Existing subscriptions are unchanged."
        )
