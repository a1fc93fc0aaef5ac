from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from comments.search import WORDS

        post_migrate.connect(WORDS.restore_triggers, sender=self)
