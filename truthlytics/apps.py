"""App configurations of the project and of its admin site."""

import django.contrib.admin.apps
from django.apps import AppConfig, apps
from django.core.management import call_command
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy

from truthlytics.monitoring import sentry


class TruthlyticsConfig(AppConfig):
    name = "truthlytics"
    verbose_name = gettext_lazy("site")
    default = True

    def ready(self) -> None:
        sentry.start()
        from truthlytics.newsroom.model_names import translate_names

        translate_names()
        from truthlytics import (  # noqa: F401
            checks,
            signal_handlers,
        )
        from truthlytics.publication.current import forget_publication
        from truthlytics.roles import grant_roles
        from truthlytics.web import (
            case_insensitive,  # noqa: F401
            private_database,  # noqa: F401
        )

        # post_migrate is sent per app, in the order of INSTALLED_APPS. By the time it is sent for `sessions`, the
        # permissions of the project's apps exist.
        sessions = apps.get_app_config("sessions")
        post_migrate.connect(create_cache_table, sender=sessions)
        post_migrate.connect(grant_roles, sender=sessions)
        post_migrate.connect(forget_publication, sender=sessions)


class NewsroomAdminConfig(django.contrib.admin.apps.AdminConfig):
    default = False
    default_site = "truthlytics.newsroom.admin_site.NewsroomSite"


def create_cache_table(using: str, **kwargs: object) -> None:
    call_command("createcachetable", database=using, verbosity=0)
