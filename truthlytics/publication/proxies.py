"""Proxies of the publication’s row, for the pages of settings that do not show the columns of their own form."""

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


class DesignSettings(Publication):
    """No columns of its own: the page edits a draft of the design, and publishes it."""

    class Meta:
        app_label = "truthlytics"
        proxy = True
        verbose_name = _("design")
        verbose_name_plural = _("design")


class RecordSettings(Publication):
    """No columns of its own: the page lists witnesses and logs."""

    class Meta:
        app_label = "truthlytics"
        proxy = True
        verbose_name = _("record settings")
        verbose_name_plural = _("record settings")


class ConnectionSettings(Publication):
    """No columns of its own: the page lists what other programs can do here."""

    class Meta:
        app_label = "truthlytics"
        proxy = True
        verbose_name = _("connection settings")
        verbose_name_plural = _("connection settings")


class LoginSettings(Publication):
    class Meta:
        app_label = "truthlytics"
        proxy = True
        verbose_name = _("login settings")
        verbose_name_plural = _("login settings")


class CrawlerSettings(Publication):
    class Meta:
        app_label = "truthlytics"
        proxy = True
        verbose_name = _("crawler settings")
        verbose_name_plural = _("crawler settings")


class SystemSettings(Publication):
    """No columns of its own: the page says whether everything runs."""

    class Meta:
        app_label = "truthlytics"
        proxy = True
        verbose_name = _("system")
        verbose_name_plural = _("system")
