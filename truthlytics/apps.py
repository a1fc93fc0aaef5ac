"""The composing app and the newsroom's admin site."""

from typing import Any

import django.contrib.admin.apps
from django.apps import AppConfig, apps
from django.core.management import call_command
from django.db.models.signals import post_migrate


class TruthlyticsConfig(AppConfig):
    name = "truthlytics"
    verbose_name = "Truthlytics"
    default = True

    def ready(self) -> None:
        from truthlytics import (  # noqa: F401
            checks,
            signal_handlers,
        )
        from truthlytics.roles import grant_roles
        from truthlytics.web import (
            case_insensitive,  # noqa: F401
        )

        # Not `self`: the signal is sent only for apps with models, and this one has none.
        late = apps.get_app_config("sessions")
        post_migrate.connect(make_cache_table, sender=late)
        post_migrate.connect(grant_roles, sender=late)


class NewsdeskConfig(django.contrib.admin.apps.AdminConfig):
    default = False
    default_site = "truthlytics.newsroom.admin_site.NewsroomSite"


def make_cache_table(using: str, **kwargs: Any) -> None:
    """The shared cache's table comes with `migrate`, so that a site needs no further command."""
    call_command("createcachetable", database=using, verbosity=0)
