from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotationsConfig(AppConfig):
    name = "truthlytics.quotations"
    label = "quotations"
    verbose_name = _("quotations")
