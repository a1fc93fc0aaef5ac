"""The table of VAT rates by the buyer’s country, and the settings page that shows it."""

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from truthlytics.publication.countries import country_choices, country_name
from truthlytics.publication.current import publication_changed
from truthlytics.publication.models import Publication


class TaxRate(models.Model):
    """The VAT rate for buyers in a country from a day on. Rows for our own country change our own rate.

    Without rows, `Publication.tax_rate` applies everywhere. See `Publication.tax_rate_for`.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, default=1, related_name="tax_rates")
    country = models.CharField(_("country of the buyer"), max_length=2, choices=country_choices)
    rate = models.DecimalField(
        _("rate in per cent"), max_digits=4, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    valid_from = models.DateField(_("valid from"), default=timezone.localdate)
    note = models.CharField(
        _("sentence of a rate of 0 %"),
        max_length=200,
        blank=True,
        help_text=_("The reason, said with prices and on invoices: “Not subject to VAT in the European Union.”"),
    )

    class Meta:
        app_label = "truthlytics"
        verbose_name = _("VAT rate")
        verbose_name_plural = _("VAT rates by country")
        ordering = ["country", "-valid_from"]
        constraints = [
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lt=100), name="tax_rate_in_range"),
            models.UniqueConstraint(
                fields=["country", "valid_from"],
                name="one_tax_rate_per_country_and_day",
                violation_error_message=_("There is a rate for this country from this day on. Change that one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{country_name(self.country)}, {self.valid_from:%Y-%m-%d}: {self.rate} %"

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        publication_changed()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        publication_changed()
        return deleted


class TaxSettings(Publication):
    """The publication’s row, for the page Settings → Tax."""

    class Meta:
        app_label = "truthlytics"
        proxy = True
        verbose_name = _("tax settings")
        verbose_name_plural = _("tax settings")
