"""The page Settings → Payments: the account for bank transfers and the default currency."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions import emails
from subscriptions.money import CURRENCIES
from truthlytics.newsroom.settings_admin import PERMISSION, PartAdmin
from truthlytics.publication import bank_account, default_currency, get_publication
from truthlytics.publication.proxies import PaymentSettings
from truthlytics.web.bank_accounts import compact, in_groups, is_bic, is_iban
from truthlytics.web.types import AdminForm
from truthlytics.web.users import user_of

UNSPACED = {"autocomplete": "off", "spellcheck": "false"}


class PaymentForm(forms.ModelForm[PaymentSettings]):
    class Meta:
        model = PaymentSettings
        fields = ("bank_holder", "bank_iban", "bank_bic", "default_currency")
        widgets = {
            "bank_holder": forms.TextInput(attrs={"size": 40, "autocomplete": "off"}),
            "bank_iban": forms.TextInput(attrs={"size": 40, **UNSPACED}),
            "bank_bic": forms.TextInput(attrs={"size": 14, **UNSPACED}),
            "default_currency": forms.Select,
        }
        help_texts = {
            "bank_holder": gettext_lazy("Leave blank to use the publisher’s name."),
            "bank_iban": gettext_lazy("Leave blank to use the account in the environment (BANK_IBAN), if any."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "default_currency" in self.fields:
            usual = _("As in the environment: %(currency)s") % {"currency": settings.DEFAULT_CURRENCY}
            widget: Any = self.fields["default_currency"].widget
            widget.choices = [("", usual), *((code, code) for code in CURRENCIES)]

    def clean_bank_iban(self) -> str:
        """Return the IBAN in groups of four."""
        iban = compact(self.cleaned_data["bank_iban"])
        if not iban or is_iban(iban):
            return in_groups(iban)
        raise ValidationError(
            _("This is not a valid IBAN, such as DE89 3704 0044 0532 0130 00. Check it for typing errors.")
        )

    def clean_bank_bic(self) -> str:
        bic = compact(self.cleaned_data["bank_bic"])
        if bic and not is_bic(bic):
            raise ValidationError(_("A BIC has 8 or 11 letters and digits, as in COBADEFFXXX."))
        return bic

    def clean_default_currency(self) -> str:
        code: str = self.cleaned_data["default_currency"]
        if code and code not in CURRENCIES:
            raise ValidationError(_("Choose one of the currencies."))
        return code

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        belongs_to_account = data.get("bank_holder") or data.get("bank_bic")
        if belongs_to_account and not data.get("bank_iban") and "bank_iban" not in self.errors:
            self.add_error("bank_iban", _("Enter the IBAN of this account, or leave holder and BIC blank, too."))
        return data


class PaymentAdmin(PartAdmin):
    title = gettext_lazy("Payments")
    page_name = gettext_lazy("Payments")
    form = PaymentForm
    readonly_fields = ["account_in_use", "currency_in_use"]
    fieldsets = [
        (
            gettext_lazy("Bank transfer"),
            {
                "description": gettext_lazy(
                    "Readers see this account when they pay by transfer. Keys of payment providers are set in the "
                    "environment only."
                ),
                "fields": ["account_in_use", "bank_holder", "bank_iban", "bank_bic"],
            },
        ),
        (gettext_lazy("Prices"), {"fields": ["currency_in_use", "default_currency"]}),
    ]

    def save_model(self, request: HttpRequest, obj: PaymentSettings, form: AdminForm, change: bool) -> None:
        """Save, and tell everyone with permission to change the settings if transfers go to another account."""
        old = bank_account()
        super().save_model(request, obj, form, change)
        new = bank_account()
        if new == old:
            return
        backend: Any = ModelBackend()
        for person in backend.with_perm(PERMISSION).filter(is_staff=True).order_by("pk"):
            emails.bank_account_changed(person, by=user_of(request), old=old, new=new)

    @admin.display(description=gettext_lazy("in use"))
    def account_in_use(self, changed: PaymentSettings) -> str:
        # The stored row: `changed` has what was typed into a refused form.
        account = bank_account()
        if not account.iban:
            return _("None. Readers cannot pay by bank transfer.")
        values = {"holder": account.holder, "iban": account.iban}
        if get_publication().bank_iban:
            return _("%(holder)s, %(iban)s, from this page") % values
        return _("%(holder)s, %(iban)s, from the environment (BANK_IBAN)") % values

    @admin.display(description=gettext_lazy("in use"))
    def currency_in_use(self, changed: PaymentSettings) -> str:
        values = {"currency": default_currency()}
        if get_publication().default_currency:
            return _("%(currency)s, from this page") % values
        return _("%(currency)s, from the environment (DEFAULT_CURRENCY)") % values
