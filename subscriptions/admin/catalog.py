"""Admin for plans with their prices and tier. Ordered prices are archived, never edited or deleted."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Prefetch, Q, QuerySet, TextField
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from subscriptions import states
from subscriptions.admin import archiving
from subscriptions.admin.filters import ArchivedFilter
from subscriptions.forms.amounts import AmountField, as_decimal, minor_units
from subscriptions.models import Plan, Price, Tier
from subscriptions.periods import Interval
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.publication import get_publication
from truthlytics.publication.slugs import SlugFromNameForm
from truthlytics.web.generic import StackedInline
from truthlytics.web.types import AnyRows, FormClass, InlineFormSet, ModelField

INTERVALS = [(Interval.MONTH.value, gettext_lazy("month")), (Interval.YEAR.value, gettext_lazy("year"))]


class PriceForm(forms.ModelForm[Price]):
    """A price with its amount as money, such as 9.00, instead of minor units."""

    amount = AmountField(help_text=gettext_lazy("For example 9.00"))
    interval = forms.ChoiceField(label=gettext_lazy("Period"), choices=INTERVALS, initial=Interval.MONTH.value)
    count = forms.IntegerField(
        label=gettext_lazy("Number of periods"),
        min_value=1,
        max_value=120,
        initial=1,
        help_text=gettext_lazy("For example, 3 and “month” for every three months."),
    )

    class Meta:
        model = Price
        fields = ("plan", "currency", "interval", "count")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "amount" in self.fields:
            self.initial["amount"] = as_decimal(self.instance.minor, self.instance.currency)

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        amount, currency = data.get("amount"), data.get("currency")
        if amount is not None and currency:
            try:
                self.instance.minor = minor_units(amount, currency)
            except ValidationError as error:
                self.add_error("amount", error)
        return data


class PartOfPlans(AuditedAdmin):
    """Reached from the plans; not listed in the navigation."""

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {}


@admin.register(Tier)
class TierAdmin(PartOfPlans):
    purpose = gettext_lazy("What subscribers may do: which articles they can read, and whether they may comment.")
    list_display = ("name", "level", "may_comment")
    form = SlugFromNameForm


class NewPriceInline(StackedInline[Price, Plan]):
    """Adds prices to a plan. Existing prices are listed above the form, with buttons to archive them."""

    model = Price
    form = PriceForm
    verbose_name = gettext_lazy("new price")
    verbose_name_plural = gettext_lazy("New prices")
    extra = 1  # So that a price can be added without script.
    fields = (("amount", "currency", "interval", "count"),)
    max_num = 50

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: object) -> InlineFormSet:
        """Limit the number of rows; Django's default of 1,000 lets a forged form create that many."""
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)

    def get_queryset(self, request: HttpRequest) -> AnyRows:
        return super().get_queryset(request).none()


def archive_urls(admin: AuditedAdmin) -> list[URLPattern]:
    """Return the URLs that archive and restore rows of `admin`."""
    return [
        admin.view_path("<int:pk>/archive/", archiving.archive, "archive"),
        admin.view_path("<int:pk>/restore/", archiving.restore, "restore"),
    ]


def with_subscribers(rows: Any, relation: str) -> Any:
    """Annotate plans or prices with the number of their live subscriptions, to which `relation` leads."""
    live = Q(**{f"{relation}__status__in": states.LIVE})
    return rows.annotate(subscribers=Count(relation, filter=live, distinct=True))


@admin.register(Plan)
class PlanAdmin(AuditedAdmin):
    """A plan's page has everything about it: tier, prices, free trial. Plans are archived, not deleted."""

    purpose = gettext_lazy("What readers can subscribe to. A plan has a tier and at least one price.")
    list_display = ("name", "tier", "prices_on_sale", "trial", "subscribers", "state", "position")
    list_filter = ("tier", ("archived_at", ArchivedFilter))
    list_select_related = ("tier",)
    search_fields = ("name", "slug")
    form = SlugFromNameForm
    inlines = (NewPriceInline,)
    readonly_fields = ("tier_details",)
    formfield_overrides = {TextField: {"widget": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})}}

    def get_urls(self) -> list[URLPattern]:
        return [*archive_urls(self), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        plan: Plan | None = self.get_object(request, object_id)
        context: dict[str, object] = {"prices": prices_of(plan) if plan else []}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def formfield_for_dbfield(self, db_field: ModelField, request: HttpRequest, **kwargs: object) -> Any:
        """Leave out the icons beside the tier: the tier is described, with a link, below it."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and hasattr(field.widget, "widget"):
            field.widget = field.widget.widget
        return field

    def get_fieldsets(self, request: HttpRequest, obj: Plan | None = None) -> Any:
        fields = ("name", "slug", "summary", "benefits", "trial_days", "position")
        tier = ("tier",) if obj is None else ("tier", "tier_details")
        return ((_("Plan"), {"fields": fields}), (_("Tier"), {"fields": tier}))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        on_sale = with_subscribers(Price.objects.filter(archived_at=None), "subscriptions")
        plans: QuerySet[Plan] = with_subscribers(super().get_queryset(request), "prices__subscriptions")
        return plans.prefetch_related(Prefetch("prices", on_sale, to_attr="current_prices"))

    @admin.display(description=gettext_lazy("prices on sale (subscribers)"))
    def prices_on_sale(self, plan: Any) -> str:
        prices = [] if plan.archived_at else plan.current_prices
        return ", ".join(f"{price.money} {price.per} ({price.subscribers})" for price in prices) or "–"

    @admin.display(description=gettext_lazy("free trial"), ordering="trial_days")
    def trial(self, plan: Plan) -> str:
        return ngettext("%d day", "%d days", plan.trial_days) % plan.trial_days if plan.trial_days else "–"

    @admin.display(description=gettext_lazy("subscribers"), ordering="subscribers")
    def subscribers(self, plan: Any) -> int:
        return int(plan.subscribers)

    @admin.display(description=gettext_lazy("state"), ordering="archived_at")
    def state(self, plan: Plan) -> str:
        if plan.archived_at:
            return _("archived")
        return _("on sale") if get_publication().selling_waits_since is None else _("not yet on sale")

    @admin.display(description=gettext_lazy("what the tier gives"))
    def tier_details(self, plan: Plan) -> str:
        tier = plan.tier
        parts = [_("Access level: %s") % tier.get_level_display()]
        parts.append(_("may comment") if tier.may_comment else _("may not comment"))
        url = reverse("admin:subscriptions_tier_change", args=[tier.pk])
        link = format_html('<a href="{}">{}</a>', url, _("Edit tier"))
        benefits = format_html_join("", "<li>{}</li>", ((line,) for line in plan.gives))
        return format_html("<p>{}. {}</p><ul>{}</ul>", ", ".join(parts), link, benefits)


def prices_of(plan: Plan) -> list[Price]:
    """Return the prices on sale, then archived ones, with `orders` and `subscribers` (numbers)."""
    on_sale_first = F("archived_at").desc(nulls_first=True)
    prices = with_subscribers(plan.prices.annotate(orders=Count("order_lines", distinct=True)), "subscriptions")
    return list(prices.select_related("plan").order_by(on_sale_first, "currency", "interval", "count"))


@admin.register(Price)
class PriceAdmin(PartOfPlans):
    uses_django_scripts = True
    purpose = gettext_lazy("What a plan costs for a month, a year or another period. A plan can have several prices.")
    form = PriceForm
    list_display = ("plan", "money", "period", "archived_at")
    list_filter = (("currency", admin.AllValuesFieldListFilter), "interval", ("archived_at", ArchivedFilter), "plan")
    list_select_related = ("plan",)
    search_fields = ("plan__name", "plan__slug")

    @admin.display(description=gettext_lazy("amount"), ordering="minor")
    def money(self, price: Price) -> str:
        return str(price.money)

    @admin.display(description=gettext_lazy("period"), ordering="interval")
    def period(self, price: Price) -> str:
        return price.per

    def get_form(
        self, request: HttpRequest, obj: Price | None = None, change: bool = False, **kwargs: object
    ) -> FormClass:
        if obj is not None and obj.has_orders():
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Price | None = None) -> tuple[str, ...]:
        if obj is not None and obj.has_orders():
            return ("plan", "money", "period", "archived_at")
        return ("plan", "amount", "currency", "interval", "count")

    def get_readonly_fields(self, request: HttpRequest, obj: Price | None = None) -> tuple[str, ...]:
        return ("plan", "money", "period", "archived_at") if obj is not None and obj.has_orders() else ()

    def has_delete_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        return [*archive_urls(self), *super().get_urls()]
