"""The tax in an amount, in whole minor units."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions.money import Money, percentage
from subscriptions.tax import vat_ids
from truthlytics.publication import get_publication
from truthlytics.publication.countries import EU

# A rate of 100 % in basis points, as rates are stored.
WHOLE = 10_000


class Kind(models.TextChoices):
    """Why an amount contains the tax that it does. "" means that nothing is known or said about tax."""

    RATE = "rate", gettext_lazy("VAT included")
    SMALL_BUSINESS = "small_business", gettext_lazy("Small-business scheme")
    REVERSE_CHARGE = "reverse_charge", gettext_lazy("Reverse charge")
    PROVIDER = "provider", gettext_lazy("Computed by the payment provider")


@dataclass(frozen=True, slots=True)
class Buyer:
    """What of a buyer decides about tax. `country` "" means our own; `vat_id` is normalised."""

    country: str = ""
    vat_id: str = ""


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax contained in `gross`. `rate` is in basis points (700 is 7 %), None if no rate is claimed.

    `note` is a sentence that must be said with it: of the small-business scheme, or why the rate is zero.
    `country` is the buyer's, as an ISO code, "" if no country is set.
    """

    gross: Money
    minor: int = 0
    rate: int | None = None
    kind: str = ""
    note: str = ""
    country: str = ""

    @property
    def tax(self) -> Money:
        return Money(self.minor, self.gross.currency)

    @property
    def included(self) -> str:
        """What the amount includes, such as "including 7% VAT"; "" if that is a sentence of its own, or nothing."""
        if self.kind == Kind.PROVIDER:
            return _("including tax")
        if self.kind == Kind.RATE and (self.rate or not self.note):
            return _("including %(rate)s VAT") % {"rate": as_percent(self.rate or 0)}
        return ""

    @property
    def sentence(self) -> str:
        """The sentence that must be said with an amount without tax; "" if there is none."""
        if self.kind == Kind.REVERSE_CHARGE:
            return _("Reverse charge: the recipient of the service owes the VAT.")
        return self.note

    @property
    def description(self) -> str:
        """The sentence about the tax, as text of its own: "including 7% VAT", or the sentence; "" if nothing is."""
        return self.included or self.sentence

    @property
    def net(self) -> Money:
        return Money(self.gross.minor - self.minor, self.gross.currency)


def tax_on(gross: Money, *, buyer: Buyer = Buyer(), on: date | None = None) -> Tax:
    """Return the tax contained in `gross` for `buyer` on the day `on` (default: today).

    Prices include tax, so the buyer's country changes the tax and never the amount to pay. In this order:

    1. With Stripe's automatic tax on, the provider computes, and ours is never applied: kind `provider`, no rate.
    2. Under the small-business scheme the tax is 0, with the scheme's sentence.
    3. A company with a valid VAT ID of another member state of the EU owes the tax itself (articles 44 and 196
       of Directive 2006/112/EC): 0, reverse charge.
    4. Else the rate of the buyer's country on that day applies (`Publication.tax_rate_for`), and without a rate in the
       settings nothing is claimed.

    Each line is rounded once, half up: net = gross × 10,000 / (10,000 + rate in basis points), and the tax is the rest,
    so that net and tax always add up to what is paid. Parts of an amount share its tax with `share_of`.
    """
    publication = get_publication()
    country = buyer.country or publication.country
    if settings.STRIPE_AUTOMATIC_TAX:
        return Tax(gross, kind=Kind.PROVIDER, country=country)
    if publication.small_business:
        return Tax(gross, kind=Kind.SMALL_BUSINESS, note=publication.small_business_note, country=country)
    if publication.tax_rate is None:
        return Tax(gross, country=country)
    vat_country = vat_ids.country_of(buyer.vat_id)
    if vat_country and vat_country != publication.country and publication.country in EU:
        return Tax(gross, rate=0, kind=Kind.REVERSE_CHARGE, country=vat_country)
    percent, note = publication.tax_rate_for(country, on or timezone.localdate())
    rate = int((percent or 0) * 100)
    return Tax(gross, tax_in(gross.minor, rate), rate, Kind.RATE, "" if rate else note, country)


def tax_in(gross: int, rate: int) -> int:
    """Return the tax in `gross` minor units at `rate` basis points; the net amount is rounded half up."""
    divisor = WHOLE + rate
    return gross - (2 * gross * WHOLE + divisor) // (2 * divisor)


def share_of(tax: int, *, whole: int, before: int, part: int) -> int:
    """Return the share of `tax`, contained in `whole`, of `part`, after parts of `before` minor units in total.

    Shares are in proportion, and those of all parts add up to `tax`: the last one takes the rest.
    """
    if not whole:
        return 0
    return tax * (before + part) // whole - tax * before // whole


def as_percent(rate: int) -> str:
    """Return a rate in basis points as readers see it: 700 is "7%", 1950 is "19.5%", in German "19,5 %"."""
    return percentage(Decimal(rate) / 100)


def asks_country() -> bool:
    """Whether a buyer's country can change the tax: there is a table of other rates."""
    publication = get_publication()
    return is_computed_here() and not publication.small_business and bool(publication.known_tax_rates)


def is_computed_here() -> bool:
    """Whether the settings have a tax to compute: a rate, or the small-business scheme, and not the provider's."""
    publication = get_publication()
    return not settings.STRIPE_AUTOMATIC_TAX and (publication.small_business or publication.tax_rate is not None)
