"""Proxies of the publication’s row, for the pages of settings about payments and email."""

from django.utils.translation import gettext_lazy as _

from truthlytics.publication.models import Publication


class PaymentSettings(Publication):
    class Meta:
        app_label = "truthlytics"
        proxy = True
        verbose_name = _("payment settings")
        verbose_name_plural = _("payment settings")


class EmailSettings(Publication):
    class Meta:
        app_label = "truthlytics"
        proxy = True
        verbose_name = _("email settings")
        verbose_name_plural = _("email settings")
