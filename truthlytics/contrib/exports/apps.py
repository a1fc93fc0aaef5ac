from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExportsConfig(AppConfig):
    name = "truthlytics.contrib.exports"
    label = "exports"
    verbose_name = _("Export")
    newsroom_actions = (
        (
            _("Export the site: the operator does it on the server"),
            "admin:index",
            "truthlytics.change_publication",
            "export archive download move exportieren archiv umziehen",
        ),
    )
