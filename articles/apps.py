from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ArticlesConfig(AppConfig):
    name = "articles"

    def ready(self) -> None:
        from articles.search.schema import restore_triggers

        post_migrate.connect(restore_triggers, sender=self)
