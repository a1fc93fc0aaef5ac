"""The settings page about contracts with readers."""

from django.utils.translation import gettext_lazy as _

from truthlytics.publication.models import Publication


class ContractSettings(Publication):
    """The publication’s row, for the page Settings → Contracts."""

    class Meta:
        app_label = "truthlytics"
        proxy = True
        verbose_name = _("contract settings")
        verbose_name_plural = _("contract settings")
