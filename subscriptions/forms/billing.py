"""The details of a buyer for orders, receipts and tax. All are optional."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions.models import BillingDetails, BillingProfile, Cart, User
from subscriptions.models.billing import BILLING_FIELDS
from subscriptions.services.taxation import profile_of
from subscriptions.tax import asks_country, is_computed_here, vat_ids
from truthlytics.publication import get_publication
from truthlytics.publication.countries import COUNTRIES, EU, country_choices, country_name


class BillingForm(forms.ModelForm[BillingProfile]):
    """Country, company, address and VAT ID. The country is asked only if it can change the tax."""

    class Meta:
        model = BillingProfile
        fields = BILLING_FIELDS
        labels = {"vat_id": gettext_lazy("VAT ID"), "address": gettext_lazy("Address of the company")}
        widgets = {
            "company": forms.TextInput(attrs={"autocomplete": "organization"}),
            "address": forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
            "vat_id": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, ask_country: bool | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home = get_publication().country
        if asks_country() if ask_country is None else ask_country:
            choice = forms.ChoiceField(label=_("Country"), choices=country_choices(), initial=self.home)
            choice.widget.attrs["autocomplete"] = "country"
            self.fields["country"] = choice
            self.initial["country"] = self.instance.country or self.home
        else:
            del self.fields["country"]

    @property
    def has_details(self) -> bool:
        """Whether there is more to show than the country."""
        has_values = any(self[name].value() for name in BILLING_FIELDS if name != "country")
        return has_values or any(name != "country" for name in self.errors)

    def clean_vat_id(self) -> str:
        """Return the normalised VAT ID. One of another country than the EU can't be checked and is printed as it is."""
        vat_id = vat_ids.normalised(self.cleaned_data["vat_id"])
        prefix = "GR" if vat_id.startswith("EL") else vat_id[:2]
        if vat_id and (prefix not in COUNTRIES or not vat_id.isascii() or not vat_id.isalnum()):
            raise forms.ValidationError(_("A VAT ID begins with the two letters of its country, such as DE136695976."))
        if prefix in EU and not vat_ids.country_of(vat_id):
            message = _("This is not a valid VAT ID (%(country)s). Please check it for typing errors.")
            raise forms.ValidationError(message % {"country": country_name(prefix)})
        return vat_id

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        vat_id, company = data.get("vat_id"), data.get("company")
        vat_country = vat_ids.country_of(str(vat_id or ""))
        if vat_id and not company and "company" not in self.errors:
            self.add_error("company", _("Enter the name of the company. An invoice with a VAT ID needs it."))
        if (vat_id or company) and not data.get("address") and "address" not in self.errors:
            self.add_error("address", _("Enter the address of the company. Its invoice needs it."))
        if vat_country and data.get("country", vat_country) != vat_country:
            self.add_error("country", _("The VAT ID is of another country. Choose the country of the company."))
        if "country" not in self.fields:
            self.instance.country = vat_country if vat_country != self.home else ""
        return data

    def details(self) -> dict[str, str]:
        """Return the details of a valid form by field."""
        return {name: getattr(self.instance, name) for name in BILLING_FIELDS}


def billing_form(user: User, data: object = None) -> BillingForm | None:
    """Return the form of the reader's details for orders and renewals to come; None while no tax is configured."""
    if not _asks():
        return None
    return BillingForm(data, instance=profile_of(user) or BillingProfile(user=user))


def visitor_billing_form(cart: Cart, data: object = None) -> BillingForm | None:
    """Return the form of the details that a cart without an account keeps; None while no tax is configured."""
    return BillingForm(data, instance=BillingProfile().copy_billing(cart)) if _asks() else None


def _asks() -> bool:
    return is_computed_here() or bool(get_publication().country)


def correction_form(details: BillingDetails, data: object = None) -> BillingForm:
    """Return the form of the details on a receipt to be issued again."""
    return BillingForm(data, instance=BillingProfile().copy_billing(details), ask_country=True)
