"""Who is charged, and the tax in an amount, as stored with orders and payments."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from subscriptions.money import Money
from subscriptions.tax import Buyer, Kind, Tax
from truthlytics.publication.countries import country_choices


class BillingDetails(models.Model):
    """The details of a buyer that are printed on receipts and decide about tax. All may be empty."""

    # ISO 3166-1; "" for readers who were not asked, and before a country was set.
    country = models.CharField(_("country"), max_length=2, blank=True, choices=country_choices)
    company = models.CharField(_("company"), max_length=120, blank=True)
    address = models.TextField(_("address"), max_length=400, blank=True)
    # Without spaces and in capitals.
    vat_id = models.CharField(_("VAT ID"), max_length=20, blank=True)

    class Meta:
        abstract = True

    @property
    def buyer(self) -> Buyer:
        return Buyer(self.country, self.vat_id)

    def copy_billing(self, other: "BillingDetails | None") -> Self:
        """Take over the details of `other`, unsaved. Without `other`, they are emptied."""
        for name in BILLING_FIELDS:
            setattr(self, name, getattr(other, name) if other is not None else "")
        return self

    @property
    def has_billing(self) -> bool:
        return any(getattr(self, name) for name in BILLING_FIELDS)


BILLING_FIELDS = ("country", "company", "address", "vat_id")


class BillingProfile(BillingDetails):
    """A reader's details for orders and renewals to come. Orders and payments keep their own copy."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="billing_profile")

    def __str__(self) -> str:
        return self.company or self.country


class TaxFacts(models.Model):
    """The tax in an amount as it was at the sale: never computed again. See `subscriptions.tax.Tax`."""

    tax_kind = models.CharField(_("tax"), max_length=14, choices=Kind, blank=True)
    # In basis points: 700 is 7 %. None if no rate is claimed.
    tax_rate = models.PositiveSmallIntegerField(_("tax rate"), null=True, blank=True)
    tax_minor = models.BigIntegerField(_("tax included"), default=0)
    tax_note = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True

    def set_tax(self, tax: Tax) -> None:
        """Take over the tax, unsaved."""
        self.tax_kind, self.tax_rate, self.tax_minor, self.tax_note = tax.kind, tax.rate, tax.minor, tax.note

    @property
    def gross(self) -> Money:
        raise NotImplementedError

    @property
    def contained_tax(self) -> Tax:
        return Tax(self.gross, self.tax_minor, self.tax_rate, self.tax_kind, self.tax_note)

    @property
    def net(self) -> Money:
        return self.contained_tax.net

    @property
    def tax(self) -> Money:
        return self.contained_tax.tax

    @property
    def tax_text(self) -> str:
        """What is said of the tax, in the current language, such as "including 7% VAT"; "" if nothing is."""
        return self.contained_tax.description
