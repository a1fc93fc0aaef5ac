"""The page Settings → Tax: what prices and invoices say about VAT."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions.tax import vat_ids
from truthlytics.newsroom.settings_admin import PERMISSION, PartAdmin
from truthlytics.publication.countries import EU
from truthlytics.publication.tax_rates import TaxRate, TaxSettings
from truthlytics.web.generic import TabularInline
from truthlytics.web.types import InlineFormSet

MAX_RATES = 300


class TaxForm(forms.ModelForm[TaxSettings]):
    """What the publisher says about tax. A rate and the small-business scheme need a country."""

    class Meta:
        model = TaxSettings
        fields = ("country", "tax_id", "vat_id", "small_business", "small_business_note", "tax_rate")

    def clean_vat_id(self) -> str:
        return vat_ids.normalised(self.cleaned_data["vat_id"])

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        country, vat_id, rate = data.get("country"), data.get("vat_id"), data.get("tax_rate")
        if settings.STRIPE_AUTOMATIC_TAX and (rate is not None or data.get("small_business")):
            raise ValidationError(
                _("Stripe computes the tax on this site (STRIPE_AUTOMATIC_TAX=1). Turn that off before you set a rate.")
            )
        if (rate is not None or data.get("small_business")) and not country and "country" not in self.errors:
            self.add_error("country", _("Choose the country whose tax this is."))
        if data.get("small_business") and not data.get("small_business_note"):
            self.add_error("small_business_note", _("Enter the sentence that invoices must carry."))
        if vat_id and country in EU and vat_ids.country_of(str(vat_id)) != country:
            prefix = vat_ids.prefix_of(str(country))
            if str(vat_id).startswith(prefix):
                message = _("This VAT ID has a typing error: its length or its check digits are wrong.")
            else:
                message = _("A VAT ID of this country begins with %(prefix)s.") % {"prefix": prefix}
            self.add_error("vat_id", message)
        return data


class TaxRateForm(forms.ModelForm[TaxRate]):
    class Meta:
        model = TaxRate
        fields = ("country", "rate", "valid_from", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the fields: in a table, they have no labels."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if data.get("rate") == 0 and not data.get("note"):
            self.add_error("note", _("Say why no VAT is charged. Invoices must carry the reason."))
        return data


class TaxRateInline(TabularInline[TaxRate, TaxSettings]):
    """The table of other rates. The permission to change the settings is enough to change it."""

    model = TaxRate
    form = TaxRateForm
    extra = 1
    max_num = MAX_RATES

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: object) -> InlineFormSet:
        """Limit the number of rows; Django's default of 1,000 lets a forged form create that many."""
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm(PERMISSION)


class TaxAdmin(PartAdmin):
    uses_django_scripts = True
    title = gettext_lazy("Tax")
    page_name = gettext_lazy("Tax")
    form = TaxForm
    readonly_fields = []
    inlines = [TaxRateInline]
    fieldsets = [
        (
            gettext_lazy("Publisher"),
            {
                "description": gettext_lazy("Printed on invoices with the publisher’s name and legal address."),
                "fields": ["country", "tax_id", "vat_id"],
            },
        ),
        (
            gettext_lazy("VAT on subscriptions"),
            {
                "description": gettext_lazy(
                    "Prices always include VAT. It is said with every price, and on orders and invoices. What was sold "
                    "keeps the rate of its day."
                ),
                "fields": ["tax_rate", "small_business", "small_business_note"],
            },
        ),
    ]

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if not obj.legal_address and (obj.small_business or obj.tax_rate is not None):
            text = _("Invoices need your legal address. Enter it in the settings under “Publisher and contact”.")
            self.message_user(request, text, messages.WARNING)
        return super().response_change(request, obj)
