"""The page Settings → Contracts: what readers agree to, and what a withdrawal gives back."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from truthlytics.newsroom.settings_admin import SettingsAdmin
from truthlytics.newsroom.tax_settings import TaxAdmin
from truthlytics.publication.contract_settings import ContractSettings


class ContractForm(forms.ModelForm[ContractSettings]):
    class Meta:
        model = ContractSettings
        fields = ("immediate_start", "immediate_start_text", "withdrawal_refund", "cancellation_notice")
        widgets = {
            "immediate_start": forms.RadioSelect,
            "immediate_start_text": forms.Textarea(attrs={"rows": 3}),
            "withdrawal_refund": forms.RadioSelect,
            "cancellation_notice": forms.RadioSelect,
        }

    def clean_immediate_start_text(self) -> str:
        return " ".join(self.cleaned_data["immediate_start_text"].split())


class ContractAdmin(TaxAdmin):
    """Settings → Contracts, with the permissions of Settings → Tax."""

    uses_django_scripts = False
    title = gettext_lazy("Contracts")
    page_name = gettext_lazy("Contracts")
    form: Any = ContractForm
    inlines = []
    fieldsets = [
        (
            gettext_lazy("Immediate start"),
            {
                "description": gettext_lazy(
                    "A reader who withdraws pays for the days until then only if they asked you to begin at once."
                ),
                "fields": ["immediate_start", "immediate_start_text"],
            },
        ),
        (gettext_lazy("Withdrawal within 14 days"), {"fields": ["withdrawal_refund"]}),
        (
            gettext_lazy("Cancellation"),
            {
                "description": gettext_lazy(
                    "In Germany, consumers can end a contract that has renewed with at most a month’s notice "
                    "(§ 309 No. 9 BGB). A first term always ends with its period."
                ),
                "fields": ["cancellation_notice"],
            },
        ),
    ]

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return SettingsAdmin.response_change(self, request, obj)
